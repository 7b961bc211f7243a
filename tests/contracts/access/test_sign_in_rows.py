"""What lies in the table after signing in, and what reading it costs."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.access import addresses
from chalicelib.access.entrance import LinkOver
from chalicelib.access.links import Code, Link
from chalicelib.access.mailboxes import FoundHolder, Holder, Mailbox
from chalicelib.errors import Busy
from chalicelib.storage.dynamodb import client
from chalicelib.storage.table import Row
from tests.fakes.access import ADA, FakeClock, Stores, World, a_browser


def rows() -> list[dict[str, Any]]:
    """Everything stored."""
    found: list[dict[str, Any]] = client().scan(TableName=Row.Meta.table_name)["Items"]
    return found


@pytest.fixture
def calls(dynamodb: Stores) -> Iterator[list[str]]:
    """Names of the calls that really reach DynamoDB."""
    seen: list[str] = []

    def note(model: Any, **_: Any) -> None:
        seen.append(model.name)

    events = client().meta.events
    events.register("before-call.dynamodb.*", note)
    yield seen
    events.unregister("before-call.dynamodb.*", note)


def test_no_row_but_the_mailbox_itself_shows_an_address_and_none_a_secret(dynamodb: Stores, time: FakeClock) -> None:
    world, browser = World(dynamodb, time), a_browser()
    mail = world.mail(browser, source="198.51.100.77")
    world.ask("nobody@example.com", a_browser())
    world.work()
    cookie = world.press(mail.token, browser).cookie
    stored = rows()
    assert len(stored) > 8
    for row in stored:
        text = str(row)
        for secret in (
            mail.token,
            mail.code,
            mail.code[:3] + " " + mail.code[3:],
            browser,
            cookie[65:],
            "198.51.100.77",
        ):
            assert secret not in text
        if row["sk"]["S"] != "HOLDERS":
            assert "example.com" not in text


def test_every_row_but_a_known_mailbox_is_swept_one_day(dynamodb: Stores, time: FakeClock) -> None:
    world, browser = World(dynamodb, time), a_browser()
    world.sign_in(browser)
    world.ask("nobody@example.com", browser)
    world.work()
    lasting = [row for row in rows() if "ttl" not in row]
    assert [row["mailbox"]["S"] for row in lasting] == [ADA.address]
    assert all(float(row["ttl"]["N"]) > time.now for row in rows() if "ttl" in row)


def test_a_mailbox_that_becomes_known_is_no_longer_swept(dynamodb: Stores, time: FakeClock) -> None:
    world = World(dynamodb, time)
    world.ask("new@example.com", a_browser())
    world.work()
    world.stripe.holders.append(FoundHolder("cus_new", "new@example.com"))
    time.advance(601)
    world.sign_in(a_browser(), "new@example.com")
    assert ["ttl" in row for row in rows() if row["sk"]["S"] == "HOLDERS"] == [False]


def test_a_visit_is_one_read_of_one_unit_with_eight_sessions_and_twenty_holders(
    dynamodb: Stores, time: FakeClock, calls: list[str]
) -> None:
    world, cookies = World(dynamodb, time), list[str]()
    for _ in range(8):
        time.advance(13 * 60)
        assert all(map(world.is_in, cookies))
        browser = a_browser()
        cookies.append(world.press(world.mail(browser).token, browser).cookie)
    ref = addresses.ref(ADA.address)
    mailbox = dynamodb.mailboxes.open(ref)
    assert mailbox
    held = tuple(Holder(f"cus_{n:014d}", "ada.lovelace@example.com") for n in range(20))
    assert dynamodb.mailboxes.save(Mailbox(ADA.address, held, time.now, mailbox.epoch, mailbox.version))
    calls.clear()
    assert len(world.sessions.visit(cookies[-1]).holders) == 20
    assert calls == ["Query"]
    answer = client().query(
        TableName=Row.Meta.table_name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"MAILBOX#{ref}"}},
        ConsistentRead=True,
        ReturnConsumedCapacity="TOTAL",
    )
    assert answer["Count"] == 9
    assert answer["ConsumedCapacity"]["CapacityUnits"] == 1.0


def test_asking_makes_the_same_calls_for_known_unknown_and_limited_addresses(
    dynamodb: Stores, time: FakeClock, calls: list[str]
) -> None:
    world, traces = World(dynamodb, time), []
    world.mail(a_browser())
    for address in ["nobody@example.com", "grace@example.com", ADA.address]:
        calls.clear()
        world.ask(address, a_browser())
        traces.append(tuple(calls))
    assert len(set(traces)) == 1
    assert traces[0]


def test_a_row_that_outlived_its_time_opens_nothing(dynamodb: Stores, time: FakeClock) -> None:
    world, browser = World(dynamodb, time), a_browser()
    cookie = world.press(world.mail(browser).token, browser).cookie
    time.advance(61)
    late = world.mail(browser)
    time.advance(48 * 3600)
    assert any(row["pk"]["S"].startswith("LINK#") for row in rows())
    assert not world.is_in(cookie)
    with pytest.raises(LinkOver):
        world.press(late.token, browser)


def test_a_link_whose_mail_goes_out_at_the_last_moment_is_not_replaced(dynamodb: Stores, time: FakeClock) -> None:
    """Another worker, slow but alive, finishes between our look at the ask and our answer to it."""
    events, mailbox = client().meta.events, addresses.ref(ADA.address)
    mailed, late = (Link(name, mailbox, "b1", "/", time.now + 900) for name in ("mailed", "late"))
    assert dynamodb.links.issue("ask", mailed, Code("d", mailed.id, mailbox, mailed.expires), time.now)

    def other_worker(**_: Any) -> None:
        events.unregister("before-call.dynamodb.TransactWriteItems", other_worker)
        dynamodb.links.mailed("ask")

    events.register("before-call.dynamodb.TransactWriteItems", other_worker)
    with pytest.raises(Busy):
        dynamodb.links.issue("ask", late, Code("d", late.id, mailbox, late.expires), time.now)
    assert dynamodb.links.find(mailed.id) == mailed
    assert dynamodb.links.find(late.id) is None
