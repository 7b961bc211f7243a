"""A card expires while time goes by: who is told, when, in which words, and where the link leads."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from msgspec.structs import replace

from chalicelib import clock, wiring
from chalicelib.money import format_date
from chalicelib.notices.expiry import OFFSETS
from local.outbox import Mail
from tests.functional.visitor import Visitor
from tests.shop import MASTERCARD, Shop
from tests.stack import TestStack, Troubles

ADA = "ada@mail.example"


def midnight(day: date) -> int:
    """In UTC."""
    return int(datetime.combine(day, time(), UTC).timestamp())


class Ada:
    """Pays for a subscription with a card that expires in two or three months."""

    def __init__(self, stack: TestStack, shop: Shop, inherits: bool = False) -> None:
        self.stack, self.shop = stack, shop
        months = (self.today().year * 12 + self.today().month - 1 + later for later in range(6))
        ends = (date(month // 12, month % 12 + 1, 1) for month in months)
        self.expired_on = next(end for end in ends if (end - self.today()).days > 63)
        last = self.expired_on - timedelta(days=1)
        self.month, self.year = last.month, last.year
        self.customer = shop.customer(ADA)
        self.card = shop.card(self.customer, month=self.month, year=self.year)
        if inherits:
            shop.v1.customers.update(self.customer, {"invoice_settings": {"default_payment_method": self.card}})
        own = {} if inherits else {"default_payment_method": self.card}
        self.item = shop.subscription(self.customer, **own)
        stack.settle()

    @staticmethod
    def today() -> date:
        return datetime.fromtimestamp(clock.now(), UTC).date()

    def until(self, days: int, daily: bool = False) -> list[Mail]:
        """Go to the day so many days before the card is no longer good. The daily job runs on that day and on all days
        with a notice on the way, or on each day.

        Gives the mails so far.
        """
        left = (self.expired_on - self.today()).days
        stops = {days, *OFFSETS, 20, 40, 80}  # no gap longer than Stripe remembers events
        assert left > days
        for stop in [d for d in range(left - 1, days - 1, -1) if daily or d in stops]:
            if left - stop > 1:
                self.stack.skip(f"P{left - stop - 1}D")
            self.stack.advance("P1D")
            left = stop
        return [mail for mail in self.stack.outbox.all() if "Visa" in str(mail.message["Subject"])]

    @property
    def last_day(self) -> str:
        """As mails write it."""
        return format_date(midnight(self.expired_on - timedelta(days=1)))


@pytest.fixture
def ada(stack: TestStack, shop: Shop) -> Ada:
    return Ada(stack, shop)


def test_the_mail_names_the_card_what_it_pays_for_and_leads_there_after_sign_in(ada: Ada, visitor: Visitor) -> None:
    (mail,) = ada.until(60)

    assert (mail.to, mail.message["Subject"]) == (ADA, "Your Visa •••• 4242 expires soon")
    for part in (mail.text, mail.html):
        assert "Visa •••• 4242" in part
        assert ada.last_day in part
        assert f"{ada.month:02}/{ada.year}" in part
        assert "Studio Membership" in part
        assert "$49.00" in part
    (link,) = mail.links
    assert link == f"{ada.stack.portal_url}/items/{ada.item}"
    asked = visitor.open(link)
    assert "sign-in" in asked.path
    visitor.fill_only_field(ADA)
    code = next(mail for mail in ada.stack.mailbox(ADA) if "sign-in" in str(mail.message["Subject"])).text
    arrived = visitor.fill_only_field("".join(ch for ch in code.partition("Your code is ")[2][:8] if ch.isdigit()))
    assert (arrived.url, arrived.heading) == (link, "Studio Membership Active")


@pytest.mark.root_only
def test_over_the_months_four_mails_come_each_on_its_day(ada: Ada) -> None:
    mails = [len(ada.until(days, daily=True)) for days in (61, 60, 31, 30, 8, 7, 1, 0, -3)]
    assert mails == [0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert ada.stack.outbox.all()[0].message["Subject"] == "Your Visa •••• 4242 has expired"


@pytest.mark.root_only
def test_after_another_card_was_chosen_no_mail_comes(ada: Ada, visitor: Visitor) -> None:
    assert len(ada.until(60)) == 1
    other = ada.shop.card(ada.customer, MASTERCARD)
    visitor.sign_in(ADA)
    visitor.open(f"/items/{ada.item}/card")
    visitor.press("Use this card", {"card": other})

    assert len(ada.until(0)) == 1


@pytest.mark.root_only
def test_after_the_subscription_was_canceled_no_mail_comes(ada: Ada) -> None:
    assert len(ada.until(60)) == 1
    ada.shop.v1.subscriptions.update(ada.item, {"cancel_at_period_end": True})

    assert len(ada.until(0)) == 1


@pytest.mark.root_only
def test_a_card_removed_or_renewed_at_stripe_is_not_written_about(ada: Ada) -> None:
    ada.shop.v1.payment_methods.update(ada.card, {"card": {"exp_month": 12, "exp_year": ada.year + 5}})

    assert ada.until(0) == []


@pytest.mark.root_only
def test_the_customers_default_card_counts_where_an_item_has_none(stack: TestStack, shop: Shop) -> None:
    ada = Ada(stack, shop, inherits=True)
    assert len(ada.until(60)) == 1
    shop.v1.customers.update(ada.customer, {"invoice_settings": {"default_payment_method": shop.card(ada.customer)}})
    assert len(ada.until(0)) == 1


@pytest.mark.root_only
def test_days_on_which_no_job_ran_are_made_good_by_one_mail(ada: Ada) -> None:
    ada.stack.clock.move_to(midnight(ada.expired_on) - 5 * 86400)
    ada.stack.settle()
    ada.stack.jobs.run_due()

    assert len(ada.until(4)) == 1


@pytest.mark.root_only
def test_the_job_run_by_hand_again_sends_nothing_again(ada: Ada) -> None:
    assert len(ada.until(60)) == 1
    for _ in range(2):
        ada.stack.jobs.run("expiring")
        ada.stack.settle()

    assert len(ada.until(59)) == 1


@pytest.mark.root_only
def test_a_mail_service_in_trouble_delays_the_mail_until_it_is_back(ada: Ada, troubles: Troubles) -> None:
    ada.until(61)
    ada.stack.outbox.failing = 9
    assert ada.until(60) == []
    assert troubles.seen
    troubles.seen.clear()
    ada.stack.outbox.failing = 0

    assert len(ada.until(59)) == 1


@pytest.mark.root_only
def test_several_items_on_one_card_are_one_mail_with_a_link_for_each(ada: Ada) -> None:
    twin = ada.shop.customer("ADA@mail.example")
    card = ada.shop.card(twin, month=ada.month, year=ada.year)
    print_club = ada.shop.subscription(twin, "Print Club", default_payment_method=card)
    plan = ada.shop.plan(ada.customer, of=12)
    ada.shop.v1.subscriptions.update(plan, {"default_payment_method": ada.card})

    (mail,) = ada.until(60)

    assert {link.rpartition("/")[2] for link in mail.links} == {ada.item, print_club, plan}
    for name in ("Studio Membership", "Print Club", "Portrait Masterclass (payment plan)"):
        assert name in mail.text


@pytest.mark.root_only
def test_the_merchants_time_zone_says_which_day_it_is(ada: Ada) -> None:
    store = wiring.portal().settings_store
    store.write(replace(store.read(), time_zone="Pacific/Kiritimati"))
    at_home = (ada.expired_on - timedelta(days=61), 12)
    ada.until(62)
    ada.stack.clock.move_to(
        int(datetime(at_home[0].year, at_home[0].month, at_home[0].day, 12, tzinfo=UTC).timestamp())
    )
    ada.stack.jobs.run("expiring")
    ada.stack.settle()

    assert len(ada.stack.outbox.all()) == 1
