"""What every store of sign-in must do, the fake and the real one alike."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.access import addresses, tokens
from chalicelib.access.entrance import LinkOver
from chalicelib.access.links import Code, Link
from chalicelib.access.mailboxes import Holder, Mailbox
from chalicelib.access.sessions import Opening, opening
from chalicelib.access.throttle import Limit, Throttle
from chalicelib.errors import Busy
from tests.fakes.access import ADA, FakeClock, Stores, World, a_browser

ADDRESS = "ada@example.com"
REF = addresses.ref(ADDRESS)
HELD = (Holder("cus_ada", "Ada@Example.com"), Holder("guest:ada@example.com", "ada@example.com"))
NOW = 1_790_000_000.25


def saved(stores: Stores) -> Mailbox:
    """A stored mailbox with two holders."""
    assert stores.mailboxes.save(Mailbox(ADDRESS, HELD, checked_at=NOW))
    return reopened(stores)


def reopened(stores: Stores) -> Mailbox:
    mailbox = stores.mailboxes.open(REF)
    assert mailbox
    return mailbox


def a_link(browser: str = "b1", **changes: Any) -> Link:
    base = Link(tokens.digest(tokens.new_token()), REF, browser, "/items/sub_1", NOW + 900)
    return replace(base, **changes)


def a_code(link: Link) -> Code:
    return Code(tokens.digest(link.id), link.id, link.mailbox, link.expires)


def issued(stores: Stores, ask: str = "ask", **changes: Any) -> Link:
    link = a_link(**changes)
    assert stores.links.issue(ask, link, a_code(link), NOW)
    return link


def together(count: int, act: Callable[[int], Any]) -> list[Any]:
    """All at the same moment."""
    barrier = Barrier(count)

    def one(number: int) -> Any:
        barrier.wait(10)
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


# Mailboxes


def test_a_mailbox_comes_back_as_it_was_saved(stores: Stores) -> None:
    assert stores.mailboxes.open(REF) is None
    mailbox = saved(stores)
    assert mailbox == Mailbox(ADDRESS, HELD, checked_at=NOW, epoch=0, version=1)


def test_only_who_read_the_latest_version_may_write(stores: Stores) -> None:
    mailbox = saved(stores)
    assert stores.mailboxes.save(replace(mailbox, holders=HELD[:1]))
    assert not stores.mailboxes.save(replace(mailbox, holders=()))
    assert not stores.mailboxes.save(Mailbox(ADDRESS))
    assert reopened(stores).holders == HELD[:1]


def test_an_emptied_mailbox_stays_known_as_empty(stores: Stores) -> None:
    assert stores.mailboxes.save(replace(saved(stores), holders=()))
    assert reopened(stores).holders == ()


def test_of_parallel_writers_one_wins(stores: Stores) -> None:
    mailbox = saved(stores)
    wins = together(8, lambda n: stores.mailboxes.save(replace(mailbox, checked_at=NOW + n)))
    assert sum(wins) == 1


# Sessions


def begun(stores: Stores, ask: str = "ask") -> Opening:
    """A session opened by a link of its own."""
    beginning = opening(reopened(stores))
    assert stores.links.redeem(issued(stores, ask).id, NOW, beginning)
    return beginning


def test_a_session_lies_with_its_mailbox(stores: Stores, time: FakeClock) -> None:
    saved(stores)
    beginning = begun(stores)
    assert reopened(stores).sessions == (beginning.session,)


def test_a_stamp_moves_only_when_it_was_seen(stores: Stores, time: FakeClock) -> None:
    saved(stores)
    session = begun(stores).session
    assert stores.sessions.touch(REF, session.id, NOW + 301.5)
    assert reopened(stores).sessions == (replace(session, seen=NOW + 301.5),)


def test_an_ended_session_is_gone_and_no_stamp_brings_it_back(stores: Stores, time: FakeClock) -> None:
    saved(stores)
    one, two = begun(stores, "1").session, begun(stores, "2").session
    stores.sessions.end(REF, one.id)
    assert not stores.sessions.touch(REF, one.id, NOW + 400)
    assert [session.id for session in reopened(stores).sessions] == [two.id]


def test_ending_all_raises_the_epoch_and_keeps_the_holders(stores: Stores, time: FakeClock) -> None:
    saved(stores)
    begun(stores, "1")
    begun(stores, "2")
    stores.sessions.end_all(REF)
    assert reopened(stores) == Mailbox(ADDRESS, HELD, checked_at=NOW, epoch=1, version=1)
    assert opening(reopened(stores)).session.epoch == 1


def test_saving_holders_does_not_touch_the_epoch(stores: Stores, time: FakeClock) -> None:
    stale = saved(stores)
    stores.sessions.end_all(REF)
    assert stores.mailboxes.save(replace(stale, holders=HELD[:1]))
    assert reopened(stores).epoch == 1


# Links


def test_a_link_comes_back_as_it_was_issued(stores: Stores) -> None:
    link = issued(stores)
    assert stores.links.find(link.id) == link
    assert stores.links.find(tokens.digest("another")) is None


@pytest.mark.parametrize(
    ("at", "works"), [(NOW, True), (NOW + 899.0, True), (NOW + 899.999, True), (NOW + 900.0, False), (NOW + 901, False)]
)
def test_a_link_is_redeemed_only_before_it_expires(stores: Stores, time: FakeClock, at: float, works: bool) -> None:
    saved(stores)
    link = issued(stores)
    assert stores.links.redeem(link.id, at, opening(reopened(stores))) == works
    assert bool(reopened(stores).sessions) == works
    found = stores.links.find(link.id)
    assert found
    assert found.used == works


def test_a_link_that_never_was_opens_nothing(stores: Stores, time: FakeClock) -> None:
    saved(stores)
    assert not stores.links.redeem(tokens.digest("made up"), NOW, opening(reopened(stores)))
    assert reopened(stores).sessions == ()


def test_redeeming_ends_the_sessions_it_replaces_in_the_same_step(stores: Stores, time: FakeClock) -> None:
    saved(stores)
    old = begun(stores, "1")
    beginning = replace(opening(reopened(stores)), ended=((REF, old.session.id),))
    assert stores.links.redeem(issued(stores, "2").id, NOW, beginning)
    assert reopened(stores).sessions == (beginning.session,)


def test_a_refused_redemption_ends_nothing(stores: Stores, time: FakeClock) -> None:
    saved(stores)
    old = begun(stores, "1")
    beginning = replace(opening(reopened(stores)), ended=((REF, old.session.id),))
    assert not stores.links.redeem(issued(stores, "2").id, NOW + 900, beginning)
    assert reopened(stores).sessions == (old.session,)


def test_sixteen_redemptions_at_once_open_one_session(stores: Stores, time: FakeClock) -> None:
    saved(stores)
    for round_ in range(5):
        link, mailbox = issued(stores, f"ask {round_}"), reopened(stores)
        wins = together(16, lambda _, link=link, mailbox=mailbox: stores.links.redeem(link.id, NOW, opening(mailbox)))
        assert sum(wins) == 1
        assert len(reopened(stores).sessions) == round_ + 1


def test_sixteen_people_pressing_one_link_at_once_get_one_session_and_fifteen_refusals(world: World) -> None:
    browser = a_browser()
    token = world.mail(browser).token

    def press(_: int) -> str:
        try:
            return world.press(token, browser).cookie
        except LinkOver:
            return ""

    cookies = [cookie for cookie in together(16, press) if cookie]
    assert len(cookies) == 1
    assert world.is_in(cookies[0])
    assert world.session_count() == 1


def test_link_and_code_of_one_mail_pressed_at_once_open_one_session(world: World) -> None:
    for _ in range(5):
        browser = a_browser()
        mail = world.mail(browser)

        def enter(number: int, browser: str = browser, token: str = mail.token, code: str = mail.code) -> bool:
            try:
                return bool(world.press(token, browser) if number % 2 else world.type(code, browser))
            except LinkOver:
                return False

        assert sum(together(4, enter)) == 1
        assert world.session_count() == 1
        world.clock.advance(3601)


class GetThenPut:
    """The mistake the race tests are there for: read, decide, then write."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._used: set[str] = set()
        self._read = Barrier(16)

    def redeem(self, link: str, now: float, opening: Opening) -> bool:
        found = self._stores.links.find(link)
        usable = found is not None and found.works(now) and link not in self._used
        self._read.wait(10)
        if usable:
            self._used.add(link)
        return usable


def test_the_race_tells_a_store_that_reads_before_it_writes(stores: Stores, time: FakeClock) -> None:
    saved(stores)
    mutant, link, mailbox = GetThenPut(stores), issued(stores), reopened(stores)
    assert sum(together(16, lambda _: mutant.redeem(link.id, NOW, opening(mailbox)))) > 1


def test_of_one_pair_three_links_live_and_of_other_pairs_all(stores: Stores) -> None:
    mine = [issued(stores, f"mine {n}", expires=NOW + 900 + n) for n in range(5)]
    others = [issued(stores, f"other {n}", browser="b2") for n in range(2)]
    assert [stores.links.find(link.id) is not None for link in mine] == [False, False, True, True, True]
    assert all(stores.links.find(link.id) for link in others)


def test_an_ask_answered_again_before_its_mail_went_out_replaces_its_link(stores: Stores) -> None:
    first, second = issued(stores, "ask"), issued(stores, "ask")
    assert stores.links.find(first.id) is None
    assert stores.links.find(second.id) == second


def test_an_ask_whose_mail_went_out_is_not_answered_again(stores: Stores) -> None:
    link = issued(stores, "ask")
    stores.links.mailed("ask")
    late = a_link()
    assert not stores.links.issue("ask", late, a_code(late), NOW)
    assert stores.links.find(late.id) is None
    assert stores.links.find(link.id) == link


def test_of_one_ask_answered_by_many_workers_at_once_one_link_lives(stores: Stores) -> None:
    def answer(_: int) -> Link | None:
        link = a_link()
        try:
            return link if stores.links.issue("ask", link, a_code(link), NOW) else None
        except Busy:
            return None

    links = [link for link in together(8, answer) if link]
    assert links
    assert sum(stores.links.find(link.id) is not None for link in links) == 1


def test_of_one_pair_three_links_live_however_many_workers_issue_at_once(stores: Stores) -> None:
    def insist(number: int) -> Link:
        link = a_link()
        while True:
            try:
                assert stores.links.issue(f"ask {number}", link, a_code(link), NOW)
            except Busy:
                continue
            return link

    links = together(6, insist)
    assert sum(stores.links.find(link.id) is not None for link in links) == 3


# Codes and tries


def test_the_newest_code_of_a_browser_counts(stores: Stores) -> None:
    assert stores.links.find_code("b1") is None
    issued(stores, "1")
    second = issued(stores, "2")
    assert stores.links.find_code("b1") == a_code(second)
    decoy = Code("d", "none", REF, NOW + 1)
    stores.links.put_code("b1", decoy)
    assert stores.links.find_code("b1") == decoy


def test_a_code_has_so_many_tries_even_when_all_come_at_once(stores: Stores) -> None:
    code = a_code(issued(stores))
    assert sum(together(12, lambda _: stores.links.take_code_try("b1", code, 5))) == 5
    newer = a_code(issued(stores, "2"))
    assert not stores.links.take_code_try("b1", code, 5)
    assert stores.links.take_code_try("b1", newer, 5)


def test_a_link_has_three_tries_to_retype_even_when_all_come_at_once(stores: Stores) -> None:
    link = issued(stores)
    assert sum(together(8, lambda _: stores.links.take_retype(link.id, 3))) == 3
    assert not stores.links.take_retype(tokens.digest("made up"), 3)


# Counters


def test_moments_are_kept_and_replaced_only_by_who_knows_them(stores: Stores) -> None:
    counters = stores.counters
    assert counters.times("key") is None
    assert counters.replace("key", None, (), NOW)
    assert counters.times("key") == ()
    assert counters.replace("key", (), (NOW, NOW + 0.1), NOW)
    assert not counters.replace("key", (), (1.0,), NOW)
    assert not counters.replace("key", None, (1.0,), NOW)
    assert counters.times("key") == (NOW, NOW + 0.1)


def test_a_counter_counts_every_call_once(stores: Stores) -> None:
    assert sorted(together(12, lambda _: stores.counters.count("key", NOW + 60))) == list(range(1, 13))
    assert stores.counters.count("other", NOW + 60) == 1


def test_parallel_requests_get_no_more_than_the_limit(stores: Stores, time: FakeClock) -> None:
    throttle = Throttle(stores.counters)
    assert 1 <= sum(together(12, lambda _: throttle.allow("key", (Limit(2, 60),)))) <= 2


# The whole story


def test_from_asking_to_signing_out(world: World) -> None:
    browser = a_browser()
    opened = world.press(world.mail(browser, next_path="/payments").token, browser)
    assert opened.next == "/payments"
    visit = world.sessions.visit(opened.cookie)
    assert (visit.mailbox, visit.holders) == (ADA.address, ("cus_ada",))
    world.clock.advance(301)
    assert world.is_in(opened.cookie)
    world.sessions.end_everywhere(visit)
    assert not world.is_in(opened.cookie)
