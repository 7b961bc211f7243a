"""The world of one Stripe account: its objects, its clock, and what falls due.

Objects are plain dicts by id, unexpanded, in Stripe's own shape. Everything here runs under `world.lock`;
the wire takes it for each request, `advance` and the background threads take it themselves.
"""

from __future__ import annotations

import copy
import secrets
import string
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from local.stripe import events, shapes
from local.stripe.changes import previous_attributes
from local.stripe.clock import Clock
from local.stripe.errors import no_such
from local.stripe.faults import Faults
from local.stripe.idempotency import Replies
from local.stripe.requestlog import Request, RequestLog
from local.stripe.webhooks import Deliveries

Object = dict[str, Any]
DueHandler = Callable[["World", str], None]

PREFIXES = {
    "charge": "ch_", "checkout.session": "cs_test_", "coupon": "", "customer": "cus_", "discount": "di_",
    "event": "evt_", "invoice": "in_", "invoice_payment": "inpay_", "invoiceitem": "ii_", "item": "li_",
    "line_item": "il_", "payment_intent": "pi_",
    "payment_method": "pm_", "price": "price_", "product": "prod_", "promotion_code": "promo_",
    "refund": "re_", "setup_attempt": "setatt_", "setup_intent": "seti_", "subscription": "sub_",
    "subscription_item": "si_", "subscription_schedule": "sub_sched_", "tax_rate": "txr_",
    "webhook_endpoint": "we_",
    "dispute": "du_", "mandate": "mandate_", "balance_transaction": "txn_", "credit_note": "cn_", "tax_id": "txi_",
}  # fmt: skip
_SHORT = ("customer", "product", "subscription_item", "coupon")
_LETTERS = string.ascii_letters + string.digits
LATE = 60

DUE: dict[str, DueHandler] = {}


def due(kind: str) -> Callable[[DueHandler], DueHandler]:
    """Register what is done when a thing of this kind falls due; called with the world and the object's id."""

    def register(handler: DueHandler) -> DueHandler:
        DUE[kind] = handler
        return handler

    return register


def random_text(length: int) -> str:
    """Letters and digits, for ids and secrets."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


class World:
    """All that one local Stripe knows. `base_url` is where it listens, for the links it hands out."""

    def __init__(self, base_url: str = "http://127.0.0.1") -> None:
        self.base_url = base_url
        self.lock = threading.RLock()
        self.deliveries = Deliveries(self)
        self.faults = Faults()
        self.log = RequestLog()
        self.request: Request | None = None
        self.clock = Clock()
        self._clear()

    def _clear(self) -> None:
        self.objects: dict[str, Object] = {}
        self._hidden: dict[str, Object] = {}
        self.schedule: dict[tuple[str, str], int] = {}
        self.replies = Replies()
        self.settings: dict[str, Any] = {}
        self.counters: Counter[str] = Counter()
        self._order: dict[str, int] = {}
        self._by_name: dict[str, list[str]] = {}
        self.dirty = True

    def reset(self, keep: tuple[str, ...] = ()) -> None:
        """Forget everything but the objects named (such as `webhook_endpoint`); time goes on from real now."""
        kept = [(obj, self._hidden.get(id, {})) for id, obj in self.objects.items() if obj["object"] in keep]
        self._clear()
        self.clock = Clock()
        self.deliveries.reset()
        self.faults.reset()
        self.log.reset()
        for obj, hidden in kept:
            self.put(obj, hidden)

    def now(self) -> int:
        """Epoch seconds by this world's clock."""
        return self.clock.now()

    # Objects

    def add(self, object_name: str, *, id: str | None = None, hidden: Object | None = None, **given: Any) -> Object:
        """Make an object, complete in Stripe's shape, and keep it.

        Gives it an id, `created` (now) and `livemode` where its class has them and they were not given.
        `hidden` is what Stripe knows of it but never shows; read it back with `hidden(id)`.
        """
        known = shapes.fields(shapes.object_class(object_name))
        automatic = {"created": self.now(), "livemode": False}
        base = {name: value for name, value in automatic.items() if name in known}
        obj = shapes.complete(object_name, **{**base, **given, "id": id or self.new_id(object_name)})
        return self.put(obj, hidden)

    def new_id(self, object_name: str) -> str:
        """A fresh id in the style of Stripe's."""
        length = 14 if object_name in _SHORT else 22
        return PREFIXES[object_name] + ("" if length == 14 else "1L") + random_text(length)

    def put(self, obj: Object, hidden: Object | None = None) -> Object:
        """Keep an object made elsewhere, under its own id."""
        id = obj["id"]
        self._order.setdefault(id, len(self._order))
        if id not in self.objects:
            self._by_name.setdefault(obj["object"], []).append(id)
        self.objects[id] = obj
        if hidden:
            self._hidden[id] = hidden
        return obj

    def get(self, object_name: str, id: str, param: str = "id", status: int = 404) -> Object:
        """The object with this id, deleted stubs included. Raises StripeError: no such object."""
        obj = self.objects.get(id)
        if obj is None or obj["object"] != object_name:
            raise no_such(object_name, id, param, status)
        return obj

    def live(self, object_name: str, id: str, param: str = "id", status: int = 404) -> Object:
        """The same, and a deleted object is missing too."""
        obj = self.get(object_name, id, param, status)
        if obj.get("deleted"):
            raise no_such(object_name, id, param, status)
        return obj

    def of(self, object_name: str, customer: str | None = None) -> list[Object]:
        """All objects of a kind that are not deleted, newest first; only this customer's if one is given."""
        alive = (self.objects[id] for id in self._by_name.get(object_name, ()))
        if customer is not None:
            # before sorting, or ten thousand customers' lists take forever
            alive = (obj for obj in alive if obj.get("customer") == customer)
        return sorted((obj for obj in alive if not obj.get("deleted")), key=self.position, reverse=True)

    def position(self, obj: Object) -> tuple[int, int]:
        """What lists are sorted by: time of creation, then order of creation."""
        return obj.get("created", 0), self._order[obj["id"]]

    def hidden(self, id: str) -> Object:
        """What Stripe knows of an object but never shows, such as which test card it is. May be written to."""
        return self._hidden.setdefault(id, {})

    def delete(self, obj: Object) -> Object:
        """Leave only the stub Stripe answers with for a deleted object."""
        stub = {"id": obj["id"], "object": obj["object"], "deleted": True}
        self.objects[obj["id"]] = stub
        return stub

    # Events

    def emit(self, type: str, obj: Object, previous: Object | None = None) -> Object:
        """Record an event about an object as it is now, and send it to the webhook endpoints that want it."""
        return events.emit(self, type, obj, previous)

    @contextmanager
    def change(self, obj: Object, type: str) -> Iterator[None]:
        """Emit an event with `previous_attributes` if the block changes the object."""
        before = copy.deepcopy(obj)
        yield
        previous = previous_attributes(before, obj)
        if previous:
            self.emit(type, obj, previous)

    # Time

    def at(self, moment: int, kind: str, id: str) -> None:
        """Let a thing fall due: the `due(kind)` handler runs then. Replaces an earlier one of kind and id."""
        if kind not in DUE:
            raise KeyError(f"nothing handles {kind}")
        self.schedule[kind, id] = moment

    def cancel(self, kind: str, id: str) -> None:
        """Let it not fall due after all."""
        self.schedule.pop((kind, id), None)

    def run_due(self, until: int | None = None) -> None:
        """Do all that falls due up to a moment (now), in order of time, each at its own time."""
        with self.lock:
            end = self.now() if until is None else until
            while ready := [(moment, key) for key, moment in self.schedule.items() if moment <= end]:
                moment, (kind, id) = min(ready)
                del self.schedule[kind, id]
                self.clock.hold(max(moment, 0))
                try:
                    DUE[kind](self, id)
                finally:
                    self.clock.release(moment)
                self.dirty = True

    def advance(self, until: int) -> None:
        """Move the clock forward, doing on the way what falls due. ValueError when it lies behind.

        Real time goes on meanwhile: a moment that passed while the call was on its way is no mistake.
        """
        with self.lock:
            if until < self.now() - LATE:
                raise ValueError("the clock cannot be moved back")
            self.run_due(until)
            self.clock.release(until)
            self.dirty = True
