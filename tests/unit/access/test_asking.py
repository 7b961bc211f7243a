"""Asking for a mail: nobody learns from it who is a customer, and mails go to stored addresses only."""

import json
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.access.answering import recipients
from chalicelib.access.entrance import LinkOver
from chalicelib.access.mailboxes import FoundHolder, Holder, Mailbox
from chalicelib.billing.errors import StripeUnavailable
from chalicelib.errors import BadRequest
from chalicelib.mail.addresses import BadAddress
from tests.fakes.access import (
    ADA,
    LANDING,
    NORTHLIGHT,
    FakeClock,
    FakeStripe,
    Memory,
    World,
    a_browser,
    in_memory,
    time_standing_still,
)

MINUTE = 60


def test_the_request_looks_nobody_up(world: World) -> None:
    world.ask(ADA.address, a_browser())
    assert world.stripe.asked == []
    assert len(world.queue.messages) == 1


def test_a_known_address_gets_one_mail_with_link_and_code(world: World) -> None:
    mail = world.mail(a_browser())
    assert len(world.mailer.sent) == 1
    assert len(mail.token) == 43
    assert len(mail.code) == 6
    assert world.stripe.brought == ["cus_ada"]


def test_an_unknown_address_gets_no_mail_and_is_remembered_ten_minutes(world: World, time: FakeClock) -> None:
    for wait in (0, 9 * MINUTE, 2 * MINUTE):
        time.advance(wait)
        world.ask("nobody@example.com", a_browser())
        world.work()
    assert world.mailer.sent == []
    assert len(world.stripe.asked) == 2


def test_a_known_mailbox_is_looked_up_again_after_fifteen_minutes(world: World, time: FakeClock) -> None:
    for wait in (0, 14 * MINUTE, 2 * MINUTE):
        time.advance(wait)
        world.mail(a_browser())
    assert len(world.stripe.asked) == 2


@pytest.mark.parametrize(
    "typed", ["", "ada", "ada@", "ada@example", "Ada <ada@example.com>", "ada@example.com\nBcc: x@y.z"]
)
def test_what_cannot_be_an_address_is_refused_before_anything_is_counted(
    world: World, memory: Memory, typed: str
) -> None:
    with pytest.raises(BadAddress):
        world.ask(typed, a_browser())
    assert memory.calls == []
    assert world.queue.messages == []


EIGHT_CLASSES = {
    "known": "ada@example.com",
    "unknown": "nobody@example.com",
    "hidden by the merchant": "hidden@example.com",
    "refused by the mail service": "bounced@example.com",
    "several customers": "many@example.com",
    "over its limit": "limited@example.com",
    "odd but valid": "o'dd+!#$%&*=?^_{|}~@bücher.example",
    "differently cased": "SHOUTING@example.com",
}


def everybody(memory: Memory, time: FakeClock) -> World:
    """A world with an address of each class."""
    stripe = FakeStripe(
        ADA,
        FoundHolder("cus_hidden", "hidden@example.com", hidden=True),
        FoundHolder("cus_bounced", "bounced@example.com"),
        FoundHolder("cus_m1", "many@example.com"),
        FoundHolder("cus_m2", "Many@example.com"),
        FoundHolder("cus_limited", "limited@example.com"),
        FoundHolder("cus_shout", "shouting@example.com"),
    )
    world = World(in_memory(memory), time, stripe)
    world.mailer.refuses.add("bounced@example.com")
    world.ask("limited@example.com", a_browser(), source="198.51.100.1")
    world.work()
    return world


def test_eight_classes_of_address_make_the_very_same_calls(memory: Memory, time: FakeClock) -> None:
    world, traces = everybody(memory, time), {}
    for kind, address in EIGHT_CLASSES.items():
        memory.calls.clear()
        world.ask(address, a_browser())
        traces[kind] = (tuple(memory.calls), len(world.queue.messages))
        shape = {name: type(value) for name, value in world.queue.messages.pop().items()}
        traces[kind] += (tuple(shape.items()),)
    assert len(set(traces.values())) == 1, traces


def test_of_those_eight_just_the_known_and_reachable_get_mail_and_only_at_stored_addresses(
    memory: Memory, time: FakeClock
) -> None:
    world = everybody(memory, time)
    world.mailer.sent.clear()
    for address in EIGHT_CLASSES.values():
        world.ask(address, a_browser())
    world.work()
    assert [message.to for message in world.mailer.sent] == [
        "ada@example.com",
        "many@example.com",
        "shouting@example.com",
    ]


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_typed_mails_go_to_stored_addresses_only(data: st.DataObject) -> None:
    with time_standing_still() as source:
        world = World(in_memory(Memory()), source)
        world.stripe.searches = True
        typed = "".join(
            data.draw(st.sampled_from([c, c, c, c, c.upper(), "", c + "\u200b", "а", "\n", c + "@", "+", c + "\u0301"]))
            for c in "ada@example.com"
        )
        try:
            world.ask(typed, a_browser())
        except BadAddress:
            return
        world.work()
        assert {message.to for message in world.mailer.sent} <= {ADA.address}
        assert bool(world.mailer.sent) == (typed.strip().lower() == ADA.address)


def test_the_address_typed_is_never_written_to_but_the_one_stored(world: World) -> None:
    world.ask("  ADA@Example.Com ", a_browser())
    world.work()
    assert [message.to for message in world.mailer.sent] == ["ada@example.com"]


def test_all_holders_of_a_mailbox_are_found_under_every_spelling_ever_seen(world: World, time: FakeClock) -> None:
    """Search, which finds any spelling, is refused in some regions: what was found once is not lost."""
    world.stripe.holders.append(FoundHolder("cus_loud", "ADA@Example.com"))
    world.stripe.searches = True
    visit = world.sign_in(a_browser())
    assert set(visit.holders) == {"cus_ada", "cus_loud"}
    world.stripe.searches = False
    time.advance(16 * MINUTE)
    assert set(world.sign_in(a_browser()).holders) == {"cus_ada", "cus_loud"}


def test_hidden_customers_and_look_alikes_are_not_among_the_holders(world: World) -> None:
    world.stripe.searches = True
    world.stripe.holders += [
        FoundHolder("cus_hidden", ADA.address, hidden=True),
        FoundHolder("cus_cyrillic", "adа@example.com"),
        FoundHolder("cus_named", "Ada <ada@example.com>"),
    ]
    assert world.sign_in(a_browser()).holders == ("cus_ada",)


@pytest.mark.parametrize(
    ("typed", "to"),
    [
        ("ada@x.example", ["ada@x.example"]),
        ("ADA@X.example", ["ADA@x.example"]),
        ("Ada@x.example", ["Ada@x.example"]),
        ("aDa@x.example", ["Ada@x.example", "ADA@x.example", "ada@x.example"]),
    ],
)
def test_of_several_stored_spellings_the_typed_one_is_written_to_else_all(typed: str, to: list[str]) -> None:
    stored = ("Ada@x.example", "ADA@X.example", "ada@x.example", "ada@x.example")
    mailbox = Mailbox("ada@x.example", tuple(Holder(f"cus_{n}", s) for n, s in enumerate(stored)))
    assert list(recipients(mailbox, typed)) == to


def test_a_message_delivered_twice_makes_one_link_and_one_mail(world: World) -> None:
    world.ask(ADA.address, a_browser())
    world.queue.messages *= 3
    world.work()
    assert len(world.mailer.sent) == 1


def test_a_mail_that_could_not_be_sent_is_sent_later_with_the_one_link_that_works(world: World, memory: Memory) -> None:
    browser = a_browser()
    world.mailer.down = True
    world.ask(ADA.address, browser)
    world.work()
    assert len(world.queue.messages) == 1
    world.mailer.down = False
    world.work()
    assert len(memory.links) == 1
    assert world.press(world.mails()[0].token, browser)


def test_a_refused_mail_is_not_tried_again(world: World) -> None:
    world.mailer.refuses.add(ADA.address)
    world.ask(ADA.address, a_browser())
    world.work()
    assert world.queue.messages == []
    assert world.mailer.sent == []


def test_an_ask_nobody_waits_for_any_more_is_dropped(world: World, time: FakeClock) -> None:
    world.ask(ADA.address, a_browser())
    time.advance(15 * MINUTE + 1)
    world.work()
    assert world.mailer.sent == []
    assert world.queue.messages == []


def test_with_stripe_down_known_people_still_sign_in_and_others_wait(world: World, time: FakeClock) -> None:
    world.mail(a_browser())
    time.advance(16 * MINUTE)
    world.stripe.down = True
    world.stripe.holders.append(FoundHolder("cus_new", "new@example.com"))
    assert world.sign_in(a_browser()).holders == ("cus_ada",)
    world.ask("new@example.com", a_browser())
    world.work()
    assert world.mails("new@example.com") == []
    world.stripe.down = False
    world.work()
    assert len(world.mails("new@example.com")) == 1


def test_the_error_of_a_stripe_that_is_down_reaches_the_queue(world: World) -> None:
    world.stripe.down = True
    world.ask(ADA.address, a_browser())
    with pytest.raises(StripeUnavailable):
        world.answering.answer(world.queue.messages[0], NORTHLIGHT, LANDING)


def test_flooded_with_strangers_the_owner_still_gets_in(world: World, time: FakeClock) -> None:
    owner, phone = a_browser(), a_browser()
    world.sign_in(owner)
    time.advance(61)
    earlier = world.mail(phone)
    for n in range(300):
        world.ask(ADA.address, a_browser(), source=f"2001:db8:{n:x}::1")
        world.work()
        time.advance(1)
    assert len(world.mails()) <= 5
    assert world.press(earlier.token, phone)
    before = len(world.mails())
    world.mail(owner)
    assert len(world.mails()) == before + 1


def test_a_network_over_its_limit_enqueues_nothing(world: World) -> None:
    for n in range(40):
        world.ask(f"someone{n}@example.com", a_browser(), source="198.51.100.7")
    assert len(world.queue.messages) == 20


def test_a_browser_that_was_in_before_is_heard_even_from_a_network_over_its_limit(
    world: World, time: FakeClock
) -> None:
    owner = a_browser()
    world.sign_in(owner)
    time.advance(61)
    for n in range(40):
        world.ask(f"someone{n}@example.com", a_browser())
    world.queue.messages.clear()
    world.mail(owner)
    assert len(world.mails()) == 2


@pytest.mark.parametrize("message", [{}, {"kind": "sign_in"}, {"kind": "sign_in", "surprise": 1}])
def test_a_message_that_is_none_of_ours_is_named_so(world: World, message: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        world.answering.answer(message, NORTHLIGHT, LANDING)


def test_the_message_survives_the_queue_and_holds_no_secret(world: World) -> None:
    browser = a_browser()
    world.ask(ADA.address, browser, next_path="/items/sub_1")
    text = json.dumps(world.queue.messages[0])
    assert browser not in text
    world.queue.messages[:] = [json.loads(text)]
    world.work()
    assert world.press(world.mails()[0].token, browser).next == "/items/sub_1"


def test_neither_addresses_nor_secrets_are_logged(
    world: World, time: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = a_browser()
    mail = world.mail(browser)
    cookie = world.press(mail.token, browser).cookie
    with pytest.raises(LinkOver):
        world.press(mail.token, browser)
    world.mailer.refuses.add(ADA.address)
    time.advance(61)
    world.ask(ADA.address, browser)
    world.ask(ADA.address, browser)
    world.work()
    lines = " ".join(str(vars(record)) for record in caplog.records)
    assert "signed in" in lines
    for secret in (ADA.address, mail.token, mail.code, browser, cookie, cookie[65:], "203.0.113.9"):
        assert secret not in lines
