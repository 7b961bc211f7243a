"""Who paid an invoice, how, and why a try failed."""

import pytest

from chalicelib.billing import translate
from tests.unit.billing import samples
from tests.unit.billing.samples import DAY, NOW


def open_invoice(payment, **changes):
    row = samples.invoice_payment(status="open", amount_paid=None, status_transitions=None, payment=payment)
    unpaid = {"status": "open", "amount_paid": 0, "amount_remaining": 2400, "payments": samples.list_of(row)}
    return samples.invoice(**(unpaid | changes))


def intent(**changes):
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "requires_payment_method",
        "latest_charge": "ch_0",
    } | changes


def test_every_try_is_kept_oldest_first():
    bill = translate.invoice_bill(samples.invoice(), [samples.charge(), samples.declined_charge()])
    assert [(p.id, p.status) for p in bill.payments] == [("ch_0", "failed"), ("ch_1", "succeeded")]
    assert bill.payments[0].decline_code == "insufficient_funds"
    assert bill.payments[1].decline_code == ""


def test_charges_of_other_invoices_are_passed_over():
    foreign = samples.charge(id="ch_x", payment_intent="pi_x")
    assert [p.id for p in translate.invoice_bill(samples.invoice(), [foreign, samples.charge()]).payments] == ["ch_1"]


def test_two_partial_payments_keep_their_own_amounts():
    second = samples.invoice_payment(
        id="inpay_2", amount_paid=1400, payment={"type": "payment_intent", "payment_intent": "pi_2"}
    )
    data = samples.invoice(payments=samples.list_of(samples.invoice_payment(amount_paid=1000), second))
    charges = [samples.charge(), samples.charge(id="ch_2", payment_intent="pi_2", created=NOW + DAY)]
    assert [(p.id, p.amount) for p in translate.invoice_bill(data, charges).payments] == [
        ("ch_1", 1000),
        ("ch_2", 1400),
    ]


def test_payments_given_apart_replace_the_first_ten_on_the_invoice():
    rows = [
        samples.invoice_payment(id=f"inpay_{n}", payment={"type": "payment_intent", "payment_intent": f"pi_{n}"})
        for n in range(12)
    ]
    assert len(translate.invoice_bill(samples.invoice(), invoice_payments=rows).payments) == 12


def test_a_paid_row_is_a_payment_even_when_its_charge_was_not_fetched():
    payment = translate.invoice_bill(samples.invoice()).payments[0]
    assert (payment.id, payment.status, payment.amount, payment.created) == ("pi_1", "succeeded", 2400, NOW + 60)


def test_an_expanded_latest_charge_is_used_when_no_list_was_fetched():
    payment = {"type": "payment_intent", "payment_intent": intent(status="succeeded", latest_charge=samples.charge())}
    data = samples.invoice(payments=samples.list_of(samples.invoice_payment(payment=payment)))
    assert [(p.id, p.last4) for p in translate.invoice_bill(data).payments] == [("ch_1", "4444")]


def test_an_old_style_charge_payment_is_read():
    row = samples.invoice_payment(payment={"type": "charge", "charge": "ch_1"})
    bill = translate.invoice_bill(samples.invoice(payments=samples.list_of(row)), [samples.charge(payment_intent=None)])
    assert [(p.id, p.payment_intent) for p in bill.payments] == [("ch_1", "")]


def test_a_payment_that_waits_for_the_bank_is_the_latest_try():
    waiting = {"type": "payment_intent", "payment_intent": intent(status="requires_action", latest_charge=None)}
    bill = translate.invoice_bill(open_invoice(waiting))
    assert [(p.id, p.status, p.amount) for p in bill.payments] == [("pi_1", "requires_action", 2400)]


def test_an_intent_without_a_try_is_no_payment():
    untouched = {"type": "payment_intent", "payment_intent": intent(latest_charge=None, last_payment_error=None)}
    assert translate.invoice_bill(open_invoice(untouched)).payments == ()


def test_a_failed_confirmation_without_charge_still_says_why():
    error = {"type": "card_error", "code": "payment_intent_authentication_failure", "decline_code": None}
    error["payment_method"] = {"id": "pm_1", "type": "card", "card": {"brand": "visa", "last4": "3155"}}
    failed = {"type": "payment_intent", "payment_intent": intent(latest_charge=None, last_payment_error=error)}
    payment = translate.invoice_bill(open_invoice(failed)).payments[0]
    assert (payment.status, payment.decline_code) == ("failed", "payment_intent_authentication_failure")
    assert (payment.brand, payment.last4) == ("visa", "3155")


@pytest.mark.parametrize(
    ("error", "charge", "code"),
    [
        ({"charge": "ch_0", "decline_code": "do_not_honor"}, {}, "do_not_honor"),
        ({"charge": "ch_other", "decline_code": "do_not_honor"}, {}, "insufficient_funds"),
        ({}, {"outcome": None}, "card_declined"),
        ({"charge": "ch_0", "code": "expired_card"}, {"outcome": None, "failure_code": None}, "expired_card"),
        ({}, {"outcome": None, "failure_code": None}, ""),
    ],
)
def test_the_most_exact_reason_of_a_decline_wins(error, charge, code):
    payment = {"type": "payment_intent", "payment_intent": intent(last_payment_error=error)}
    bill = translate.invoice_bill(open_invoice(payment), [samples.declined_charge(**charge)])
    assert bill.payments[0].decline_code == code


def test_a_bank_debit_under_way_is_processing():
    details = {"type": "sepa_debit", "sepa_debit": {"last4": "3000"}}
    pending = samples.charge(status="pending", paid=False, payment_method_details=details)
    bill = translate.invoice_bill(open_invoice({"type": "payment_intent", "payment_intent": "pi_1"}), [pending])
    assert [(p.status, p.kind, p.last4) for p in bill.payments] == [("processing", "sepa_debit", "3000")]


def test_money_taken_outside_stripe_is_a_payment_too():
    record = samples.invoice_payment(payment={"type": "payment_record", "payment_record": "pr_1"})
    bill = translate.invoice_bill(samples.invoice(payments=samples.list_of(record)))
    assert [(p.status, p.amount, p.created) for p in bill.payments] == [("out_of_band", 2400, NOW + 60)]
    marked = translate.invoice_bill(samples.invoice(payments=samples.list_of()))
    assert [(p.status, p.amount, p.created) for p in marked.payments] == [("out_of_band", 2400, NOW + 60)]


def test_an_invoice_that_needed_no_money_has_no_payment():
    free = samples.invoice(amount_due=0, amount_paid=0, total=0, payments=samples.list_of())
    assert translate.invoice_bill(free).payments == ()


def test_refunds_that_failed_never_gave_money_back():
    refunds = samples.list_of(
        samples.refund(id="re_2", status="failed"),
        samples.refund(id="re_3", amount=100, created=NOW + 9),
        samples.refund(status="pending"),
    )
    bill = translate.invoice_bill(samples.invoice(), [samples.charge(refunds=refunds)])
    assert [(r.id, r.amount) for r in bill.payments[0].refunds] == [("re_3", 100), ("re_1", 400)]


def test_refunds_that_were_not_expanded_are_known_by_their_sum():
    bill = translate.invoice_bill(samples.invoice(), [samples.charge(refunds=None, amount_refunded=700)])
    assert [r.amount for r in bill.payments[0].refunds] == [700]


def test_a_charge_without_invoice_is_a_bill_of_its_own():
    bill = translate.charge_bill(samples.charge())
    assert (bill.id, bill.kind, bill.status, bill.title, bill.total) == (
        "ch_1",
        "charge",
        "paid",
        "Poster, signed",
        2400,
    )
    assert [(line.description, line.amount) for line in bill.lines] == [("Poster, signed", 2400)]
    assert (bill.bill_to.name, bill.bill_to.email) == ("Ada Byron", "ada@example.com")
    assert bill.payments[0].last4 == "4444"


def test_an_authorised_but_uncaptured_charge_is_not_paid():
    bill = translate.charge_bill(samples.charge(captured=False, amount_captured=0))
    assert (bill.status, bill.amount_paid, bill.payments[0].status) == ("open", 0, "processing")


def test_a_partly_captured_charge_counts_what_was_captured():
    bill = translate.charge_bill(samples.charge(amount_captured=2000))
    assert (bill.total, bill.amount_paid) == (2000, 2000)


def test_charges_no_invoice_claims_are_told_apart():
    invoices = [
        samples.invoice(),
        samples.invoice(
            id="in_2", payments=samples.list_of(samples.invoice_payment(payment={"type": "charge", "charge": "ch_2"}))
        ),
    ]
    charges = [
        samples.charge(),
        samples.charge(id="ch_2", payment_intent=None),
        samples.charge(id="ch_3", payment_intent="pi_3"),
        samples.charge(id="ch_4", payment_intent=None),
    ]
    assert [c["id"] for c in translate.bare_charges(charges, invoices)] == ["ch_3", "ch_4"]
    assert translate.intent_ids(invoices[0]) == ("pi_1",)
