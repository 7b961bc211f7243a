"""Saved payment methods as people know them."""

from datetime import UTC, datetime

from chalicelib.billing import titles
from chalicelib.billing.account import Card
from chalicelib.billing.facts import CardFacts

EXPIRING_SECONDS = 60 * 86400

# https://docs.stripe.com/api/payment_methods/object#payment_method_object-type; an unlisted kind is named by its words.
KINDS = {
    "acss_debit": "Bank debit",
    "au_becs_debit": "BECS debit",
    "bacs_debit": "Bacs debit",
    "card": "Card",
    "cashapp": "Cash App Pay",
    "ideal": "iDEAL",
    "nz_bank_account": "Bank account",
    "paypal": "PayPal",
    "paypay": "PayPay",
    "sepa_debit": "SEPA debit",
    "upi": "UPI",
    "us_bank_account": "Bank account",
}

BRANDS = {
    "amex": "American Express",
    "american_express": "American Express",
    "diners": "Diners Club",
    "diners_club": "Diners Club",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
}


def card(facts: CardFacts, now: float) -> Card:
    """A saved payment method, with its expiry seen from `now` (UTC epoch seconds)."""
    end = _valid_until(facts)
    return Card(
        id=facts.id,
        holder=facts.customer,
        kind=facts.kind,
        label=method_label(facts.kind, facts.brand, facts.last4),
        brand=facts.brand,
        last4=facts.last4,
        expires=f"{facts.exp_month:02d}/{facts.exp_year}" if end else "",
        expired=end is not None and now >= end,
        expiring=end is not None and end - EXPIRING_SECONDS <= now < end,
    )


def unlisted_card(card_id: str, holder: str) -> Card:
    """A payment method that is charged though the list of saved ones doesn't have it."""
    return Card(id=card_id, holder=holder, kind="", label="Saved payment method")


def method_label(kind: str, brand: str, last4: str) -> str:
    """How a payment method is named: "Visa •••• 4242", "SEPA debit •••• 3000", "Link"; "" when nothing is known."""
    if not kind:
        return ""
    is_card = kind in ("card", "card_present")
    name = _brand(brand) if is_card and brand else KINDS.get(kind, titles.words(kind))
    return f"{name} •••• {last4}" if last4 else name


def _brand(brand: str) -> str:
    if brand == "unknown":
        return KINDS["card"]
    return BRANDS.get(brand, brand.replace("_", " ").title())


def _valid_until(facts: CardFacts) -> float | None:
    """A card is good until the end of the month printed on it."""
    if not (1 <= facts.exp_month <= 12 and 1970 <= facts.exp_year < 9999):
        return None
    year, month = divmod(facts.exp_year * 12 + facts.exp_month, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC).timestamp()
