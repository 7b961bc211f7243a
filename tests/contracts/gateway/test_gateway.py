"""What the portal asks of Stripe, asked over HTTP: readings are complete, effects are real, refusals are ours."""

import time
from types import SimpleNamespace

import pytest
import requests

from chalicelib.billing.errors import NotPossible, OutcomeUnknown, StripeUnavailable
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.reasons import Reason
from chalicelib.billing.stripe_gateway import StripeGateway
from local.stripe.server import Server

CHARGE_FAILS = "pm_card_chargeCustomerFail"
NEEDS_BANK = "pm_card_authenticationRequired"
MASTERCARD = "pm_card_mastercard"
FAR = 4_000_000_000


def advance(server: Server, duration: str) -> None:
    requests.post(f"{server.url}/_fake/clock", json={"advance": duration}, timeout=60).raise_for_status()


def another_card(shop: SimpleNamespace, card: str) -> str:
    """A further saved card: one of Stripe's test cards by its name (https://docs.stripe.com/testing)."""
    return str(shop.v1.payment_methods.attach(card, {"customer": shop.customer}).id)


def past_due(shop: SimpleNamespace, server: Server) -> str:
    """The membership's card starts failing and a renewal comes. Gives the open invoice."""
    failing = another_card(shop, CHARGE_FAILS)
    shop.v1.subscriptions.update(shop.membership, {"default_payment_method": failing})
    advance(server, "P32D")
    return str(shop.v1.invoices.list({"customer": shop.customer, "status": "open"}).data[0].id)


def test_a_subscription_is_read_with_its_products_name(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    facts = gateway.subscription(shop.membership)
    assert facts is not None
    assert (facts.customer, facts.status, facts.items[0].price.name) == (shop.customer, "active", "Studio Membership")
    assert facts.items[0].price.unit_amount == 4900


def test_what_never_was_is_none(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    assert gateway.subscription("sub_none") is None
    assert gateway.customer("cus_none") is None
    assert gateway.schedule("sub_sched_none") is None
    assert gateway.card("pm_none") is None
    assert gateway.bill("in_none") is None
    assert gateway.bill("ch_none") is None
    assert gateway.bill_of_charge("ch_none") == ""
    assert gateway.card_setup("seti_none") is None


def test_a_deleted_customer_and_a_detached_card_are_none(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    shop.v1.payment_methods.detach(shop.card)
    assert gateway.card(shop.card) is None
    shop.v1.customers.delete(shop.customer)
    assert gateway.customer(shop.customer) is None


def test_customers_are_found_in_any_spelling(gateway: StripeGateway, shop: SimpleNamespace, server: Server) -> None:
    assert [c.id for c in gateway.find_customers(["ada@example.com"])] == [shop.customer]
    requests.post(f"{server.url}/_fake/search", json={"available": False}, timeout=5).raise_for_status()
    assert gateway.find_customers(["ada@example.com"]) == ()
    assert [c.id for c in gateway.find_customers(["Ada@Example.com"])] == [shop.customer]


def test_an_address_with_quotes_cannot_widen_the_search(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    assert gateway.find_customers(["x' OR email:'ada@example.com"]) == ()


def test_a_bill_read_alone_equals_the_same_bill_in_the_list(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    listed = gateway.bills_of(shop.customer)
    assert len(listed) == 1
    assert gateway.bill(listed[0].id) == listed[0]
    assert isinstance(listed[0], Bill)
    assert (listed[0].status, listed[0].total, listed[0].title) == ("paid", 4900, "Studio Membership")
    assert [p.last4 for p in listed[0].payments] == ["4242"]


def test_a_subscription_read_alone_equals_the_same_in_the_list(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    assert gateway.subscriptions_of(shop.customer) == (gateway.subscription(shop.membership),)


def test_a_charge_leads_to_the_invoice_it_paid(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    bill = gateway.bills_of(shop.customer)[0]
    assert gateway.bill_of_charge(bill.payments[0].charge) == bill.id


def test_a_charge_without_invoice_is_a_bill_of_its_own(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    paid = shop.v1.payment_intents.create(
        {
            "amount": 3900,
            "currency": "usd",
            "customer": shop.customer,
            "payment_method": shop.card,
            "confirm": True,
            "description": "Travel Preset Pack",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    charge = str(paid.latest_charge)
    assert gateway.bill_of_charge(charge) == charge
    bill = gateway.bill(charge)
    assert bill is not None
    assert (bill.kind, bill.total, bill.title) == ("charge", 3900, "Travel Preset Pack")
    assert bill in gateway.bills_of(shop.customer)


def test_a_refund_is_read_with_its_bill(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    bill = gateway.bills_of(shop.customer)[0]
    shop.v1.refunds.create({"charge": bill.payments[0].charge, "amount": 1900})
    again = gateway.bill(bill.id)
    assert again is not None
    assert [r.amount for r in again.payments[0].refunds] == [1900]
    assert again == gateway.bills_of(shop.customer)[0]


def test_a_card_is_used_for_one_subscription(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    new = another_card(shop, MASTERCARD)
    gateway.use_card(shop.membership, new, f"{shop.customer}-1")
    facts = gateway.subscription(shop.membership)
    assert facts is not None
    assert facts.default_card == new
    customer = gateway.customer(shop.customer)
    assert customer is not None
    assert customer.default_card == shop.card


def test_cancelling_and_keeping_leave_and_take_our_mark(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    gateway.cancel_at_period_end(shop.membership, "intent-1", Reason("unused", "Sorry"), f"{shop.customer}-1")
    facts = gateway.subscription(shop.membership)
    assert facts is not None
    assert (facts.cancel_at_period_end, facts.portal_cancel) == (True, "intent-1")
    assert facts.cancel_at == facts.items[0].period_end
    gateway.keep(shop.membership, None, f"{shop.customer}-2")
    again = gateway.subscription(shop.membership)
    assert again is not None
    assert (again.cancel_at_period_end, again.cancel_at, again.portal_cancel) == (False, None, "")


def test_repeating_a_key_repeats_the_answer_not_the_effect(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    first = gateway.start_card(shop.customer, shop.membership, f"{shop.customer}-1")
    again = gateway.start_card(shop.customer, shop.membership, f"{shop.customer}-1")
    assert first == again


def test_a_declined_payment_says_why_and_leaves_the_invoice_open(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    invoice = past_due(shop, server)
    result = gateway.pay(invoice, another_card(shop, CHARGE_FAILS), f"{shop.customer}-1")
    assert result.status == "declined"
    assert result.decline_code
    bill = gateway.bill(invoice)
    assert bill is not None
    assert bill.status == "open"


def test_a_payment_with_a_good_card_pays(gateway: StripeGateway, shop: SimpleNamespace, server: Server) -> None:
    invoice = past_due(shop, server)
    assert gateway.pay(invoice, shop.card, f"{shop.customer}-1").status == "paid"
    facts = gateway.subscription(shop.membership)
    assert facts is not None
    assert facts.status == "active"


def test_a_payment_that_needs_the_bank_gives_what_the_browser_needs(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    invoice = past_due(shop, server)
    result = gateway.pay(invoice, another_card(shop, NEEDS_BANK), f"{shop.customer}-1")
    assert result.status == "action"
    assert "_secret_" in result.client_secret
    assert result.hosted_url.startswith("http")


def test_collection_is_turned_off_and_on(gateway: StripeGateway, shop: SimpleNamespace, server: Server) -> None:
    invoice = past_due(shop, server)
    gateway.set_autocharge(invoice, False, f"{shop.customer}-1")
    off = gateway.bill(invoice)
    gateway.set_autocharge(invoice, True, f"{shop.customer}-2")
    on = gateway.bill(invoice)
    assert off is not None
    assert on is not None
    assert (off.auto_advance, on.auto_advance) == (False, True)


def a_plan(shop: SimpleNamespace, end_behavior: str = "cancel") -> tuple[str, str]:
    schedule = shop.v1.subscription_schedules.create(
        {
            "customer": shop.customer,
            "start_date": "now",
            "end_behavior": end_behavior,
            "phases": [
                {
                    "items": [{"price": shop.price, "quantity": 1}],
                    "duration": {"interval": "month", "interval_count": 2},
                },
                {
                    "items": [{"price": shop.price, "quantity": 2}],
                    "duration": {"interval": "month", "interval_count": 4},
                },
            ],
        }
    )
    return schedule.id, schedule.subscription


def test_stripe_refuses_to_cancel_a_scheduled_subscription_directly(
    gateway: StripeGateway, shop: SimpleNamespace
) -> None:
    _, subscription = a_plan(shop)
    with pytest.raises(NotPossible):
        gateway.cancel_at_period_end(subscription, "intent-1", Reason(), f"{shop.customer}-1")


def test_a_schedule_is_ended_with_its_phase_and_restored_exactly(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    schedule, _ = a_plan(shop, end_behavior="release")
    before, backup = gateway.schedule(schedule), gateway.schedule_backup(schedule)
    gateway.end_with_phase(schedule, FAR, "intent-1", f"{shop.customer}-1")
    ended = gateway.schedule(schedule)
    assert ended is not None
    assert (len(ended.phases), ended.end_behavior, ended.portal_cancel) == (1, "cancel", "intent-1")
    gateway.restore_schedule(schedule, backup, f"{shop.customer}-2")
    assert gateway.schedule(schedule) == before


def test_a_long_phase_is_cut_where_the_paid_period_ends(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    schedule, subscription = a_plan(shop)
    facts = gateway.subscription(subscription)
    assert facts is not None
    paid_until = facts.items[0].period_end
    gateway.end_with_phase(schedule, paid_until, "intent-1", f"{shop.customer}-1")
    ended = gateway.schedule(schedule)
    assert ended is not None
    assert [phase.end for phase in ended.phases] == [paid_until]


def test_an_end_that_was_set_before_comes_back(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    facts = gateway.subscription(shop.membership)
    assert facts is not None
    end = facts.items[0].period_end + 86_400 * 90
    shop.v1.subscriptions.update(shop.membership, {"cancel_at": end})
    gateway.cancel_at_period_end(shop.membership, "intent-1", Reason(), f"{shop.customer}-1")
    gateway.keep(shop.membership, end, f"{shop.customer}-2")
    again = gateway.subscription(shop.membership)
    assert again is not None
    assert (again.cancel_at, again.cancel_at_period_end) == (end, False)


def test_a_card_reaches_the_schedule(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    schedule, _ = a_plan(shop)
    new = another_card(shop, MASTERCARD)
    gateway.use_card_in_schedule(schedule, new, f"{shop.customer}-1")
    facts = gateway.schedule(schedule)
    assert facts is not None
    assert facts.default_card == new
    assert all(phase.default_card in ("", new) for phase in facts.phases)
    assert gateway.schedules_of(shop.customer) == (facts,)


def test_a_preview_says_what_comes_next(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    preview = gateway.preview(shop.membership)
    assert preview is not None
    assert preview[:2] == (4900, "usd")
    assert gateway.preview("sub_none") is None


def test_events_come_oldest_first(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    hints = gateway.events_since(int(time.time()) - 60)
    assert [h.created for h in hints] == sorted(h.created for h in hints)
    assert {"customer", "subscription", "invoice"} <= {h.object for h in hints}


@pytest.mark.parametrize("status", [429, 500])
def test_a_read_that_fails_is_unavailable(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server, status: int
) -> None:
    requests.post(f"{server.url}/_fake/faults", json={"status": status, "times": 5}, timeout=5).raise_for_status()
    with pytest.raises(StripeUnavailable):
        gateway.subscription(shop.membership)


def test_a_write_refused_for_rate_is_known_not_to_have_happened(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    requests.post(f"{server.url}/_fake/faults", json={"status": 429, "times": 5}, timeout=5).raise_for_status()
    with pytest.raises(StripeUnavailable):
        gateway.keep(shop.membership, None, f"{shop.customer}-1")


def test_a_write_whose_answer_is_lost_every_time_has_an_unknown_outcome(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    requests.post(f"{server.url}/_fake/faults", json={"drop": True, "times": 5}, timeout=5).raise_for_status()
    with pytest.raises(OutcomeUnknown):
        gateway.cancel_at_period_end(shop.membership, "intent-1", Reason(), f"{shop.customer}-1")


def test_that_the_bank_asks_is_known_even_when_its_question_cannot_be_read(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    invoice = past_due(shop, server)
    trouble = {"status": 500, "times": 5, "method": "GET"}
    requests.post(f"{server.url}/_fake/faults", json=trouble, timeout=5).raise_for_status()
    result = gateway.pay(invoice, another_card(shop, NEEDS_BANK), f"{shop.customer}-1")
    assert (result.status, result.client_secret) == ("action", "")


def test_a_write_whose_answer_is_lost_once_happens_once(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    invoice = past_due(shop, server)
    requests.post(f"{server.url}/_fake/faults", json={"drop": True, "times": 1}, timeout=5).raise_for_status()
    assert gateway.pay(invoice, shop.card, f"{shop.customer}-1").status == "paid"
    bill = gateway.bill(invoice)
    assert bill is not None
    assert len([p for p in bill.payments if p.status == "succeeded"]) == 1


def test_stripe_out_of_reach_is_known_not_to_have_happened(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    server.stop()
    started = time.monotonic()
    with pytest.raises(StripeUnavailable):
        gateway.keep(shop.membership, None, f"{shop.customer}-1")
    assert time.monotonic() - started < 10
    server.start = lambda: None  # type: ignore[method-assign]


def test_a_removed_card_is_nobodys_any_more(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    spare = another_card(shop, MASTERCARD)
    gateway.remove_card(spare, "key-remove")
    gateway.remove_card(spare, "key-remove")
    assert gateway.card(spare) is None
    assert spare not in {card.id for card in gateway.cards_of(shop.customer)}
    with pytest.raises(NotPossible):
        gateway.remove_card(spare, "another key")


def test_an_ended_plan_goes_on_with_what_it_had_and_names_what_was_before(
    gateway: StripeGateway, shop: SimpleNamespace
) -> None:
    rate = shop.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False}).id
    marks = {"tillkey": "plan", "installments": "4", "course": "portraits", "tillkey_cancel": "gone"}
    wanted = {"items": [{"price": shop.price, "quantity": 2}], "default_tax_rates": [rate], "metadata": marks}
    plan = shop.v1.subscriptions.create({"customer": shop.customer, **wanted}).id
    shop.v1.subscriptions.cancel(plan)
    assert gateway.continuation(shop.customer, plan) == ""
    spare, now = another_card(shop, MASTERCARD), int(time.time())
    first, ends = now + 20 * 86400, now + 200 * 86400
    keyed = (plan, ("sub_older", plan), first, ends, spare, f"{shop.customer}-on")
    made = gateway.continue_plan(*keyed)
    assert gateway.continue_plan(*keyed) == made
    assert gateway.continuation(shop.customer, plan) == gateway.continuation(shop.customer, "sub_older") == made
    before, facts = gateway.subscription(plan), gateway.subscription(made)
    assert before is not None
    assert facts is not None
    assert (facts.status, facts.default_card, facts.continues) == ("active", spare, ("sub_older", plan))
    assert (facts.anchor, facts.items[0].period_end, facts.cancel_at) == (first, first, ends)
    assert (facts.mark, facts.instalments, facts.portal_cancel) == ("plan", 4, "")
    assert (facts.items[0].price, facts.items[0].quantity) == (before.items[0].price, 2)
    assert facts.tax_rates == before.tax_rates != ()
    assert shop.v1.subscriptions.retrieve(made).metadata["course"] == "portraits"
    assert [bill for bill in gateway.bills_of(shop.customer) if bill.subscription == made] == []


def test_what_is_billed_until_a_date_is_made_void_and_then_it_goes_on(
    gateway: StripeGateway, shop: SimpleNamespace, server: Server
) -> None:
    facts = gateway.subscription(shop.membership)
    assert facts is not None
    due = facts.items[0].period_end
    gateway.skip_until(shop.membership, due + 3600, f"{shop.customer}-skip")
    paused = gateway.subscription(shop.membership)
    assert paused is not None
    assert (paused.status, paused.collection_paused, paused.resumes_at) == ("active", True, due + 3600)
    advance(server, "P32D")
    after = gateway.subscription(shop.membership)
    assert after is not None
    assert (after.collection_paused, after.items[0].period_start) == (False, due)
    assert sorted(bill.status for bill in gateway.bills_of(shop.customer)) == ["paid", "void"]
    advance(server, "P31D")
    assert sorted(bill.status for bill in gateway.bills_of(shop.customer)) == ["paid", "paid", "void"]


def test_a_bill_for_one_instalment_names_its_date(gateway: StripeGateway, shop: SimpleNamespace) -> None:
    bill = gateway.start_payoff(shop.customer, shop.membership, "usd", "attempt", FAR, f"{shop.customer}-start")
    gateway.fill_payoff(bill, shop.membership, [("Instalment 2", 4900)], f"{shop.customer}-fill")
    assert [(found.id, found.due) for found in gateway.payoffs(shop.customer, shop.membership)] == [(bill, FAR)]
    read = gateway.bill(bill)
    assert read is not None
    assert (read.pays_off, read.pays_due, read.subscription) == (shop.membership, FAR, "")
