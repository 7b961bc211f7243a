"""A renewal or an instalment fails while time goes by: who is told, when, and that fixing it ends it."""

from typing import Any

import pytest
import stripe
from msgspec.structs import replace

from chalicelib import clock, wiring
from chalicelib.notices.card_expiring import RETRY_AFTER, TAKEN_FOR
from local.outbox import Mail
from local.portal import QUEUE
from tests.functional.neighbours import bought_before_we_came
from tests.functional.visitor import Visitor
from tests.shop import CHARGE_FAILS, MASTERCARD, Shop
from tests.stack import TestStack

ADA = "ada@mail.example"
DAY = 86400


class Ada:
    """Pays for a subscription, or a plan, by a card that works no more when the next payment comes."""

    def __init__(self, stack: TestStack, shop: Shop, plan: bool = False) -> None:
        self.stack, self.shop = stack, shop
        self.customer = shop.customer(ADA)
        self.item = shop.plan(self.customer) if plan else shop.subscription(self.customer)
        failing = shop.card(self.customer, CHARGE_FAILS)
        self.change(self.item, {"default_payment_method": failing})
        self.failed_at = int(clock.now())
        stack.settle()

    def change(self, item: str, params: Any) -> None:
        self.shop.v1.subscriptions.update(item, params)

    def renewed(self) -> "Ada":
        """Until three hours after the renewal, which has failed by then."""
        subscription = self.shop.v1.subscriptions.retrieve(self.item)
        self.until(subscription["items"].data[0].current_period_end + 3 * 3600)
        self.failed_at = self.bill.status_transitions.finalized_at or 0
        return self

    def until(self, moment: float) -> None:
        self.stack.clock.move_to(int(moment))
        self.stack.worker.bring_back()
        self.stack.settle()

    def sweep(self) -> list[Mail]:
        """One round; the mails so far, oldest first."""
        self.stack.jobs.run("sweep")
        self.stack.settle()
        return [mail for mail in reversed(self.stack.outbox.all()) if "ayment failed" in str(mail.message["Subject"])]

    def on(self, *days: int) -> list[int]:
        """A round at noon of these days after it failed; how many mails there were after each."""
        noon = self.failed_at // DAY * DAY + DAY // 2
        counts = []
        for day in days:
            self.until(max(noon + day * DAY, clock.now() + 1))
            counts.append(len(self.sweep()))
        return counts

    @property
    def bill(self) -> stripe.Invoice:
        """The open one."""
        return self.shop.v1.invoices.list({"subscription": self.item, "status": "open"}).data[0]


@pytest.fixture
def ada(stack: TestStack, shop: Shop) -> Ada:
    return Ada(stack, shop)


def test_the_mail_leads_to_the_item_after_sign_in_and_fixing_it_there_ends_the_mails(
    ada: Ada, visitor: Visitor
) -> None:
    (mail,) = ada.renewed().sweep()
    assert (mail.to, mail.message["Subject"]) == (ADA, "Payment failed: Studio Membership")
    for part in (mail.text, mail.html):
        for words in ("$49.00", "Visa •••• 0341", "Your bank declined the payment", "try again by ourselves on"):
            assert words in part
    (link,) = mail.links
    assert link == f"{ada.stack.portal_url}/items/{ada.item}"

    assert "sign-in" in visitor.open(link).path
    visitor.fill_only_field(ADA)
    code = next(mail for mail in ada.stack.mailbox(ADA) if "sign-in" in str(mail.message["Subject"])).text
    arrived = visitor.fill_only_field("".join(ch for ch in code.partition("Your code is ")[2][:8] if ch.isdigit()))
    assert (arrived.url, arrived.heading) == (link, "Studio Membership Past due")
    other = ada.shop.card(ada.customer, MASTERCARD)
    ada.stack.settle()
    visitor.open(f"/items/{ada.item}/card")
    visitor.press("Use this card and pay $49.00", {"card": other})

    assert visitor.open(f"/items/{ada.item}").heading == "Studio Membership Active"
    assert ada.on(3, 7, 12) == [1, 1, 1]


@pytest.mark.root_only
def test_while_retries_fail_one_mail_comes_on_each_of_the_merchants_days(ada: Ada) -> None:
    assert len(ada.renewed().sweep()) == 1
    assert ada.on(2, 3, 4, 6, 7, 8, 11, 12, 13) == [1, 2, 2, 2, 3, 3, 3, 4, 4]
    mails = ada.sweep()
    assert [mail.message["Subject"] for mail in mails[1:]] == [
        "Payment failed: Studio Membership",
        "Payment failed: Studio Membership",
        "Last reminder: payment failed for Studio Membership",
    ]


@pytest.mark.root_only
def test_a_retry_that_succeeds_ends_the_mails(ada: Ada) -> None:
    assert len(ada.renewed().sweep()) == 1
    ada.change(ada.item, {"default_payment_method": ada.shop.card(ada.customer)})
    ada.until(ada.failed_at + 3 * DAY + 3600)
    assert ada.on(4, 7, 12) == [1, 1, 1]


@pytest.mark.root_only
def test_a_plan_that_stripe_ended_over_a_bill_is_still_asked_for_until_the_bill_is_paid(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    stack.stripe.call("POST", "billing", {"retry_days": [1], "after_retries": "cancel"})
    ada = Ada(stack, shop, plan=True)
    ada.until(ada.failed_at + 2 * 3600)
    assert len(ada.sweep()) == 1
    assert ada.on(3, 7) == [2, 3]
    assert shop.v1.subscriptions.retrieve(ada.item).status == "canceled"
    visitor.sign_in(ADA)
    assert "still unpaid" in visitor.open(f"/items/{ada.item}").text
    shop.v1.invoices.pay(ada.bill.id, {"payment_method": shop.card(ada.customer)})
    stack.settle()
    assert ada.on(12) == [3]


@pytest.mark.root_only
def test_a_failed_try_in_the_portal_brings_no_further_mail(ada: Ada, visitor: Visitor) -> None:
    assert len(ada.renewed().sweep()) == 1
    visitor.sign_in(ADA)
    visitor.open(f"/items/{ada.item}")
    assert "declined" in visitor.press("Pay $49.00 now").text
    assert len(ada.sweep()) == 1
    assert ada.on(2) == [1]


@pytest.mark.root_only
def test_canceling_in_the_portal_ends_the_mails(ada: Ada, visitor: Visitor) -> None:
    assert len(ada.renewed().sweep()) == 1
    visitor.sign_in(ADA)
    visitor.open(f"/items/{ada.item}/cancel")
    visitor.press("Cancel subscription")
    assert ada.on(3, 12) == [1, 1]


@pytest.mark.root_only
def test_the_merchant_chooses_the_days(ada: Ada) -> None:
    store = wiring.portal().settings_store
    store.write(replace(store.read(), payment_failed_days=(2,)))
    assert ada.renewed().sweep() == []
    assert ada.on(1, 2, 3) == [0, 1, 1]


@pytest.mark.root_only
def test_an_instalment_says_which_it_is(stack: TestStack, shop: Shop) -> None:
    (mail,) = Ada(stack, shop, plan=True).renewed().sweep()
    assert "Instalment 2 of 6 for Portrait Masterclass failed" in mail.text


@pytest.mark.root_only
def test_a_purchase_nobody_completed_and_a_bill_sent_by_mail_bring_none(stack: TestStack, shop: Shop) -> None:
    customer = shop.customer(ADA)
    failing = shop.card(customer, CHARGE_FAILS)
    shop.subscription(customer, default_payment_method=failing, payment_behavior="allow_incomplete")
    shop.subscription(customer, "Print Club", collection_method="send_invoice", days_until_due=1)
    ada = Ada(stack, shop)
    ada.change(ada.item, {"default_payment_method": shop.card(ada.customer)})
    assert ada.on(3) == [0]


@pytest.mark.root_only
def test_what_failed_long_before_we_knew_the_customer_brings_none_and_what_failed_lately_one(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    with bought_before_we_came(stack):
        long_ago = Ada(stack, shop)
        long_ago.renewed().until(clock.now() + 20 * DAY)
    visitor.sign_in(ADA)
    assert long_ago.sweep() == []

    with bought_before_we_came(stack):
        eve = shop.customer("eve@mail.example")
        item = shop.subscription(eve)
        long_ago.change(item, {"default_payment_method": shop.card(eve, CHARGE_FAILS)})
        end = shop.v1.subscriptions.retrieve(item)["items"].data[0].current_period_end
        long_ago.until(end + 5 * DAY)
    visitor.sign_in("eve@mail.example")
    assert [mail.to for mail in long_ago.sweep() if mail.to != ADA] == ["eve@mail.example"]


@pytest.mark.root_only
def test_events_that_come_twice_and_in_the_wrong_order_bring_one_mail(ada: Ada) -> None:
    ada.stack.stripe.call("POST", "deliveries/mode", {"hold": True, "duplicate": 1})
    ada.renewed()
    assert ada.sweep() == []
    ada.stack.stripe.call("POST", "deliveries/release", {"order": "newest_first"})
    ada.stack.settle()
    assert len(ada.sweep()) == 1
    assert ada.on(2) == [1]


@pytest.mark.root_only
def test_a_failure_whose_events_never_came_is_found_by_the_hourly_look(ada: Ada) -> None:
    ada.stack.jobs.run("reconcile")
    ada.stack.stripe.call("POST", "deliveries/mode", {"drop": True})
    end = ada.shop.v1.subscriptions.retrieve(ada.item)["items"].data[0].current_period_end
    ada.until(end - 10 * DAY)
    ada.stack.jobs.run("reconcile")
    assert ada.renewed().sweep() == []
    ada.stack.jobs.run("reconcile")
    ada.stack.settle()
    assert len(ada.sweep()) == 1


@pytest.mark.root_only
def test_a_lost_message_is_made_good_by_a_later_round(ada: Ada) -> None:
    ada.renewed().stack.jobs.run("sweep")
    sqs = ada.stack.aws.client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])
    assert ada.sweep() == []
    ada.until(clock.now() + RETRY_AFTER + 1)
    assert len(ada.sweep()) == 1


@pytest.mark.root_only
def test_a_worker_that_died_over_it_is_not_followed_by_a_second_mail(ada: Ada) -> None:
    ada.renewed()
    bills = wiring.portal().mailings.payment_failed._bills
    (found,) = bills.due(clock.now(), 10)
    assert bills.take(found, 0, clock.now() + TAKEN_FOR)
    assert ada.sweep() == []
    ada.until(clock.now() + TAKEN_FOR + 1)
    assert ada.sweep() == []
    assert ada.on(2, 3) == [0, 1]
