"""Stripe's door: only what Stripe signed, each event once, and none is lost for good."""

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import config, wiring
from chalicelib.billing import reconcile
from chalicelib.storage.secrets import SsmSecrets
from chalicelib.web import work
from chalicelib.wiring import portal
from local.aws import make_queue
from local.portal import QUEUE, TABLE
from local.stripe.webhooks import signature
from local.stripe_process import WEBHOOK_SECRET
from tests.functional import notes as notebook
from tests.functional.neighbours import ADA, bought_before_we_came
from tests.functional.traces import changes, rows, traces, waiting
from tests.functional.visitor import SESSION, Visitor
from tests.functional.wire import Answer, Wire
from tests.shop import MASTERCARD, Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only


@dataclass
class Door:
    """Ada's subscription was cancelled at Stripe; the event that tells of it is in our hands, not yet delivered."""

    stack: TestStack
    wire: Wire
    ada: Visitor
    event: dict[str, Any]

    @property
    def body(self) -> bytes:
        """The event as Stripe sends it."""
        return json.dumps(self.event, indent=2).encode()

    def header(self, body: bytes | None = None, away: int = 0, secret: str = WEBHOOK_SECRET) -> str:
        """The signature as Stripe makes it."""
        return signature(secret, self.body if body is None else body, int(self.stack.clock.now()) + away)

    def deliver(self, body: bytes | None = None, header: str | None = None) -> Answer:
        """Bring it to the door."""
        body = self.body if body is None else body
        signed = self.header(body) if header is None else header
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signed}
        return self.wire.send("POST", "/webhooks/stripe", headers, body)

    @property
    def told(self) -> bool:
        """Whether Ada's page knows of the cancellation."""
        return "Canceling" in self.ada.open("/").text


@pytest.fixture
def door(stack: TestStack, shop: Shop, wire: Wire, visitor: Visitor) -> Door:
    """An event that Stripe has not delivered."""
    with bought_before_we_came(stack):
        subscription = shop.subscription(shop.customer(ADA))
        visitor.sign_in(ADA)
        shop.v1.subscriptions.update(subscription, {"cancel_at_period_end": True})
    newest = shop.v1.events.list({"type": "customer.subscription.updated"}).data[0]
    return Door(stack, wire, visitor, json.loads(json.dumps(newest.to_dict(), default=str)))


def test_an_event_signed_by_stripe_is_followed(door: Door) -> None:
    assert not door.told
    assert (door.deliver().status, waiting(door.stack)) == (200, 1)
    door.stack.settle()
    assert door.told


def test_what_stripe_did_not_sign_just_now_changes_nothing(door: Door) -> None:
    before, right = traces(door.stack), door.header()
    v1 = right.partition(",")[2]
    refused = {
        "303 s old": door.header(away=-303),
        "303 s ahead": door.header(away=303),
        "another secret": door.header(secret="whsec_other"),
        "an empty secret": door.header(secret=""),
        "another body": door.header(b"{}"),
        "two wrong ones": f"{right.partition(',')[0]},v1={'0' * 64},v1={'1' * 64}",
        "an unknown scheme": right.replace("v1", "v0"),
        "no time": v1,
        "no signature": right.partition(",")[0],
        "nothing": "",
        "not ASCII": f"t=1,v1={'é' * 32}",
        "no scheme": "é\udcff",
    }
    answers = {words: door.deliver(header=header).status for words, header in refused.items()}
    assert answers == dict.fromkeys(refused, 400)
    assert door.wire.send("POST", "/webhooks/stripe", {"Content-Type": "application/json"}, door.body).status == 400
    assert door.deliver(json.dumps({**door.event, "livemode": True}).encode()).status == 400
    assert door.deliver(json.dumps({**door.event, "id": "in_1"}).encode()).status == 400
    assert changes(before, traces(door.stack)) == []
    for away in (-297, 297):
        assert door.deliver(header=door.header(away=away)).status == 200
    assert door.deliver(header=f"{right},v1={'0' * 64}").status == 200


def test_no_mutation_of_what_stripe_sent_gets_in_or_breaks_anything(door: Door) -> None:
    before, chance = traces(door.stack), random.Random(7)
    header, statuses = door.header(), []
    for _ in range(60):
        body, signed = bytearray(door.body), bytearray(header.encode())
        # past "t=": the signed time counts by its value, so a changed name there is another matter
        spoilt, start = (body, 0) if chance.random() < 0.5 else (signed, 2)
        for _ in range(chance.randint(1, 3)):
            spoilt[chance.randrange(start, len(spoilt))] ^= 1 << chance.randrange(7)
        signature_text = signed.decode("latin1").replace("\r", "r").replace("\n", "n").replace("\x00", "0")
        statuses.append(
            door.deliver(bytes(body), "".join(c if " " <= c < "\x7f" else "?" for c in signature_text)).status
        )
    assert set(statuses) == {400}
    assert changes(before, traces(door.stack)) == []


def test_without_a_secret_the_door_is_closed_and_stripe_sends_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = traces(door.stack)
    for missing in ("", " ", "   "):
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("STRIPE_WEBHOOK_SECRET", missing)
            configured_anew()
            answers = [door.deliver(), door.deliver(header=door.header(secret=""))]
        configured_anew()
        assert [answer.status for answer in answers] == [503, 503]
    assert changes(before, traces(door.stack)) == []
    assert door.deliver().status == 200


def test_while_the_secrets_cannot_be_read_only_what_needs_them_waits(door: Door) -> None:
    before = traces(door.stack)
    out_of_reach = SsmSecrets(replace(portal().config, aws_endpoint="http://127.0.0.1:9", secrets_path="/tillkey/shop"))
    wiring.use(wiring.Portal())
    portal().__dict__["secrets"] = out_of_reach
    with notebook.taken() as notes:
        refused, home = door.deliver(), door.wire.get("/", door.ada.cookies[SESSION])
    wiring.use(wiring.Portal())
    assert (refused.status, home.status) == (503, 200)
    assert b"Northlight Studio" in refused.body
    assert [line["trouble"] for line in notes.of(refused.request_id)] == ["Busy"]
    assert changes(before, traces(door.stack)) == []
    assert door.deliver().status == 200


def configured_anew() -> None:
    """The portal reads its environment again, as a new deployment does."""
    config.load.cache_clear()
    wiring.use(wiring.Portal())


def test_a_duplicate_is_welcome_and_does_nothing(door: Door) -> None:
    assert [door.deliver().status for _ in range(3)] == [200, 200, 200]
    door.stack.settle()
    before = traces(door.stack)
    reads = len(door.stack.stripe.call("GET", "requests.json"))
    again = door.deliver()
    assert (again.status, again.body) == (200, b'{"known":true}')
    assert changes(before, traces(door.stack)) == []
    door.stack.settle()
    assert len(door.stack.stripe.call("GET", "requests.json")) == reads
    assert door.told


def test_while_the_queue_is_out_of_reach_stripe_keeps_the_event_and_brings_it_again(door: Door) -> None:
    sqs = door.stack.aws.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])
    refused = door.deliver()
    assert (refused.status, bool(refused.headers["retry-after"])) == (503, True)
    door.stack.stripe.call("POST", f"events/{door.event['id']}/resend", {})
    door.stack.stripe.call("POST", "deliveries/flush", {})
    (sent,) = [one for one in door.stack.stripe.call("GET", "deliveries.json") if one["attempts"]]
    assert (sent["state"], sent["attempts"][0]["status"]) == ("pending", 503)
    make_queue(sqs, QUEUE)
    door.stack.settle()
    (sent,) = [one for one in door.stack.stripe.call("GET", "deliveries.json") if one["attempts"]]
    assert sent["state"] == "delivered"
    assert door.told


def test_an_event_whose_message_was_lost_is_followed_by_the_sweep(door: Door) -> None:
    door.deliver()
    sqs = door.stack.aws.client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])
    door.stack.settle()
    assert not door.told
    door.stack.advance("PT10M")
    assert door.told


# Loss: lives in which some or all events never arrive end in the same pages as one in which all did.

Step = Callable[[Shop, str, str], object]
LIFE: list[Step] = [
    lambda shop, customer, item: shop.v1.customers.update(customer, {"name": "Ada King"}),
    lambda shop, customer, item: shop.v1.subscriptions.update(
        item, {"default_payment_method": shop.card(customer, MASTERCARD)}
    ),
    lambda shop, customer, item: shop.subscription(customer, "Print Archive", 1900),
    lambda shop, customer, item: shop.v1.subscriptions.update(item, {"trial_end": "now", "proration_behavior": "none"}),
    lambda shop, customer, item: shop.v1.refunds.create({"charge": first_charge(shop, customer)}),
    lambda shop, customer, item: shop.v1.subscriptions.update(item, {"cancel_at_period_end": True}),
    lambda shop, customer, item: shop.v1.payment_methods.detach(oldest_card(shop, customer)),
]
EVERYTHING = set(range(len(LIFE)))
LOST = {"none": set(), "some": {0, 2, 4, 6}, "others": {1, 3, 5}, "all": EVERYTHING, "forgotten": EVERYTHING}


@dataclass
class Life:
    """One customer whose life loses some of its events."""

    customer: str
    item: str
    visitor: Visitor

    @property
    def seen(self) -> str:
        """Everything their pages say."""
        home = self.visitor.open("/")
        items = [link["href"] for link in home.links if "/items/" in link["href"]]
        pages = [home, *(self.visitor.open(self.visitor.origin + href) for href in dict.fromkeys(items))]
        words = "\n".join(page.text for page in [*pages, self.visitor.open("/payments")])
        return re.sub(r"\w•••@", "•••@", words)


def first_charge(shop: Shop, customer: str) -> str:
    """The first payment that ever came in."""
    return shop.v1.charges.list({"customer": customer}).data[-1].id


def oldest_card(shop: Shop, customer: str) -> str:
    """The card they came with."""
    return shop.v1.payment_methods.list({"customer": customer}).data[-1].id


@pytest.fixture
def lives(stack: TestStack, shop: Shop, another_visitor: Callable[[], Visitor]) -> dict[str, Life]:
    """The same life for all, each with other events lost. What the portal was told of is handled."""
    found = {}
    for name in LOST:
        with bought_before_we_came(stack):
            customer, visitor = shop.customer(f"{name}@mail.example"), another_visitor()
            found[name] = Life(customer, shop.subscription(customer, trial_period_days=5), visitor)
            visitor.sign_in(f"{name}@mail.example")
    for number, step in enumerate(LIFE):
        stack.clock.move_to(stack.clock.later("PT10S"))
        for name, life in found.items():
            stack.stripe.call("POST", "deliveries/mode", {"drop": number in LOST[name]})
            step(shop, life.customer, life.item)
    stack.stripe.call("POST", "deliveries/mode", {})
    stack.settle()
    return found


def test_whichever_events_are_lost_the_pages_end_as_if_none_had_been(stack: TestStack, lives: dict[str, Life]) -> None:
    wanted = lives.pop("none").seen
    assert all(life.seen != wanted for life in lives.values()), "nothing was lost"

    forgotten = lives["forgotten"]
    assert reconcile.by_lists(portal().sync, forgotten.customer)
    assert forgotten.seen == wanted

    work.hourly()
    stack.settle()
    for name, life in lives.items():
        assert life.seen == wanted, name
        assert reconcile.by_lists(portal().sync, life.customer) == ()

    forget(stack, forgotten.customer)
    assert forgotten.seen != wanted
    reconcile.by_lists(portal().sync, forgotten.customer)
    assert forgotten.seen == wanted


def forget(stack: TestStack, holder: str) -> None:
    """The mirror loses everything it knew of one holder."""
    client = stack.aws.client("dynamodb")
    for pk, sk in rows(stack):
        if holder in pk:
            client.delete_item(TableName=TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}})
