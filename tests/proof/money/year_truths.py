"""What Stripe says of a customer, and what the portal says, in the same words: read apart, compared by the proof."""

from datetime import UTC, datetime
from typing import Any

import requests

from chalicelib.wiring import portal
from local.stripe_process import SECRET_KEY
from tests.stack import TestStack

WORDS = {"active": "Active", "trialing": "Trial", "past_due": "Past due", "unpaid": "Unpaid", "canceled": "Canceled"}
INSTALMENTS = 6


def listed(stack: TestStack, what: str, **params: Any) -> list[dict[str, Any]]:
    """All objects of one kind, as plain data."""
    found: list[dict[str, Any]] = []
    while True:
        query = {"limit": 100, **params} | ({"starting_after": found[-1]["id"]} if found else {})
        answer = requests.get(f"{stack.stripe.url}/v1/{what}", query, auth=(SECRET_KEY, ""), timeout=60)
        answer.raise_for_status()
        found += answer.json()["data"]
        if not answer.json()["has_more"]:
            return found


def at_stripe(stack: TestStack, customer: str, item: str, plan: bool) -> dict[str, Any]:
    """Read at Stripe, understood by nothing of the product."""
    known = {"customer": customer}
    now = next(s for s in listed(stack, "subscriptions", status="all", **known) if s["id"] == item)
    invoices = [i for i in listed(stack, "invoices", **known) if i["status"] not in ("draft", "void")]
    cards = {method["id"]: method["card"]["last4"] for method in listed(stack, "payment_methods", **known)}
    default = requests.get(f"{stack.stripe.url}/v1/customers/{customer}", auth=(SECRET_KEY, ""), timeout=60).json()
    card = now["default_payment_method"] or default["invoice_settings"]["default_payment_method"]
    line = now["items"]["data"][0]
    paid = sum(i["amount_paid"] for i in invoices)
    complete = plan and paid >= INSTALMENTS * line["price"]["unit_amount"]
    last = plan and sum(i["status"] == "paid" for i in invoices) == INSTALMENTS
    goes_on = now["status"] in ("active", "trialing", "past_due") and not now["cancel_at_period_end"] and not last
    word = "Completed" if complete else "Canceling" if now["cancel_at_period_end"] else WORDS[now["status"]]
    return {
        "word": "Canceled" if now["status"] == "canceled" and not complete else word,
        "card": cards[card],
        "next": (_day(line["current_period_end"]), line["price"]["unit_amount"]) if goes_on else None,
        "bills": {i["id"]: (i["status"], i["total"], i["amount_paid"]) for i in invoices},
        "overdue": sum(i["amount_remaining"] for i in invoices if i["status"] == "open"),
    }


def in_the_portal(mailbox: str, customer: str, item: str) -> dict[str, Any]:
    """What its pages are made from: the account, and the whole history."""
    from chalicelib.billing.reading import read_account

    parts = portal()
    account = read_account(parts.books, mailbox, (customer,), _now(), parts.settings())
    found = account.item(item)
    assert found is not None, f"{mailbox} does not see {item}"
    coming = found.next_payment
    return {
        "word": found.shown.word,
        "card": found.card.last4 if found.card else "",
        "next": (_day(coming.due), coming.amount) if coming else None,
        "bills": {bill.id: (bill.status, bill.total, bill.amount_paid) for bill in history(customer)},
        "overdue": found.overdue.amount if found.overdue else 0,
    }


def history(customer: str) -> list[Any]:
    """Every bill of the customer, page by page as the portal turns them; drafts and voids are no payments."""
    bills: list[Any] = []
    mark = ""
    while True:
        page, mark = portal().books.history(customer, "", mark)
        bills += page
        if not mark:
            return [bill for bill in bills if bill.status not in ("draft", "void")]


def receipts(customer: str) -> tuple[int, int]:
    """What the receipts of all payments say: money taken and money given back, minor units."""
    from chalicelib.billing.view_payments import payment_lines

    refs = [line.receipt for bill in history(customer) for line in payment_lines(bill) if line.receipt]
    found = [portal().receipts.read((customer,), ref) for ref in refs]
    return sum(receipt.amount_paid for receipt in found), sum(receipt.refunded for receipt in found)


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def _now() -> float:
    from chalicelib import clock

    return clock.now()
