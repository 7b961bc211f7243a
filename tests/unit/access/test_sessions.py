"""How long a session lasts, what it may see, and how it ends."""

import random

import pytest

from chalicelib.access import addresses
from chalicelib.access.rights import MailboxRights
from chalicelib.access.sessions import Visit
from chalicelib.billing.facts import CustomerFacts
from chalicelib.errors import SignInNeeded
from tests.fakes.access import ADA, FakeClock, Memory, World, a_browser

MINUTE = 60
IDLE = 30 * MINUTE


def signed_in(world: World) -> str:
    """A session cookie."""
    browser = a_browser()
    return world.press(world.mail(browser).token, browser).cookie


@pytest.mark.parametrize(("idle", "live"), [(0, True), (IDLE - 0.001, True), (IDLE, False), (IDLE + 1, False)])
def test_a_session_ends_after_thirty_idle_minutes(world: World, time: FakeClock, idle: float, live: bool) -> None:
    cookie = signed_in(world)
    time.now += idle
    assert world.is_in(cookie) == live


def test_using_it_keeps_a_session_alive_for_eight_hours_and_not_longer(world: World, time: FakeClock) -> None:
    cookie, begun = signed_in(world), time.now
    while time.now - begun + 20 * MINUTE < 8 * 3600:
        time.advance(20 * MINUTE)
        assert world.is_in(cookie)
    time.now = begun + 8 * 3600 - 0.001
    assert world.is_in(cookie)
    time.now = begun + 8 * 3600
    assert not world.is_in(cookie)


def test_looking_costs_one_read_and_at_most_one_stamp_in_five_minutes(
    world: World, time: FakeClock, memory: Memory
) -> None:
    cookie = signed_in(world)
    memory.calls.clear()
    for _ in range(10):
        time.advance(59)
        world.sessions.visit(cookie)
    assert memory.calls.count("mailbox read") == 10
    assert memory.calls.count("session stamp") == 1
    assert set(memory.calls) == {"mailbox read", "session stamp"}


@pytest.mark.parametrize(
    "cookie",
    ["", ".", "x", "x.y", "a" * 64, "a" * 64 + ".", "." + "b" * 43, "a" * 63 + "." + "b" * 43, "a" * 64 + ".é"],
)
def test_a_malformed_cookie_is_refused_without_a_read(world: World, memory: Memory, cookie: str) -> None:
    with pytest.raises(SignInNeeded):
        world.sessions.visit(cookie)
    assert memory.calls == []


def test_a_cookie_of_another_mailbox_or_token_is_refused(world: World) -> None:
    cookie = signed_in(world)
    ref, _, token = cookie.partition(".")
    assert not world.is_in(f"{ref}.{a_browser()}")
    assert not world.is_in(f"{addresses.ref('eve@example.com')}.{token}")
    assert world.is_in(cookie)


def test_signing_out_here_ends_this_session_alone(world: World) -> None:
    laptop, phone = signed_in(world), ""
    world.clock.advance(61)
    phone = signed_in(world)
    world.sessions.end(world.sessions.visit(laptop))
    assert not world.is_in(laptop)
    assert world.is_in(phone)


def test_signing_out_everywhere_ends_all_and_the_next_sign_in_works(world: World) -> None:
    laptop = signed_in(world)
    world.clock.advance(61)
    phone = signed_in(world)
    world.sessions.end_everywhere(world.sessions.visit(phone))
    assert not world.is_in(laptop)
    assert not world.is_in(phone)
    world.clock.advance(61)
    assert world.is_in(signed_in(world))


def test_a_session_begun_while_signing_out_everywhere_does_not_outlive_it(world: World, memory: Memory) -> None:
    """The epoch decides, not whether the row happened to be removed."""
    cookie = signed_in(world)
    rows = {ref: dict(sessions) for ref, sessions in memory.sessions.items()}
    world.sessions.end_everywhere(world.sessions.visit(cookie))
    memory.sessions.update(rows)
    assert not world.is_in(cookie)


def test_a_session_that_ended_meanwhile_is_not_stamped_back_to_life(world: World, memory: Memory) -> None:
    cookie = signed_in(world)
    world.clock.advance(6 * MINUTE)
    stale = world.stores.mailboxes.open(addresses.ref(ADA.address))
    world.sessions.end(world.sessions.visit(cookie))
    world.clock.advance(6 * MINUTE)
    assert stale
    assert not world.stores.sessions.touch(stale.ref, stale.sessions[0].id, world.clock.now)
    assert not world.is_in(cookie)


def test_eight_sessions_of_a_mailbox_are_kept_and_the_oldest_goes(world: World, memory: Memory) -> None:
    cookies = []
    for _ in range(10):
        world.clock.advance(13 * MINUTE)
        for cookie in cookies[-8:]:
            world.is_in(cookie)
        cookies.append(signed_in(world))
    assert [world.is_in(cookie) for cookie in cookies] == [False] * 2 + [True] * 8
    assert len(memory.sessions[addresses.ref(ADA.address)]) == 8


def test_dead_sessions_are_removed_at_the_next_sign_in(world: World, time: FakeClock) -> None:
    signed_in(world)
    time.advance(3600)
    signed_in(world)
    assert world.session_count() == 1


def test_rights_are_read_at_every_visit(world: World) -> None:
    """The merchant hides the customer, or its address changes at Stripe: the very next page knows."""
    cookie = signed_in(world)
    rights = MailboxRights(world.stores.mailboxes)
    ada = CustomerFacts(ADA.id, ADA.address, "Ada", 0)
    rights.customer_changed(None, CustomerFacts("cus_two", "ADA@example.com", "Ada", 0))
    assert world.sessions.visit(cookie).holders == ("cus_ada", "cus_two")
    rights.customer_changed(ada, CustomerFacts(ADA.id, "other@example.com", "Ada", 0))
    assert world.sessions.visit(cookie).holders == ("cus_two",)
    rights.customer_changed(None, CustomerFacts("cus_two", "ada@example.com", "Ada", 0, hidden=True))
    assert not world.is_in(cookie)


def test_form_tokens_belong_to_one_session(world: World) -> None:
    one = world.sessions.visit(signed_in(world))
    world.clock.advance(61)
    two = world.sessions.visit(signed_in(world))
    assert one.owns_token(one.csrf)
    for token in ("", "é", two.csrf, one.csrf[:-1], one.csrf + "0", one.session):
        assert not one.owns_token(token)


def test_a_visit_never_reveals_the_session_token(world: World) -> None:
    cookie = signed_in(world)
    visit = world.sessions.visit(cookie)
    assert isinstance(visit, Visit)
    assert cookie.partition(".")[2] not in repr(visit)


def test_any_mix_of_signing_in_and_out_and_waiting_leaves_just_the_sessions_a_simple_model_expects(
    world: World, time: FakeClock
) -> None:
    walk = random.Random(11)
    model: dict[str, list[float]] = {}

    def live(cookie: str) -> bool:
        created, seen = model[cookie]
        return time.now - seen < IDLE and time.now < created + 8 * 3600

    for _ in range(400):
        move = walk.random()
        if move < 0.15 and (cookie := _try_sign_in(world)):
            model[cookie] = [time.now, time.now]
            for old in sorted((c for c in model if live(c)), key=lambda c: model[c][0])[:-8]:
                del model[old]
        elif move < 0.2 and any(map(live, model)):
            gone = walk.choice([c for c in model if live(c)])
            world.sessions.end(world.sessions.visit(gone))
            del model[gone]
        elif move < 0.23 and any(map(live, model)):
            world.sessions.end_everywhere(world.sessions.visit(next(c for c in model if live(c))))
            model.clear()
        else:
            time.advance(walk.choice([1, 100, 301, 400, 1000, 1799]))
        for cookie in list(model):
            assert world.is_in(cookie) == live(cookie)
            if live(cookie) and time.now - model[cookie][1] >= 5 * MINUTE:
                model[cookie][1] = time.now


def _try_sign_in(world: World) -> str:
    browser, mails = a_browser(), len(world.mails())
    world.ask(ADA.address, browser)
    world.work()
    return world.press(world.mails()[-1].token, browser).cookie if len(world.mails()) > mails else ""
