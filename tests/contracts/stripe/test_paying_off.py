"""What the portal leans on when the rest of a plan is paid at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.stripe.billing import bill, customer, draft, rate, refused
from tests.contracts.stripe.subscribing import advance
from tests.contracts.stripe.test_schedules import plan_of_six


@pytest.fixture
def v1(local_stripe: Any) -> Any:
    """The API, by the real client."""
    return local_stripe.client.v1


@pytest.fixture
def ada(v1: Any) -> Any:
    """A customer with a good card."""
    return customer(v1)


def plans_bills(v1: Any, plan: str) -> list[Any]:
    """The invoices of a subscription, oldest first."""
    return list(reversed(v1.invoices.list({"subscription": plan}).data))


def test_lines_are_added_with_taxes_of_their_own(v1: Any, ada: Any) -> None:
    vat = rate(v1, 20)
    lines = [{"amount": 1033, "description": str(number), "tax_rates": [vat]} for number in (1, 2)]
    invoice = v1.invoices.add_lines(draft(v1, ada).id, {"lines": lines})
    assert (invoice.status, invoice.subtotal, invoice.total, invoice.amount_due) == ("draft", 2066, 2480, 2480)
    final = v1.invoices.finalize_invoice(invoice.id, {"auto_advance": False})
    assert (final.status, final.auto_advance) == ("open", False)
    assert v1.invoices.pay(final.id, {"off_session": False}).status == "paid"


def test_only_a_draft_that_belongs_to_no_subscription_can_be_deleted(v1: Any, ada: Any, local_stripe: Any) -> None:
    gone = draft(v1, ada, 500)
    assert v1.invoices.delete(gone.id).deleted
    assert refused(v1.invoices.retrieve, gone.id).code == "resource_missing"
    assert gone.id not in [one.id for one in v1.invoices.list({"customer": ada.id}).data]
    final = bill(v1, ada, 500)
    assert refused(v1.invoices.delete, final.id).http_status == 400
    instalment = plans_bills(v1, plan_of_six(local_stripe).subscription)[0]
    assert instalment.status == "draft"
    assert refused(v1.invoices.delete, instalment.id).http_status == 400


def test_an_invoice_just_made_is_in_the_list(v1: Any, ada: Any) -> None:
    made = draft(v1, ada, metadata={"tillkey_payoff": "sub_1"})
    found = v1.invoices.list({"customer": ada.id}).data
    assert [(one.id, one.metadata["tillkey_payoff"]) for one in found] == [(made.id, "sub_1")]


def test_a_schedule_canceled_without_invoice_or_proration_bills_nothing_more(v1: Any, local_stripe: Any) -> None:
    schedule = plan_of_six(local_stripe)
    advance(local_stripe, "PT2H")
    without = {"invoice_now": False, "prorate": False}
    assert v1.subscription_schedules.cancel(schedule.id, without).status == "canceled"
    assert v1.subscriptions.retrieve(schedule.subscription).status == "canceled"
    advance(local_stripe, "P60D")
    assert [one.status for one in plans_bills(v1, schedule.subscription)] == ["paid"]
    assert v1.invoice_items.list({"customer": schedule.customer, "pending": True}).data == []
    assert refused(v1.subscription_schedules.cancel, schedule.id, without).http_status == 400


def test_a_draft_left_by_an_ended_subscription_is_made_final_and_void(v1: Any, local_stripe: Any) -> None:
    schedule = plan_of_six(local_stripe)
    v1.subscription_schedules.cancel(schedule.id, {"invoice_now": False, "prorate": False})
    left = plans_bills(v1, schedule.subscription)[0]
    assert (left.status, left.auto_advance) == ("draft", False)
    assert v1.invoices.finalize_invoice(left.id, {"auto_advance": False}).status == "open"
    assert v1.invoices.void_invoice(left.id).status == "void"
    advance(local_stripe, "P2D")
    assert v1.invoices.retrieve(left.id).amount_paid == 0
