"""The mirror's facts with sensible defaults: £10 a month, active, paid by the customer's own Visa."""

from typing import Any

from msgspec.structs import replace

from chalicelib.billing.facts import CardFacts, CustomerFacts, Home, Item, Phase, ScheduleFacts, SubscriptionFacts
from chalicelib.billing.facts_bill import Bill, Payment, Refund
from chalicelib.billing.facts_price import Price, TaxRate
from chalicelib.billing.plan_dates import next_date
from chalicelib.settings.merchant import Company, Settings

START = 1_767_225_600
"""1 January 2026, 00:00 UTC."""
NOW = START + 20 * 86_400
VAT = TaxRate("VAT", "20", inclusive=False)
SETTINGS = Settings(Company("Northlight Studio", "help@northlight.example"), "https://portal.example")


def month(count: int) -> int:
    """The first of the month, `count` months after START."""
    when = START
    for _ in range(count):
        when = next_date(when, START, "month", 1)
    return when


def a_price(**changes: Any) -> Price:
    return replace(Price("price_pro", "Studio Pro", "gbp", 1000, "month"), **changes)


def an_item(**changes: Any) -> Item:
    return replace(Item("si_1", a_price(), 1, START, month(1)), **changes)


def a_subscription(**changes: Any) -> SubscriptionFacts:
    plain = SubscriptionFacts(
        id="sub_1",
        customer="cus_1",
        status="active",
        currency="gbp",
        created=START,
        started=START,
        items=(an_item(),),
        default_card="pm_own",
        anchor=START,
    )
    return replace(plain, **changes)


def in_month(count: int, **changes: Any) -> SubscriptionFacts:
    """A subscription in its period number `count`, counted from 0."""
    item = an_item(period_start=month(count), period_end=month(count + 1))
    return a_subscription(items=(item,), **changes)


def a_phase(first: int, last: int, amount: int = 1000, **changes: Any) -> Phase:
    plain = Phase(month(first), month(last), (("price_pro", 1),), amount=amount, interval="month")
    return replace(plain, **changes)


def a_schedule(*phases: Phase, **changes: Any) -> ScheduleFacts:
    plain = ScheduleFacts("sub_sched_1", "cus_1", "sub_1", "active", "cancel", phases or (a_phase(0, 6),))
    return replace(plain, **changes)


def a_customer(**changes: Any) -> CustomerFacts:
    return replace(CustomerFacts("cus_1", "ada@example.com", "Ada Byron", START), **changes)


def a_card(**changes: Any) -> CardFacts:
    return replace(CardFacts("pm_own", "cus_1", "card", START, "visa", "4242", 8, 2031, "fp_1"), **changes)


def a_payment(**changes: Any) -> Payment:
    plain = Payment("ch_1", 1000, "succeeded", START + 60, "ch_1", "pi_1", "card", "visa", "4242")
    return replace(plain, **changes)


def a_failure(**changes: Any) -> Payment:
    return replace(a_payment(id="ch_0", status="failed", decline_code="insufficient_funds"), **changes)


def a_refund(amount: int = 1000) -> Refund:
    return Refund("re_1", amount, START + 90)


def a_bill(**changes: Any) -> Bill:
    """A paid renewal of sub_1."""
    plain = Bill(
        id="in_1",
        holder="cus_1",
        kind="invoice",
        status="paid",
        currency="gbp",
        created=START,
        total=1000,
        amount_due=1000,
        amount_paid=1000,
        amount_remaining=0,
        title="Studio Pro",
        reason="subscription_cycle",
        subscription="sub_1",
        subtotal=1000,
        attempts=1,
        hosted_url="https://invoice.example/in_1",
        payments=(a_payment(),),
    )
    return replace(plain, **changes)


def an_open_bill(**changes: Any) -> Bill:
    """A renewal whose payment failed."""
    failed = {"status": "open", "amount_paid": 0, "amount_remaining": 1000, "payments": (a_failure(),)}
    return a_bill(**(failed | changes))


def bills(count: int, **changes: Any) -> tuple[Bill, ...]:
    """`count` paid monthly bills of sub_1, newest first."""
    made = [
        a_bill(
            id=f"in_{number}",
            created=month(number),
            reason="subscription_cycle" if number else "subscription_create",
            payments=(a_payment(id=f"ch_{number}", charge=f"ch_{number}", created=month(number) + 60),),
            **changes,
        )
        for number in range(count)
    ]
    return tuple(reversed(made))


def a_home(**changes: Any) -> Home:
    plain = Home("cus_1", a_customer(), subscriptions=(a_subscription(),), cards=(a_card(),))
    return replace(plain, **changes)
