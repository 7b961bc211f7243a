"""Facts for tests: complete, plain, and different only where a test says so."""

from typing import Any

from msgspec.structs import replace

from chalicelib.billing.facts import CardFacts, CustomerFacts, Item, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill, Line, Payment
from chalicelib.billing.facts_price import Price

NOW = 1_790_000_000
DAY = 86_400
MONTH = 30 * DAY


def a_customer(id: str = "cus_ada", **changes: Any) -> CustomerFacts:
    """A customer with an address."""
    base = CustomerFacts(id=id, email="ada@example.com", name="Ada Lovelace", created=NOW - 400 * DAY)
    return replace(base, **changes)


def a_card(id: str = "pm_visa", **changes: Any) -> CardFacts:
    """A Visa that lasts."""
    base = CardFacts(
        id=id,
        customer="cus_ada",
        kind="card",
        created=NOW - 90 * DAY,
        brand="visa",
        last4="4242",
        exp_month=12,
        exp_year=2034,
        fingerprint="fp_1",
    )
    return replace(base, **changes)


def a_subscription(id: str = "sub_studio", **changes: Any) -> SubscriptionFacts:
    """Studio Membership at 49.00 a month, active, charged to the Visa."""
    price = Price(id="price_49", name="Studio Membership", currency="usd", unit_amount=4900, interval="month")
    base = SubscriptionFacts(
        id=id,
        customer="cus_ada",
        status="active",
        currency="usd",
        created=NOW - 90 * DAY,
        started=NOW - 90 * DAY,
        items=(Item("si_1", price, 1, NOW - 10 * DAY, NOW + 20 * DAY),),
        default_card="pm_visa",
    )
    return replace(base, **changes)


def a_bill(id: str = "in_1", **changes: Any) -> Bill:
    """A paid invoice of the membership."""
    base = Bill(
        id=id,
        holder="cus_ada",
        kind="invoice",
        status="paid",
        currency="usd",
        created=NOW - 10 * DAY,
        total=4900,
        amount_due=4900,
        amount_paid=4900,
        amount_remaining=0,
        number="NL-0001",
        title="Studio Membership",
        subscription="sub_studio",
        subtotal=4900,
        payments=(
            Payment(
                id=f"inpay_{id}",
                amount=4900,
                status="succeeded",
                created=NOW - 10 * DAY,
                charge=f"ch_{id}",
                kind="card",
                brand="visa",
                last4="4242",
            ),
        ),
        lines=(Line(description="Studio Membership", quantity=1, unit_amount=4900, amount=4900),),
    )
    return replace(base, **changes)
