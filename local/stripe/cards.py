"""Stripe's test cards and what becomes of each. https://docs.stripe.com/testing"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Decline:
    """How a card is refused."""

    code: str
    decline_code: str
    message: str
    param: str | None = None


@dataclass(frozen=True)
class TestCard:
    """A card by its number.

    `decline` refuses payments, and saving too unless `attaches`. `authentication`: "unless_set_up" asks
    the customer once and not again off session, "always" asks at every payment, "once" asks the customer
    whenever present. `declined_after` refuses payments even after the customer passed.
    """

    __test__ = False

    number: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: Decline | None = None
    attaches: bool = True
    authentication: str | None = None
    declined_after: Decline | None = None

    @property
    def fingerprint(self) -> str:
        """The same for the same number, as Stripe's is within an account."""
        return hashlib.sha256(f"card {self.number}".encode()).hexdigest()[:16]


GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")
INSUFFICIENT = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
_LOST = Decline("card_declined", "lost_card", "Your card was declined.")
_STOLEN = Decline("card_declined", "stolen_card", "Your card was declined.")
_VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
)
_EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "exp_month")
_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "cvc")
_PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
INCORRECT_NUMBER = Decline("incorrect_number", "incorrect_number", "Your card number is incorrect.", "number")

_TABLE = (
    TestCard("4242424242424242"),
    TestCard("4000056655665556", funding="debit"),
    TestCard("5555555555554444", "mastercard"),
    TestCard("2223003122003222", "mastercard"),
    TestCard("5200828282828210", "mastercard", "debit"),
    TestCard("5105105105105100", "mastercard", "prepaid"),
    TestCard("378282246310005", "amex"),
    TestCard("371449635398431", "amex"),
    TestCard("6011111111111117", "discover"),
    TestCard("3056930009020004", "diners"),
    TestCard("3566002020360505", "jcb", country="JP"),
    TestCard("6200000000000005", "unionpay", country="CN"),
    TestCard("4000008260000000", country="GB"),
    TestCard("4000003920000003", country="JP"),
    TestCard("4000000000000002", decline=GENERIC, attaches=False),
    TestCard("4000000000009995", decline=INSUFFICIENT, attaches=False),
    TestCard("4000000000009987", decline=_LOST, attaches=False),
    TestCard("4000000000009979", decline=_STOLEN, attaches=False),
    TestCard("4000000000006975", decline=_VELOCITY, attaches=False),
    TestCard("4000000000000069", decline=_EXPIRED, attaches=False),
    TestCard("4000000000000127", decline=_CVC, attaches=False),
    TestCard("4000000000000119", decline=_PROCESSING, attaches=False),
    TestCard("4000000000000341", decline=GENERIC),
    TestCard("4000002500003155", country="FR", authentication="unless_set_up"),
    TestCard("4000002760003184", country="DE", authentication="always"),
    TestCard("4000003800000446", country="PL"),
    TestCard("4000008260003178", country="GB", authentication="always", declined_after=INSUFFICIENT),
    TestCard("4000000000003220", country="IE", authentication="once"),
    TestCard("4000008400001629", authentication="once", declined_after=GENERIC),
    TestCard("4000000000003055"),
    TestCard("4000000000003063", authentication="once"),
)
BY_NUMBER = {card.number: card for card in _TABLE}

_TOKENS = {
    "visa": "4242424242424242",
    "visa_debit": "4000056655665556",
    "mastercard": "5555555555554444",
    "mastercard_debit": "5200828282828210",
    "mastercard_prepaid": "5105105105105100",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "diners": "3056930009020004",
    "jcb": "3566002020360505",
    "unionpay": "6200000000000005",
    "gb": "4000008260000000",
    "jp": "4000003920000003",
    "visa_chargeDeclined": "4000000000000002",
    "chargeDeclined": "4000000000000002",
    "visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "chargeDeclinedInsufficientFunds": "4000000000009995",
    "visa_chargeDeclinedLostCard": "4000000000009987",
    "visa_chargeDeclinedStolenCard": "4000000000009979",
    "visa_chargeDeclinedVelocityLimitExceeded": "4000000000006975",
    "chargeDeclinedExpiredCard": "4000000000000069",
    "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeDeclinedProcessingError": "4000000000000119",
    "chargeCustomerFail": "4000000000000341",
    "authenticationRequiredOnSetup": "4000002500003155",
    "authenticationRequired": "4000002760003184",
    "authenticationRequiredSetupForOffSession": "4000003800000446",
    "authenticationRequiredChargeDeclinedInsufficientFunds": "4000008260003178",
    "threeDSecure2Required": "4000000000003220",
    "threeDSecureRequiredChargeDeclined": "4000008400001629",
    "threeDSecureOptional": "4000000000003055",
}


def by_token(token: str) -> TestCard | None:
    """The card behind `pm_card_visa` or `tok_visa`, or None."""
    for prefix in ("pm_card_", "tok_"):
        if token.startswith(prefix):
            return BY_NUMBER.get(_TOKENS.get(token.removeprefix(prefix), ""))
    return None


def passes_luhn(number: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1)."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
