"""Who is told that a card expires: once per mailbox, card, expiry and offset, and only when it matters."""

import logging

import pytest
from msgspec.structs import replace

from chalicelib.mail.mailer import MailRefused, MailUnavailable
from chalicelib.notices import card_expiring
from chalicelib.notices.card_expiring import PACE, RETRY_AFTER, ROUND, SES_MAILS_A_SECOND, TAKEN_FOR
from tests.builders import a_card, a_customer, a_subscription
from tests.unit.notices.card_world import CardWorld, a_card_world

SOON, OVER = "Your Visa •••• 4242 expires soon", "Your Visa •••• 4242 has expired"
world = pytest.fixture(a_card_world)


def test_over_the_life_of_a_card_four_mails_come(world: CardWorld) -> None:
    world.with_ada()
    days = ["2026-11-01", "2026-11-02", "2026-11-03", "2026-12-02", "2026-12-24", "2026-12-25", "2026-12-31"]
    days += ["2027-01-01", "2027-01-02", "2027-02-01"]
    mails = {day: subjects for day in days if (subjects := world.day(day))}
    assert mails == {"2026-11-02": [SOON], "2026-12-02": [SOON], "2026-12-25": [SOON], "2027-01-01": [OVER]}
    assert world.outcomes() == dict.fromkeys((60, 30, 7, 0), "sent")


def test_a_job_that_did_not_run_for_weeks_sends_the_latest_notice_once(world: CardWorld) -> None:
    world.with_ada()
    assert world.day("2026-12-27") == [SOON]
    assert world.outcomes() == {7: "sent"}
    assert world.day("2026-12-28") == []
    assert world.day("2027-01-01") == [OVER]


def test_a_job_that_did_not_run_for_months_sends_nothing(world: CardWorld) -> None:
    world.with_ada()
    assert world.day("2027-03-01") == []
    assert world.mirror.watched[next(iter(world.mirror.watched))] is None


def test_running_the_job_again_on_the_same_day_sends_nothing_more(world: CardWorld) -> None:
    world.with_ada()
    world.day("2026-11-02")
    assert world.begin("2026-11-02") == 0
    assert (world.queue.sent, len(world.mails.sent)) == ([], 1)


def test_which_day_it_is_says_the_merchants_time_zone(world: CardWorld) -> None:
    world.with_ada()
    world.settings = replace(world.settings, time_zone="Pacific/Honolulu")
    assert world.day("2026-11-02") == []
    assert world.day("2026-11-03") == [SOON]


def test_the_same_card_at_two_customers_of_one_mailbox_is_one_mail_about_all_items(world: CardWorld) -> None:
    twin = a_customer("cus_twin", email="ADA0@example.com")
    card = a_card("pm_twin", customer="cus_twin", exp_month=12, exp_year=2026, fingerprint="fp_0")
    world.with_ada().having(twin, card, a_subscription("sub_twin", customer="cus_twin", default_card="pm_twin"))
    assert world.begin("2026-11-02") == len(world.queue.sent) == 1
    world.work()
    text = world.mails.sent[0].text
    assert "https://x.example/items/sub_0" in text
    assert "https://x.example/items/sub_twin" in text


def test_the_same_card_under_two_mailboxes_is_two_mails(world: CardWorld) -> None:
    world.with_ada(1, fingerprint="fp_family").with_ada(2, fingerprint="fp_family")
    assert world.day("2026-11-02") == [SOON, SOON]
    assert {mail.to for mail in world.mails.sent} == {"ada1@example.com", "ada2@example.com"}


def test_a_message_that_comes_twice_sends_once(world: CardWorld) -> None:
    world.with_ada().begin("2026-11-02")
    world.queue.sent *= 3
    world.work()
    assert len(world.mails.sent) == 1


def test_of_two_workers_at_once_one_sends(world: CardWorld) -> None:
    world.with_ada().begin("2026-11-02")
    first, late = world.queue.sent[0], []
    world.queue.sent.clear()
    took = world.notices.take

    def a_moment_later(notice: card_expiring.Notice, until: float) -> bool:
        if not late:
            late.append(first)
            world.queue.sent.append(first)
            world.work()
        return took(notice, until)

    world.notices.take = a_moment_later  # type: ignore[method-assign]
    world.queue.sent.append(first)
    world.work()
    assert len(world.mails.sent) == 1


def canceled(world: CardWorld) -> None:
    world.having(a_subscription("sub_0", customer="cus_ada0", default_card="pm_0", cancel_at_period_end=True))


def moved_to_another_card(world: CardWorld) -> None:
    world.having(a_subscription("sub_0", customer="cus_ada0", default_card="pm_new"))


def renewed_by_the_bank(world: CardWorld) -> None:
    card = a_card("pm_0", customer="cus_ada0", exp_month=12, exp_year=2029, fingerprint="fp_0")
    world.having(card)


def card_removed(world: CardWorld) -> None:
    world.mirror.forget("pm_0", world.mirror.take_ticket("pm_0"))


def customer_hidden(world: CardWorld) -> None:
    world.having(a_customer("cus_ada0", email="ada0@example.com", hidden=True))


CHANGES = [canceled, moved_to_another_card, renewed_by_the_bank, card_removed, customer_hidden]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_changed_before_the_day_sends_nothing(world: CardWorld, change) -> None:
    world.with_ada()
    change(world)
    assert world.begin("2026-11-02") == 0


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_changed_after_the_job_and_before_the_mail_sends_nothing(world: CardWorld, change) -> None:
    world.with_ada().begin("2026-11-02")
    change(world)
    world.work()
    assert (world.mails.sent, world.outcomes()) == ([], {60: "needless"})


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_row_of_a_watched_card_that_stayed_behind_sends_nothing(world: CardWorld, change) -> None:
    world.with_ada().begin("2026-11-02")
    behind = dict(world.mirror.watched)
    change(world)
    world.mirror.watched = behind
    world.work()
    assert (world.mails.sent, world.outcomes()) == ([], {60: "needless"})


def test_a_notice_that_waited_until_the_next_was_due_is_not_sent(world: CardWorld) -> None:
    world.with_ada().begin("2026-12-02")
    waited = world.queue.sent.pop()
    world.begin("2026-12-25")
    world.queue.sent.append(waited)
    world.work()
    assert (len(world.mails.sent), world.outcomes()) == (1, {30: "needless", 7: "sent"})


def test_a_mail_service_that_is_down_delays_the_mail(world: CardWorld) -> None:
    world.with_ada().begin("2026-11-02")
    world.mails.trouble = [MailUnavailable()]
    with pytest.raises(MailUnavailable):
        world.work()
    assert world.sweep() == 1
    world.work()
    assert (len(world.mails.sent), world.outcomes()) == (1, {60: "sent"})


def test_a_mail_that_is_refused_is_not_tried_again(world: CardWorld, caplog: pytest.LogCaptureFixture) -> None:
    world.with_ada().begin("2026-11-02")
    world.mails.trouble = [MailRefused()]
    world.work()
    assert (world.sweep(), world.outcomes()) == (0, {60: "refused"})
    assert "a notice was refused" in caplog.text


def test_the_sweep_leaves_alone_what_is_on_its_way(world: CardWorld) -> None:
    world.with_ada().begin("2026-11-02")
    assert world.sweep(RETRY_AFTER - 1) == 0
    assert world.sweep(1) == 1


def test_a_sender_that_died_in_the_call_is_told_and_not_repeated(
    world: CardWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world.with_ada().begin("2026-11-02")
    (notice,) = world.notices.made
    world.queue.sent.clear()
    world.notices.take(notice, world.now + TAKEN_FOR)
    assert world.sweep(TAKEN_FOR - 1) == 0
    with caplog.at_level(logging.WARNING):
        assert world.sweep(1) == 1
    assert (world.queue.sent, world.outcomes()) == ([], {60: "unsure"})
    assert "may not have been sent" in caplog.text


def test_mails_are_spread_within_the_rate_of_the_mail_service(world: CardWorld) -> None:
    for number in range(35):
        world.with_ada(number)
    assert world.begin("2026-11-02") == 35
    assert PACE < SES_MAILS_A_SECOND
    assert max(world.queue.delays.count(second) for second in set(world.queue.delays)) == PACE
    assert world.queue.delays == sorted(world.queue.delays)


def test_a_round_ends_with_the_wish_for_the_next(world: CardWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_expiring, "ROUND", 20)
    for number in range(45):
        world.with_ada(number)
    assert world.begin("2026-11-02") == 20
    assert (world.queue.sent[-1], world.queue.delays[-1]) == ({"kind": "card_notices"}, 20 // PACE)
    world.work()
    assert len(world.mails.sent) == len({mail.to for mail in world.mails.sent}) == 45
    assert ROUND // PACE <= 900, "SQS holds no message back for longer"


def test_a_mail_goes_to_the_address_of_today(world: CardWorld) -> None:
    world.with_ada()
    world.having(a_customer("cus_ada0", email="Ada.New@example.com"))
    world.day("2026-11-02")
    assert [mail.to for mail in world.mails.sent] == ["Ada.New@example.com"]


def test_a_products_name_is_never_taken_for_markup(world: CardWorld) -> None:
    item = a_subscription("sub_0", customer="cus_ada0", default_card="pm_0")
    price = replace(item.items[0].price, name="<b>Bits & Bobs</b>")
    world.with_ada().having(replace(item, items=(replace(item.items[0], price=price),)))
    world.day("2026-11-02")
    (mail,) = world.mails.sent
    assert "<b>Bits & Bobs</b>" in mail.text
    assert "&lt;b&gt;Bits &amp; Bobs" in mail.html
    assert "<b>" not in mail.html
