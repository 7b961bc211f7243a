"""Two months of several customers with our timers: what Stripe took, what pages say and which mails came.

What is expected is written by hand; what Stripe has is read by Stripe's own client, not by our reader.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.wiring import portal
from tests.functional.visitor import Visitor
from tests.shop import CHARGE_FAILS, MASTERCARD, Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only
ADA, BOB, CLEO, DAN = (f"{name}@mail.example" for name in ("ada", "bob", "cleo", "dan"))
SIGN_IN = "Your sign-in link for Northlight Studio"
FAILED = "Payment failed: Studio Membership"
LAST = "Last reminder: payment failed for Studio Membership"
CANCELED, NEW_CARD = "Canceled: Studio Membership", "New card for Studio Membership"

# Who was charged what, oldest first, and how much came back.
CHARGED = {
    ADA: (["usd 4900", "usd 4900"], 0),  # cancels in her second month: no third
    BOB: (["jpy 5200", "jpy 5200", "jpy 5200"], 1200),  # gets 1,200 of his second payment back
    CLEO: (["eur 3150", "eur 3150", "eur 3150"], 0),  # her second comes late, once, from another card
    DAN: (["usd 10001", "usd 10001"], 0),  # has a plan of two: no third
}
# Who got which mails, oldest first.
MAILS = {
    ADA: [SIGN_IN, CANCELED, SIGN_IN],  # to cancel, and to read her receipts at the end
    BOB: [SIGN_IN],
    CLEO: [FAILED, FAILED, FAILED, LAST, SIGN_IN, NEW_CARD, SIGN_IN],  # days 0, 3, 7 and 12; to pay; to read
    DAN: [SIGN_IN],
}


def run_timers(stack: TestStack) -> None:
    """Each of them once, and what they put on the queue."""
    for name in list(stack.jobs.timers):
        stack.jobs.run(name)
    stack.settle()


def charges(shop: Shop, customer: str) -> list[Any]:
    """What was really taken, oldest first."""
    found = shop.v1.charges.list({"customer": customer, "limit": 100}).data
    return [charge for charge in reversed(found) if charge.status == "succeeded"]


def at_stripe(shop: Shop, customer: str) -> dict[str, Any]:
    """Status, next payment, cards, bills and money of one customer, by Stripe's client."""
    subscriptions: Any = shop.v1.subscriptions.list({"customer": customer, "status": "all"}).data
    bills = shop.v1.invoices.list({"customer": customer, "limit": 100}).data
    return {
        "items": {
            (s.id, s.status, s["items"].data[0].current_period_end, s.cancel_at_period_end) for s in subscriptions
        },
        "cards": {card.id for card in shop.v1.customers.payment_methods.list(customer).data},
        "bills": {(b.id, b.status, b.total, b.amount_paid, b.amount_remaining, b.currency) for b in bills},
        "paid": {(c.id, c.amount, c.amount_refunded) for c in charges(shop, customer)},
    }


def here(customer: str) -> dict[str, Any]:
    """The same as the portal knows it."""
    home = portal().mirror.home(customer, fresh=True)
    assert home
    paid = [p for bill in home.bills for p in bill.payments if p.status == "succeeded"]
    return {
        "items": {(s.id, s.status, s.items[0].period_end, s.cancel_at_period_end) for s in home.subscriptions},
        "cards": {card.id for card in home.cards},
        "bills": {(b.id, b.status, b.total, b.amount_paid, b.amount_remaining, b.currency) for b in home.bills},
        "paid": {(p.charge, p.amount, sum(refund.amount for refund in p.refunds)) for p in paid},
    }


def by_receipts(person: Visitor) -> int:
    """What the receipts say was paid, less what they say was refunded, in minor units."""
    rows = [link["href"] for link in person.open("/payments").links if "/receipts/" in link["href"]]
    kept = 0
    for address in dict.fromkeys(rows):
        page = person.open(person.origin + address)
        sums = [row.text for row in page.document.root.all("tfoot")[0].all("tr")]
        kept += sum(digits(row) for row in sums if row.startswith("Amount paid"))
        kept -= sum(digits(row) for row in sums if row.startswith("Refunded"))
    return kept


def digits(words: str) -> int:
    """The amount at the end of a line."""
    return int(re.sub(r"\D", "", re.split(r"[^\d.,]", words)[-1]))


def test_after_two_renewals_mirror_receipts_and_mails_are_what_was_expected(
    stack: TestStack, shop: Shop, another_visitor: Callable[[], Visitor]
) -> None:
    people = {mailbox: shop.customer(mailbox) for mailbox in CHARGED}
    ada = shop.subscription(people[ADA])
    shop.subscription(people[BOB], amount=5200, currency="jpy")
    cleo = shop.subscription(people[CLEO], amount=3150, currency="eur")
    shop.v1.subscriptions.update(cleo, {"default_payment_method": shop.card(people[CLEO], CHARGE_FAILS)})
    shop.plan(people[DAN], amount=10001, of=2)
    stack.settle()

    def is_the_same() -> None:
        for customer in people.values():
            assert here(customer) == at_stripe(shop, customer)

    stack.skip("P27D")
    is_the_same()
    renewed = shop.v1.subscriptions.retrieve(cleo)["items"].data[0].current_period_end + 3 * 3600
    for days in (0, 3, 7, 12):
        stack.clock.move_to(renewed + days * 86400)
        stack.worker.bring_back()
        stack.settle()
        run_timers(stack)
        is_the_same()
    shop.v1.refunds.create({"charge": charges(shop, people[BOB])[-1].id, "amount": 1200})
    visits = another_visitor()
    visits.sign_in(ADA)
    visits.open(f"/items/{ada}/cancel")
    visits.press("Cancel subscription")
    better = shop.card(people[CLEO], MASTERCARD)
    stack.settle()
    visits = another_visitor()
    visits.sign_in(CLEO)
    visits.open(f"/items/{cleo}/card")
    visits.press("Use this card and pay €31.50", {"card": better})
    is_the_same()
    stack.skip("P20D")
    run_timers(stack)
    is_the_same()

    for mailbox, customer in people.items():
        taken = charges(shop, customer)
        refunded = sum(charge.amount_refunded for charge in taken)
        assert ([f"{c.currency} {c.amount}" for c in taken], refunded) == CHARGED[mailbox]
        reader = another_visitor()
        reader.sign_in(mailbox)
        assert by_receipts(reader) == sum(charge.amount for charge in taken) - refunded
    sent = {mailbox: [str(m.message["Subject"]) for m in reversed(stack.mailbox(mailbox))] for mailbox in people}
    assert sent == MAILS
    assert Counter(mail.to for mail in stack.outbox.all()) == {to: len(mails) for to, mails in MAILS.items()}
