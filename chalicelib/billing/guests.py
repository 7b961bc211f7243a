"""Guests: buyers of whom Stripe knows an e-mail address and no customer. Each mailbox is one holder at most.

https://docs.stripe.com/payments/checkout/guest-customers
"""

import hashlib

from msgspec.structs import replace

from chalicelib.billing.bills import last_try
from chalicelib.billing.facts import CustomerFacts, Home
from chalicelib.billing.facts_bill import Bill
from chalicelib.mail.addresses import BadAddress, canonical

PREFIX = "guest:"


def holder_of(address: str) -> str:
    """The holder of everything bought under this address without a customer, in any case; "" when it is none."""
    try:
        return PREFIX + canonical(address)
    except BadAddress:
        return ""


def is_guest(holder: str) -> bool:
    """True for a guest mailbox, False for a Stripe customer."""
    return holder.startswith(PREFIX)


def mailbox_of(holder: str) -> str:
    """The canonical mailbox of a guest."""
    return holder.removeprefix(PREFIX)


def ref(holder: str) -> str:
    """What addresses of pages call a holder: a guest's own name would show their e-mail address."""
    return "guest" if is_guest(holder) else holder


def in_logs(holder: str) -> str:
    """What log lines call a holder: a customer's id, and no guest's address."""
    return PREFIX + hashlib.sha256(mailbox_of(holder).encode()).hexdigest()[:12] if is_guest(holder) else holder


def is_shown(bill: Bill) -> bool:
    """False for a payment without invoice that failed: it left nothing to pay and nothing to show."""
    latest = last_try(bill)
    return bill.kind != "charge" or bill.status == "paid" or (latest is not None and latest.status == "processing")


def buyer(known: CustomerFacts, bill: Bill) -> CustomerFacts:
    """Who a guest is, by their latest purchase, in whatever order their purchases became known."""
    found = CustomerFacts(known.id, bill.bill_to.email, bill.bill_to.name, bill.created)
    newer = (found.created, found.email, found.name) > (known.created, known.email, known.name)
    return found if is_shown(bill) and newer else known


def has_bought(home: Home | None) -> bool:
    """True when a guest has anything to see."""
    return home is not None and any(map(is_shown, home.bills))


def as_customer(bill: Bill) -> CustomerFacts:
    """The guest a purchase belongs to, as whoever keeps rights wants to hear of it."""
    return replace(buyer(CustomerFacts(bill.holder, "", "", 0), bill), id=bill.holder)
