"""What a customer can do that moves money or rights, one entry each, and what is true of an item after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import requests

from chalicelib.billing.intents import BillingEvent, Intent
from chalicelib.storage.packing import unpack
from local.stripe_process import SECRET_KEY
from tests.functional.neighbours import bought_before_we_came
from tests.functional.traces import rows
from tests.functional.visitor import Page, Visitor, filled
from tests.shop import CHARGE_FAILS, MASTERCARD, Shop
from tests.stack import TestStack


@dataclass(frozen=True)
class Act:
    """One thing to do with an item.

    `ready` makes an item at Stripe to do it with; `overdue`: a renewal of it failed, and with `mended` a good card is
    there again; `given_up`: Stripe ended it over that, and with `mended` what was open is paid since; `canceled`: the
    customer canceled it here before. `path` below the item's page has the form whose button begins with `button`;
    `event` is published once when it is done. `halfway`: what else may be true after the process died, for an act of
    two effects each of which stands for itself; `says` is on the page when all is done.
    `wait` passes after the items were made. `page` is where the form is looked for, `path` below it; `spare` gives each
    item a card of its own that nothing is charged to (`{own}` in `page`).
    """

    button: str
    event: str
    says: str
    path: str = ""
    ready: Callable[["Customer"], str] = lambda customer: customer.subscription()
    overdue: bool = False
    mended: bool = False
    given_up: bool = False
    canceled: bool = False
    new_card: bool = False
    wait: str = ""
    page: str = "/items/{item}"
    spare: bool = False
    halfway: Mapping[str, Any] = field(default_factory=dict)


# the card is changed, and the page offers to pay what is still open
CARD_ONLY = {
    "status": "past_due",
    "invoice": "open",
    "collected": True,
    "paid": 4900,
    "events": ["card.changed"],
}
# what was open is paid, and the page offers to go on with the plan
PAID_ONLY = {"going on": 0, "events": ["payment.recovered"], "mails": 0}
MONTH = 365.2425 * 86_400 / 12
WALLET = "/cards/{own}/remove"
# a plan whose first instalment is paid
of_plan = partial(Act, ready=lambda c: c.plan(), wait="PT2H")
ACTS = {
    "cancel": Act("Cancel sub", "subscription.canceling", "won’t be charged again", "/cancel"),
    "cancel, overdue": Act("Cancel sub", "subscription.canceling", "won’t be charged again", "/cancel", overdue=True),
    "cancel, with a schedule": Act(
        "Cancel sub", "subscription.canceling", "won’t be charged again", "/cancel", ready=lambda c: c.scheduled()
    ),
    "undo": Act("Keep", "subscription.kept", "goes on", canceled=True),
    "undo, overdue": Act("Keep", "subscription.kept", "goes on", overdue=True, canceled=True),
    "undo, with a schedule": Act("Keep", "subscription.kept", "goes on", ready=lambda c: c.scheduled(), canceled=True),
    "change card": Act("Use this", "card.changed", "is charged to Mastercard •••• 4444", "/card", new_card=True),
    "change card and pay": Act(
        "Use this",
        "card.changed",
        "is charged to Mastercard •••• 4444",
        "/card",
        overdue=True,
        new_card=True,
        halfway=CARD_ONLY,
    ),
    "pay": Act("Pay", "payment.recovered", "is paid", overdue=True, mended=True),
    "pay, a plan": of_plan("Pay", "payment.recovered", "is paid", "/pay", overdue=True, mended=True),
    "resume": of_plan("Go on", "plan.resumed", "goes on", "/resume", given_up=True, mended=True),
    "pay with another card, ended": of_plan(
        "Use this", "payment.recovered", "is paid", "/card", given_up=True, new_card=True
    ),
    "pay and resume": of_plan(
        "Pay $199.00 now and go on", "plan.resumed", "is paid", "/pay", given_up=True, halfway=PAID_ONLY
    ),
    "remove card": Act("Remove this", "card.removed", "Removed", page=WALLET, spare=True),
    "replace and remove": Act(
        "Replace and remove", "card.removed", "Removed", page=WALLET, ready=lambda c: c.on_its_own_card(), new_card=True
    ),
    "pay next": of_plan("Pay", "plan.paid_ahead", "is paid", "/pay-next"),
    "pay off": of_plan("Pay", "plan.paid_off", "Completed", "/pay-off"),
}


class Customer:
    """Somebody with as many items, all ready for one act, as wanted; signed in, all of it known to the portal."""

    def __init__(self, stack: TestStack, shop: Shop, mailbox: str, act: Act, many: int) -> None:
        self.stack, self.shop, self.act, self.visitor = stack, shop, act, Visitor(stack)
        with bought_before_we_came(stack):
            self.id = shop.customer(mailbox)
            self.good = shop.card(self.id, MASTERCARD)
            self._price = shop.price()
            self.own: dict[str, str] = {}
            self.items = [act.ready(self) for _ in range(many)]
            self.own |= {item: shop.card(self.id) for item in self.items if act.spare}
            if act.wait:
                stack.clock.move_to(stack.clock.later(act.wait))
            if act.overdue:
                self._fall_due()
            if act.given_up:
                self._be_given_up()
            self.visitor.sign_in(mailbox)
        for item in self.items if act.canceled else ():
            self.visitor.open(f"/items/{item}/cancel")
            self.visitor.press("Cancel subscription")
        stack.settle()

    def subscription(self) -> str:
        """At 49.00 a month."""
        params: Any = {"customer": self.id, "items": [{"price": self._price}]}
        return self.shop.v1.subscriptions.create(params).id

    def on_its_own_card(self) -> str:
        """The same, charged to a card that nothing else is charged to."""
        item = self.subscription()
        self.own[item] = self.shop.card(self.id)
        self.shop.v1.subscriptions.update(item, {"default_payment_method": self.own[item]})
        return item

    def plan(self) -> str:
        """A payment plan, its first instalment still to be paid."""
        return self.shop.plan(self.id)

    def scheduled(self) -> str:
        """The same driven by a schedule."""
        item = self.subscription()
        made = self.shop.v1.subscription_schedules.create({"from_subscription": item})
        phase = {
            "items": [{"price": self._price}],
            "start_date": made.phases[0].start_date,
            "end_date": made.phases[0].end_date,
        }
        later = {
            "items": [{"price": self._price, "quantity": 2}],
            "duration": {"interval": "month", "interval_count": 3},
        }
        params: Any = {"phases": [phase, later], "end_behavior": "release"}
        self.shop.v1.subscription_schedules.update(made.id, params)
        return item

    def form(self, item: str) -> tuple[str, dict[str, str]]:
        """Where the form for the act leads, and its fields."""
        page = self.visitor.open(self.act.page.format(item=item, own=self.own.get(item, "")) + self.act.path)
        button = next(says for says in page.buttons if says.startswith(self.act.button))
        form, pressed = page.form(button)
        fields = filled(form, {"instead" if self.own else "card": self.good} if self.act.new_card else {})
        return form["action"], fields | ({pressed["name"]: pressed["value"]} if pressed["name"] else {})

    def again(self, item: str) -> Page:
        """Do it undisturbed."""
        path, fields = self.form(item)
        return self.visitor.send(path.removeprefix(self.stack.portal_url.removeprefix(self.stack.place.origin)), fields)

    def listed(self, what: str, **params: Any) -> list[dict[str, Any]]:
        """All objects of one kind that this customer has at Stripe, as plain data."""
        query, found = {"customer": self.id, "limit": 100, **params}, list[dict[str, Any]]()
        query |= {f"{name}[]": query.pop(name) for name in ("expand",) if name in query}
        while True:
            page = requests.get(f"{self.stack.stripe.url}/v1/{what}", query, auth=(SECRET_KEY, ""), timeout=60).json()
            found += page["data"]
            if not page["has_more"]:
                return found
            query["starting_after"] = found[-1]["id"]

    def _card_fails(self, after: str) -> None:
        failing = self.shop.card(self.id, CHARGE_FAILS)
        for item in self.items:
            self.shop.v1.subscriptions.update(item, {"default_payment_method": failing})
        self.stack.clock.move_to(self.stack.clock.later(after))

    def _fall_due(self) -> None:
        self._card_fails("P32D")
        for item in self.items if self.act.mended else ():
            self.shop.v1.subscriptions.update(item, {"default_payment_method": self.good})

    def _be_given_up(self) -> None:
        """What has ended takes no card any more, its open bills do."""
        self.stack.stripe.call("POST", "billing", {"after_retries": "cancel"})
        self._card_fails("P60D")
        for item in self.items:
            for bill in self.shop.v1.invoices.list({"subscription": item, "status": "open"}).data:
                if not self.act.new_card:
                    self.shop.v1.invoices.update(bill.id, {"default_payment_method": self.good})
                if self.act.mended:
                    self.shop.v1.invoices.pay(bill.id)


def truths(customer: Customer) -> dict[str, dict[str, Any]]:
    """What is so of each item: at Stripe, in our records, in mails. The same words for the same state of any item."""
    return Truths(customer).all()


class Truths:
    """Everything read once for all items of a customer."""

    def __init__(self, customer: Customer) -> None:
        self._customer = customer
        kept, events = rows(customer.stack, "INTENT#").values(), rows(customer.stack, "OUTBOX").values()
        self._attempts = [unpack(row["data"]["B"], Intent) for row in kept if row["state"]["S"] != "released"]
        self._events = [unpack(row["data"]["B"], BillingEvent) for row in events]
        self._unsent = [unpack(row["data"]["B"], BillingEvent).item for row in events if "due" in row]
        mails = customer.stack.outbox.all()
        self._mails = [mail.text for mail in mails if "failed" not in str(mail.message["subject"])]
        marks = (each["metadata"] for each in customer.listed("subscriptions", status="all"))
        self._resumed = [item for mark in marks for item in mark.get("tillkey_continues", "").split()]
        self._saved = {method["id"] for method in customer.listed("payment_methods")}
        self._invoices = customer.listed("invoices", expand=["data.payments"])

    def all(self) -> dict[str, dict[str, Any]]:
        """By item."""
        subscriptions = self._customer.listed("subscriptions", status="all", expand=["data.schedule"])
        return {now["id"]: self._of(now) for now in subscriptions if now["id"] in self._customer.items}

    def _of(self, now: dict[str, Any]) -> dict[str, Any]:
        item, end = now["id"], now["items"]["data"][0]["current_period_end"]
        own = self._customer.own.get(item, item)
        mine = [attempt for attempt in self._attempts if attempt.item in {item, own}]
        told = [event for event in self._events if item == event.item or own == event.data.get("card")]
        bills = [invoice for invoice in self._invoices if self._is_for(invoice, item) and invoice["status"] != "void"]
        latest = next(i for i in self._invoices if i["id"] == now["latest_invoice"])
        return {
            "status": now["status"],
            "canceling": (now["cancel_at_period_end"], now["cancel_at"] == end),
            "marked": bool(now["metadata"].get("tillkey_cancel")),
            "card": now["default_payment_method"] == self._customer.good,
            "schedule": _phases(now["schedule"]) if now["schedule"] else "",
            "invoice": latest["status"],
            "collected": latest["auto_advance"],
            "invoices": len(bills),
            "paid": sum(i["amount_paid"] for i in self._invoices if self._is_for(i, item)),
            "open attempts": sum(attempt.outcome is None for attempt in mine),
            "own card": own in self._saved,
            "events": sorted(event.type for event in told),
            "skips": bool(now["pause_collection"]),
            "going on": self._resumed.count(item),
            "unsent": self._unsent.count(item),
            "mails": sum(f"/items/{item}" in text for text in self._mails),
        }

    def _is_for(self, invoice: dict[str, Any], item: str) -> bool:
        parent, metadata = invoice["parent"], invoice["metadata"]
        owner = parent["subscription_details"]["subscription"] if parent else metadata.get("tillkey_payoff")
        return bool(owner == item)

    def charged_twice(self) -> list[str]:
        """Money taken beyond what the invoices of this customer say was paid."""
        charges = self._customer.listed("charges")
        taken = sum(charge["amount"] for charge in charges if charge["status"] == "succeeded")
        paid = sum(invoice["amount_paid"] for invoice in self._invoices)
        return [f"{taken} taken for {paid}"] if taken != paid else []


def _phases(schedule: dict[str, Any]) -> str:
    lengths = [round((phase["end_date"] - phase["start_date"]) / MONTH) for phase in schedule["phases"]]
    phases = list(zip((phase["items"][0]["quantity"] for phase in schedule["phases"]), lengths, strict=True))
    marked = bool(schedule["metadata"].get("tillkey_cancel"))
    return f"{schedule['status']} {schedule['end_behavior']} {phases} {marked}"
