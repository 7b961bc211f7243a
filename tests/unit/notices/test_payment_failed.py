"""Who is told that a payment failed: once for each bill and day, while it is true, and in which words."""

import logging

import pytest
from msgspec.structs import replace

from chalicelib.billing.facts import SubscriptionFacts
from chalicelib.mail.mailer import MailRefused, MailUnavailable
from chalicelib.notices.card_expiring import PACE, RETRY_AFTER, TAKEN_FOR
from tests.builders import a_bill, a_card, a_customer, a_subscription
from tests.unit.notices.card_world import at
from tests.unit.notices.failed_world import DAY, FAILED_AT, FailedWorld, a_failed_bill, a_failed_world

FAILED, LAST = "Payment failed: Studio Membership", "Last reminder: payment failed for Studio Membership"
world = pytest.fixture(a_failed_world)


def test_over_the_days_four_mails_come(world: FailedWorld) -> None:
    world.with_ada()
    mails = {day: subjects for day in range(1, 40) if (subjects := world.later(DAY))}
    assert mails == {1: [FAILED], 3: [FAILED], 7: [FAILED], 12: [LAST]}
    assert world.outcomes() == dict.fromkeys((0, 3, 7, 12), "sent")
    assert world.mirror.failed["cus_ada", "in_1"].due is None


def test_the_first_comes_with_the_next_round(world: FailedWorld) -> None:
    world.with_ada()
    assert world.sweep() == 1
    world.work()
    assert [mail.subject for mail in world.mails.sent] == [FAILED]
    assert world.sweep() == 0


def test_after_it_is_paid_no_mail_comes(world: FailedWorld) -> None:
    world.with_ada()
    assert world.later(4 * DAY) == [FAILED, FAILED]
    world.having(a_bill("in_1"))
    assert world.later(30 * DAY) == []


@pytest.mark.parametrize("status", ["void", "uncollectible"])
def test_nor_after_the_merchant_gave_it_up(world: FailedWorld, status: str) -> None:
    world.with_ada().later(DAY)
    world.having(a_failed_bill(status=status))
    assert world.later(30 * DAY) == []


@pytest.mark.parametrize(
    "facts", [a_subscription(status="canceled"), a_subscription(status="past_due", portal_cancel="intent")]
)
def test_nor_after_it_was_canceled(world: FailedWorld, facts: SubscriptionFacts) -> None:
    world.with_ada().later(DAY)
    world.having(facts, a_failed_bill(auto_advance=False))
    assert world.later(30 * DAY) == []


def test_further_failures_of_the_same_bill_bring_no_further_mail(world: FailedWorld) -> None:
    world.with_ada()
    assert world.later(DAY) == [FAILED]
    for attempt in range(2, 6):
        tries = tuple(replace(a_failed_bill().payments[0], id=f"ch_{n}") for n in range(attempt))
        world.having(a_failed_bill(attempts=attempt, payments=tries))
        assert world.later(3600) == []


def test_each_failed_bill_has_mails_of_its_own_that_name_the_whole_sum(world: FailedWorld) -> None:
    world.with_ada().later(DAY)
    world.now = FAILED_AT + 30 * DAY
    world.having(a_failed_bill("in_2", when=world.now))
    assert world.later(30 * DAY) == [FAILED, FAILED, FAILED, LAST]
    assert "With other payments that are still open, $98.00 is due in all." in world.mails.sent[-1].text
    assert "in all" not in world.mails.sent[0].text


def test_a_delayed_payment_holds_the_mails_back_and_the_missed_day_follows_when_it_fails(world: FailedWorld) -> None:
    world.with_ada().later(DAY)
    made = replace(
        a_failed_bill().payments[0], id="py_1", status="processing", created=int(world.now), kind="sepa_debit"
    )
    world.having(a_failed_bill(payments=(*a_failed_bill().payments, made)))
    assert world.later(4 * DAY) == []
    world.having(a_failed_bill(payments=(*a_failed_bill().payments, replace(made, status="failed"))))
    assert world.later(3600) == [FAILED]
    assert "SEPA debit •••• 4242" in world.mails.sent[-1].text
    assert world.outcomes() == {0: "sent", 3: "sent"}


def test_a_bill_known_long_after_brings_the_latest_mail_alone(world: FailedWorld) -> None:
    world.now = FAILED_AT + 8 * DAY
    world.with_ada()
    assert world.later(DAY) == [FAILED]
    assert world.outcomes() == {7: "sent"}


def test_a_bill_whose_days_are_over_brings_none(world: FailedWorld) -> None:
    world.now = FAILED_AT + 13 * DAY
    world.with_ada()
    assert world.later(30 * DAY) == []


def test_the_merchant_says_on_which_days(world: FailedWorld) -> None:
    world.settings = replace(world.settings, payment_failed_days=(1, 2))
    world.with_ada()
    assert [world.later(DAY) for _ in range(4)] == [[FAILED], [LAST], [], []]


def test_the_merchant_can_turn_them_off(world: FailedWorld) -> None:
    world.with_ada().sweep()
    world.settings = replace(world.settings, payment_failed_days=())
    world.work()
    assert world.later(30 * DAY) == []
    assert world.mails.sent == []


def test_which_day_it_is_says_the_merchants_time_zone(world: FailedWorld) -> None:
    world.settings = replace(world.settings, time_zone="Pacific/Auckland")  # it is three in the morning of the third
    world.with_ada().later(3600)
    assert world.later(at("2026-11-05", 19) - world.now) == []
    assert world.later(2 * 3600) == [FAILED]


def test_it_says_how_much_why_what_comes_next_and_where_to_go(world: FailedWorld) -> None:
    world.with_ada().later(DAY)
    mail = world.mails.sent[0]
    assert mail.to == "ada@example.com"
    for part in (mail.text, mail.html):
        for words in (
            "Your payment for Studio Membership failed",
            "$49.00",
            "due on 2 November 2026",
            "Visa •••• 4242",
            "There wasn’t enough money available for this payment. Try again once there is, or use another card.",
            "We’ll try again by ourselves on 5 November 2026",
            "https://x.example/items/sub_studio",
            "Fix it now",
            "help@northlight.example",
        ):
            assert words in part
        assert "last reminder" not in part


def test_the_last_says_so_and_that_nobody_tries_again(world: FailedWorld) -> None:
    world.with_ada(next_attempt=None).later(20 * DAY)
    text = world.mails.sent[-1].text
    assert "We won’t try again by ourselves: it stays open until you pay it. This is our last reminder" in text


def test_what_a_bank_suspects_is_not_told(world: FailedWorld) -> None:
    stolen = replace(a_failed_bill().payments[0], decline_code="stolen_card")
    world.with_ada(payments=(stolen,)).later(DAY)
    assert "Your bank declined the payment and didn’t say why." in world.mails.sent[0].text
    assert "stolen" not in world.mails.sent[0].text + world.mails.sent[0].html


def test_without_a_card_it_says_so(world: FailedWorld) -> None:
    world.with_ada(payments=()).having(a_subscription(status="past_due", default_card="")).later(DAY)
    text = world.mails.sent[0].text
    assert "\ncouldn’t be charged.\n" in text
    assert "There was no card to charge. Choose or add a card." in text


def test_when_stripe_gives_no_reason_none_is_made_up(world: FailedWorld) -> None:
    world.with_ada(payments=()).later(DAY)
    text = world.mails.sent[0].text
    assert "couldn’t be charged to your Visa •••• 4242." in text
    assert "The last payment didn’t go through. Choose or add a card." in text


def test_a_bank_that_wants_a_confirmation_is_named_as_the_reason_and_the_card_that_pays_for_the_item(
    world: FailedWorld,
) -> None:
    waiting = replace(a_failed_bill().payments[0], status="requires_action", kind="", brand="", last4="")
    world.with_ada(payments=(waiting,)).later(DAY)
    assert "couldn’t be charged to your Visa •••• 4242." in world.mails.sent[0].text
    assert "Your bank wants you to confirm this payment." in world.mails.sent[0].text


def test_an_instalment_is_counted(world: FailedWorld) -> None:
    plan = a_subscription(status="past_due", mark="plan", instalments=6)
    paid = a_bill("in_0", reason="subscription_create", created=int(FAILED_AT) - 30 * DAY)
    world.having(a_customer(), a_card(), plan, paid, a_failed_bill(reason="subscription_cycle")).later(DAY)
    assert "Instalment 2 of 6 for Studio Membership failed" in world.mails.sent[0].text


def test_a_message_that_comes_twice_or_late_sends_once(world: FailedWorld) -> None:
    world.with_ada().sweep()
    message = world.queue.sent[0]
    world.queue.sent *= 3
    world.work()
    assert len(world.mails.sent) == 1
    world.now += 3 * DAY
    world.deliver(message)
    assert len(world.mails.sent) == 1


def test_of_two_workers_at_once_one_sends(world: FailedWorld) -> None:
    world.with_ada().sweep()
    first = world.queue.sent.pop()
    send = world.mails.send

    def while_sending(message: object) -> str:
        world.mails.send = send  # type: ignore[method-assign]
        world.deliver(first)
        return send(message)  # type: ignore[arg-type]

    world.mails.send = while_sending  # type: ignore[method-assign, assignment]
    world.deliver(first)
    assert len(world.mails.sent) == 1


def test_a_lost_message_is_sent_again(world: FailedWorld) -> None:
    world.with_ada().sweep()
    world.queue.sent.clear()
    world.now += RETRY_AFTER - 1
    assert world.sweep() == 0
    world.now += 1
    assert world.sweep() == 1
    world.work()
    assert len(world.mails.sent) == 1


def test_who_took_it_and_died_is_not_followed_by_a_second_mail_that_day(
    world: FailedWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world.with_ada()
    assert world.bills.take(world.mirror.failed["cus_ada", "in_1"], 0, world.now + TAKEN_FOR)
    world.now += TAKEN_FOR
    with caplog.at_level(logging.WARNING):
        assert world.sweep() == 0
    assert "a mail may not have been sent" in caplog.text
    assert world.outcomes() == {0: "unsure"}
    assert world.later(3 * DAY) == [FAILED]


def test_mail_service_out_of_reach_is_tried_again_and_again(world: FailedWorld) -> None:
    world.with_ada().sweep()
    world.mails.trouble = [MailUnavailable(), MailUnavailable()]
    for _ in range(2):
        with pytest.raises(MailUnavailable):
            world.work()
        world.now += RETRY_AFTER
        assert world.sweep() == 1
    world.work()
    assert len(world.mails.sent) == 1


def test_a_refused_mail_is_not_tried_again_that_day(world: FailedWorld) -> None:
    world.with_ada().sweep()
    world.mails.trouble = [MailRefused()]
    world.work()
    assert world.outcomes() == {0: "refused"}
    assert world.later(3 * DAY) == [FAILED]


def test_it_goes_to_the_address_of_now_and_to_nobody_hidden(world: FailedWorld) -> None:
    world.with_ada().having(a_customer(email="ada.king@example.com")).later(DAY)
    assert [mail.to for mail in world.mails.sent] == ["ada.king@example.com"]
    world.having(a_customer(hidden=True))
    assert world.later(20 * DAY) == []


def test_many_at_once_are_spread_over_time(world: FailedWorld) -> None:
    for number in range(3 * PACE):
        holder, item = f"cus_{number}", f"sub_{number}"
        mine = a_subscription(item, customer=holder, status="past_due")
        world.having(a_customer(holder), mine, a_failed_bill(f"in_{number}", holder=holder, subscription=item))
    assert world.sweep() == 3 * PACE
    assert [world.queue.delays.count(second) for second in range(3)] == [PACE] * 3
