"""What an earlier version left in the table and the queue is read, shown and finished by this one."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from local.portal import TABLE
from tests import earlier
from tests.functional.signing_in import pressed
from tests.functional.traces import rows, waiting
from tests.functional.visitor import Visitor
from tests.stack import TestStack

pytestmark = pytest.mark.root_only
FOLDER = Path(earlier.__file__).parent
VERSIONS = sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))
ADA = "ada@mail.example"


@pytest.fixture(params=VERSIONS)
def left(stack: TestStack, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The earlier version's table, at the moment it was left. Stripe is empty, so all that is seen comes from it."""
    kept: dict[str, Any] = json.loads(gzip.decompress((FOLDER / f"{request.param}.json.gz").read_bytes()))
    stack.stripe.reset(kept["moment"])
    stack.clock.follow()
    client = stack.aws.client("dynamodb")
    for row in kept["rows"]:
        client.put_item(TableName=TABLE, Item={name: real(value) for name, value in row.items()})
    return kept


@pytest.fixture
def ada(left: dict[str, Any], visitor: Visitor) -> Visitor:
    """Ada with the cookies that the earlier version gave her."""
    visitor.cookies.update(left["cookies"])
    return visitor


def real(value: dict[str, Any]) -> dict[str, Any]:
    """A value of a row, bytes being bytes again."""
    return {kind: base64.b64decode(held["bytes"]) if kind == "B" else held for kind, held in value.items()}


def test_something_is_kept() -> None:
    assert VERSIONS


def test_who_is_signed_in_stays_so_and_sees_everything(ada: Visitor, left: dict[str, Any]) -> None:
    home = ada.open("/").text
    for words in ("Studio Membership", "Print Archive", "Portrait Masterclass", "Visa •••• 4242", "$49.00"):
        assert words in home
    plan = ada.open(f"/items/{left['plan']}").text
    assert plan.count("Paid") >= 2
    assert "of 6" in plan
    assert ada.open("/payments").text.count("$49.00") >= 2


def test_a_frozen_receipt_is_drawn_again_though_its_file_is_gone(ada: Visitor, left: dict[str, Any]) -> None:
    path = left["receipt"].removeprefix(ada.portal_url.removeprefix(ada.origin))
    assert "$49.00" in ada.open(path).text
    assert ada.follow("PDF").content.startswith(b"%PDF-")


def test_a_link_sent_before_still_signs_in(visitor: Visitor, left: dict[str, Any]) -> None:
    visitor.cookies.update(left["asking"])
    assert "Studio Membership" in pressed(visitor, left["token"]).text


def test_what_undo_needs_was_kept_with_the_attempt(left: dict[str, Any]) -> None:
    kept = wiring.portal().runner.intents.get(left["customer"], left["canceled"])
    assert kept is not None
    assert kept.outcome is not None
    assert (kept.kind, kept.item, kept.outcome.status, "bills" in kept.before) == ("cancel", left["item"], "done", True)


def test_what_was_under_way_is_finished(stack: TestStack, left: dict[str, Any]) -> None:
    assert {"event", "intent", "outbox"} <= under_way(stack)
    stack.advance("PT10M")
    assert under_way(stack) & {"event", "intent", "outbox"} == set()


def under_way(stack: TestStack) -> set[str]:
    """What kinds of rows wait for something."""
    return {row["due_kind"]["S"] for row in rows(stack).values() if "due_kind" in row}


def test_every_kind_of_message_is_understood(stack: TestStack, left: dict[str, Any]) -> None:
    queue, messages = wiring.portal().queue, {kind: json.loads(text) for kind, text in left["messages"].items()}
    for mailed in ("sign_in", "outbox"):
        queue.send(messages.pop(mailed))
    canceling, sign_in = sorted(str(mail.message["Subject"]) for mail in stack.mailbox(ADA))
    assert "Studio Membership" in canceling
    assert "sign-in" in sign_in
    # from here on everything is read again, and Stripe has nothing
    assert {"stripe_event", "repair"} <= messages.keys()
    for message in messages.values():
        queue.send(message)
    stack.settle()
    assert waiting(stack) == 0
    assert wiring.portal().mirror.home(left["customer"]).subscriptions == ()  # type: ignore[union-attr]
