"""Who gets in by which link or code, and what stays unspent when they don’t."""

import random
import re

import pytest
from msgspec.structs import replace

from chalicelib.access import addresses, tokens
from chalicelib.access.entrance import AddressNeeded, LinkOver, OtherVisit
from chalicelib.access.mailboxes import FoundHolder
from chalicelib.errors import SignInNeeded
from tests.fakes.access import ADA, FakeClock, Memory, World, a_browser

LIFE = 900
EVE = FoundHolder("cus_eve", "eve@example.com", "Eve")


def test_one_click_in_the_asking_browser_signs_in_and_leads_on(world: World) -> None:
    browser = a_browser()
    mail = world.mail(browser, next_path="/items/sub_1")
    opened = world.press(mail.token, browser)
    assert opened.next == "/items/sub_1"
    visit = world.sessions.visit(opened.cookie)
    assert (visit.mailbox, visit.holders) == ("ada@example.com", ("cus_ada",))


@pytest.mark.parametrize(
    ("age", "works"), [(0, True), (899.0, True), (899.999, True), (900.0, False), (901, False), (48 * 3600, False)]
)
@pytest.mark.parametrize("way", ["link", "code"])
def test_links_and_codes_live_fifteen_minutes_by_our_clock_however_long_their_rows_stay(
    world: World, time: FakeClock, memory: Memory, way: str, age: float, works: bool
) -> None:
    browser = a_browser()
    mail = world.mail(browser)
    time.now += age
    assert memory.links
    assert memory.codes
    if works:
        assert world.press(mail.token, browser) if way == "link" else world.type(mail.code, browser)
    else:
        with pytest.raises(LinkOver):
            world.press(mail.token, browser) if way == "link" else world.type(mail.code, browser)
        assert world.session_count() == 0


def test_a_link_lives_exactly_fifteen_minutes_on_any_walk_of_the_clock(world: World, time: FakeClock) -> None:
    walk = random.Random(7)
    for _ in range(200):
        time.now = walk.uniform(1.7e9, 2.1e9)
        browser, lived = a_browser(), 0.0
        world.stripe.holders.append(FoundHolder("cus_x", f"{browser.lower()[:20].strip('-_')}x@example.com"))
        token = world.mail(browser, world.stripe.holders[-1].address).token
        begun = time.now
        while lived < LIFE - 1:
            lived += walk.uniform(0, LIFE - lived)
        time.now = begun + min(lived, 899.999)
        link = world.stores.links.find(tokens.digest(token))
        assert link
        assert link.works(time.now)
        assert not link.works(begun + LIFE)
        assert world.press(token, browser)


def test_a_link_works_once(world: World) -> None:
    browser = a_browser()
    token = world.mail(browser).token
    world.press(token, browser)
    with pytest.raises(LinkOver):
        world.press(token, browser)
    assert world.session_count() == 1


def test_a_link_pressed_again_by_who_is_in_already_leads_on(world: World) -> None:
    browser = a_browser()
    mail = world.mail(browser, next_path="/payments")
    visit = world.sessions.visit(world.press(mail.token, browser).cookie)
    again = world.press(mail.token, browser, visit=visit)
    assert (again.cookie, again.next) == ("", "/payments")
    assert world.session_count() == 1


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "a" * 44, "../" + "a" * 40, "é" * 43])
def test_a_made_up_token_is_like_an_old_one(world: World, token: str) -> None:
    with pytest.raises(LinkOver):
        world.press(token, a_browser())


def test_another_browser_spends_nothing_until_the_address_is_retyped(world: World) -> None:
    asking, phone = a_browser(), a_browser()
    token = world.mail(asking).token
    for retyped in ["", "   ", "no address", "eve@example.com"]:
        with pytest.raises(AddressNeeded) as needed:
            world.press(token, phone, retyped)
        assert needed.value.wrong == bool(retyped.strip())
    assert world.session_count() == 0
    opened = world.press(token, phone, " Ada@EXAMPLE.com ")
    assert world.is_in(opened.cookie)
    with pytest.raises(LinkOver):
        world.press(token, asking)


def test_after_three_wrong_addresses_the_link_works_only_where_it_was_asked_for(world: World) -> None:
    asking, thief = a_browser(), a_browser()
    token = world.mail(asking).token
    for guess in ["a@example.com", "b@example.com", "c@example.com"]:
        with pytest.raises(AddressNeeded):
            world.press(token, thief, guess)
    with pytest.raises(LinkOver):
        world.press(token, thief, ADA.address)
    assert world.press(token, asking)


def test_a_scanner_that_sends_every_form_spends_neither_link_nor_tries(world: World) -> None:
    asking, phone = a_browser(), a_browser()
    mail = world.mail(asking)
    for _ in range(50):
        with pytest.raises(AddressNeeded):
            world.press(mail.token, a_browser())
        with pytest.raises(AddressNeeded):
            world.press(mail.token, a_browser(), "test")
        with pytest.raises(LinkOver):
            world.type(mail.code, a_browser())
    assert world.session_count() == 0
    assert world.press(mail.token, phone, ADA.address)


def test_a_session_opens_only_in_the_browser_that_redeems(world: World) -> None:
    """Somebody who asked for a link for another's address gets nothing when that other opens it elsewhere."""
    attacker, owner = a_browser(), a_browser()
    mail = world.mail(attacker)
    world.press(mail.token, owner, ADA.address)
    with pytest.raises(LinkOver):
        world.press(mail.token, attacker)
    with pytest.raises(LinkOver):
        world.type(mail.code, attacker)
    assert world.session_count() == 1


def test_the_code_of_the_same_mail_works_without_the_link_and_voids_it(world: World) -> None:
    browser = a_browser()
    mail = world.mail(browser, next_path="/payments")
    opened = world.type(f" {mail.code[:3]} {mail.code[3:]} ", browser)
    assert opened.next == "/payments"
    assert world.is_in(opened.cookie)
    with pytest.raises(LinkOver):
        world.press(mail.token, browser)


def test_a_used_link_voids_the_code(world: World) -> None:
    browser = a_browser()
    mail = world.mail(browser)
    world.press(mail.token, browser)
    with pytest.raises(LinkOver):
        world.type(mail.code, browser)


def test_a_code_works_only_in_the_browser_that_asked(world: World) -> None:
    browser, other = a_browser(), a_browser()
    code = world.mail(browser).code
    world.stripe.holders.append(EVE)
    world.mail(other, EVE.address)
    with pytest.raises(LinkOver):
        world.type(code, other)
    assert world.type(code, browser)


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06d}"


def test_five_wrong_tries_void_a_code_but_not_the_link(world: World) -> None:
    browser = a_browser()
    mail = world.mail(browser)
    for _ in range(5):
        with pytest.raises(LinkOver):
            world.type(wrong(mail.code), browser)
    with pytest.raises(LinkOver):
        world.type(mail.code, browser)
    assert world.press(mail.token, browser)


def test_the_fifth_try_may_be_the_right_one(world: World) -> None:
    browser = a_browser()
    mail = world.mail(browser)
    for _ in range(4):
        with pytest.raises(LinkOver):
            world.type(wrong(mail.code), browser)
    assert world.type(mail.code, browser)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12 34", "000000\x00"])
def test_what_cannot_be_a_code_costs_no_try(world: World, memory: Memory, typed: str) -> None:
    browser = a_browser()
    world.mail(browser)
    with pytest.raises(LinkOver):
        world.type(typed, browser)
    assert set(memory.code_tries.values()) == {0}


def test_ten_wrong_codes_a_day_close_codes_for_the_mailbox_but_never_links(world: World, time: FakeClock) -> None:
    for _ in range(2):
        guesser = a_browser()
        code = world.mail(guesser).code
        for _ in range(5):
            with pytest.raises(LinkOver):
                world.type(wrong(code), guesser)
        time.advance(61)
    owner = a_browser()
    mail = world.mail(owner)
    with pytest.raises(LinkOver):
        world.type(mail.code, owner)
    assert world.press(mail.token, owner)
    time.advance(86400)
    assert world.type(world.mail(owner).code, owner)


def test_right_codes_do_not_use_up_the_day(world: World, memory: Memory) -> None:
    browser = a_browser()
    code = world.mail(browser).code
    with pytest.raises(LinkOver):
        world.type(wrong(code), browser)
    assert world.type(code, browser)
    assert len(memory.times[f"codes:{addresses.ref(ADA.address)}"]) == 1


def test_a_guesser_with_all_the_mails_of_a_day_has_ten_tries(world: World, time: FakeClock, memory: Memory) -> None:
    for _ in range(40):
        browser = a_browser()
        world.ask(ADA.address, browser, source="198.51.100.7")
        world.work()
        for guess in range(8):
            with pytest.raises(LinkOver):
                world.type(f"{guess:06d}", browser)
        time.advance(600)
    judged = memory.times[f"codes:{addresses.ref(ADA.address)}"]
    assert len(judged) == 10


def test_trying_codes_after_asking_for_an_unknown_address_makes_the_very_same_calls(
    world: World, memory: Memory
) -> None:
    traces = []
    for address in [ADA.address, "nobody@example.com"]:
        browser = a_browser()
        world.ask(address, browser)
        world.work()
        memory.calls.clear()
        for _ in range(7):
            with pytest.raises(LinkOver):
                world.type("000000", browser)
        traces.append(list(memory.calls))
    assert traces[0] == traces[1]


def test_asking_for_an_unknown_address_replaces_the_code_just_as_for_a_known_one(world: World) -> None:
    """Else an attacker's own code, still working or not, would tell whether the other address is known."""
    world.stripe.holders.append(EVE)
    for address in ["nobody@example.com", EVE.address]:
        browser = a_browser()
        mine = world.mail(browser)
        world.ask(address, browser)
        world.work()
        with pytest.raises(LinkOver):
            world.type(mine.code, browser)
        assert world.press(mine.token, browser)
        world.clock.advance(61)


def test_a_newer_mail_leaves_older_links_alive_and_only_its_own_code(world: World, time: FakeClock) -> None:
    browser = a_browser()
    mails = []
    for _ in range(3):
        mails.append(world.mail(browser))
        time.advance(61)
    with pytest.raises(LinkOver):
        world.type(mails[0].code, browser)
    for mail in mails:
        assert world.press(mail.token, browser)


def test_of_one_browser_three_links_live_at_most_and_the_oldest_goes(world: World, time: FakeClock) -> None:
    browser = a_browser()
    mails = []
    for _ in range(4):
        mails.append(world.mail(browser))
        time.advance(61)
    with pytest.raises(LinkOver):
        world.press(mails[0].token, browser)
    assert world.press(mails[1].token, browser)


def test_links_asked_for_by_others_never_void_the_owners(world: World, time: FakeClock) -> None:
    owner = a_browser()
    mine = world.mail(owner)
    for _ in range(8):
        time.advance(61)
        world.ask(ADA.address, a_browser(), source="198.51.100.7")
        world.work()
    assert len(world.mails()) > 3
    assert world.press(mine.token, owner)


def test_somebody_else_signed_in_here_is_asked_first_and_nothing_is_spent(world: World) -> None:
    world.stripe.holders.append(EVE)
    browser = a_browser()
    ada = world.sign_in(browser)
    mail = world.mail(browser, EVE.address)
    for attempt in (
        lambda: world.press(mail.token, browser, visit=ada),
        lambda: world.type(mail.code, browser, visit=ada),
    ):
        with pytest.raises(OtherVisit):
            attempt()
    assert world.session_count(EVE.address) == 0
    opened = world.press(mail.token, browser, visit=ada, replace=True)
    assert world.sessions.visit(opened.cookie).mailbox == EVE.address
    assert world.session_count(ADA.address) == 0


def test_a_foreign_link_opened_in_a_signed_in_browser_changes_nothing(world: World) -> None:
    """Login by an attacker’s link: the session there stays, whoever’s link it is."""
    world.stripe.holders.append(EVE)
    victim = a_browser()
    ada = world.sign_in(victim)
    foreign = world.mail(a_browser(), EVE.address)
    with pytest.raises(OtherVisit):
        world.press(foreign.token, victim, visit=ada)
    with pytest.raises(AddressNeeded):
        world.press(foreign.token, victim, visit=ada, replace=True)
    assert world.session_count(ADA.address) == 1


def test_signing_in_again_gives_a_new_session_and_ends_the_old_one(world: World, time: FakeClock) -> None:
    browser = a_browser()
    first = world.sign_in(browser)
    time.advance(61)
    second = world.sign_in(browser, visit=first)
    assert first.session != second.session
    assert first.csrf != second.csrf
    assert world.session_count() == 1


def test_a_mailbox_that_lost_its_last_holder_lets_nobody_in(world: World) -> None:
    browser = a_browser()
    token = world.mail(browser).token
    mailbox = world.stores.mailboxes.open(addresses.ref(ADA.address))
    assert mailbox
    world.stores.mailboxes.save(replace(mailbox, holders=()))
    with pytest.raises(LinkOver):
        world.press(token, browser)


def test_nothing_stored_can_be_used_to_get_in(world: World, memory: Memory) -> None:
    browser = a_browser()
    mail = world.mail(browser)
    opened = world.press(mail.token, browser)
    session_token = opened.cookie.partition(".")[2]
    stored = repr({k: v for k, v in vars(memory).items() if k not in {"mailboxes", "lock"}})
    for secret in (mail.token, mail.code, session_token, browser, ADA.address):
        assert secret not in stored
    for secret in (mail.token, session_token):
        with pytest.raises(SignInNeeded):
            world.sessions.visit(f"{addresses.ref(ADA.address)}.{tokens.digest(secret)[:43]}")
    assert re.fullmatch(r"[0-9a-f]{64}\.[\w-]{43}", opened.cookie)
