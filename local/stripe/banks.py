"""Stripe's test bank accounts and what becomes of a debit from each.

https://docs.stripe.com/payments/sepa-debit/accept-a-payment#test-integration
https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#test-account-numbers
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from local.stripe.cards import Decline

SEPA, ACH = "sepa_debit", "us_bank_account"
CURRENCY = {SEPA: "eur", ACH: "usd"}
# Typical days until a debit is known to have worked, and the most of them. Stripe's test mode waits minutes.
USUAL_DAYS = {SEPA: 5, ACH: 4}
DELAYED_DAYS = 14
ROUTING = "110000000"


@dataclass(frozen=True)
class TestBank:
    """A bank account by its number.

    `failure` refuses debits once they were processed; `disputed` takes one back right after it worked; `stays` never
    answers.
    """

    __test__ = False

    kind: str
    number: str
    failure: Decline | None = None
    disputed: bool = False
    delayed: bool = False
    stays: bool = False

    @property
    def fingerprint(self) -> str:
        """The same for the same account, as Stripe's is within an account."""
        return hashlib.sha256(f"{self.kind} {self.number}".encode()).hexdigest()[:16]

    @property
    def days(self) -> int:
        """How long a debit is processed."""
        return DELAYED_DAYS if self.delayed else USUAL_DAYS[self.kind]


def _failing(code: str, message: str) -> Decline:
    return Decline(code, code, message)


_FAILED = Decline("payment_intent_payment_attempt_failed", "generic_decline", "The payment failed.")
_FUNDS = _failing("insufficient_funds", "The customer's account has insufficient funds to cover this payment.")
_SOURCE_LIMIT = _failing(
    "charge_exceeds_source_limit", "This payment method has exceeded its rolling-window limit of payment volume."
)
_WEEKLY_LIMIT = _failing("charge_exceeds_weekly_limit", "This payment exceeds the weekly limit of transactions.")
_CLOSED = _failing("account_closed", "The customer's bank account has been closed.")
_NO_ACCOUNT = _failing("no_account", "The customer's bank account could not be located.")
_NOT_AUTHORIZED = _failing(
    "debit_not_authorized", "The customer has notified their bank that this payment was unauthorized."
)
_CURRENCY = _failing("invalid_currency", "The bank was unable to process this transaction because of its currency.")

_SEPA = {
    "pm_success_de": TestBank(SEPA, "DE89370400440532013000"),
    "pm_successDelayed_de": TestBank(SEPA, "DE08370400440532013003", delayed=True),
    "pm_failed_de": TestBank(SEPA, "DE62370400440532013001", _FAILED),
    "pm_failedDelayed_de": TestBank(SEPA, "DE78370400440532013004", _FAILED, delayed=True),
    "pm_disputed_de": TestBank(SEPA, "DE35370400440532013002", disputed=True),
    "pm_exceedsWeeklyVolumeLimit_de": TestBank(SEPA, "DE65370400440000343434", _SOURCE_LIMIT),
    "pm_exceedsWeeklyTransactionLimit_de": TestBank(SEPA, "DE27370400440000121212", _WEEKLY_LIMIT),
    "pm_insufficientFunds_de": TestBank(SEPA, "DE65370400440002222227", _FUNDS),
}
_ACH = {
    "pm_usBankAccount_success": TestBank(ACH, "000123456789"),
    "pm_usBankAccount_accountClosed": TestBank(ACH, "000111111113", _CLOSED),
    "pm_usBankAccount_noAccount": TestBank(ACH, "000111111116", _NO_ACCOUNT),
    "pm_usBankAccount_insufficientFunds": TestBank(ACH, "000222222227", _FUNDS),
    "pm_usBankAccount_debitNotAuthorized": TestBank(ACH, "000333333335", _NOT_AUTHORIZED),
    "pm_usBankAccount_invalidCurrency": TestBank(ACH, "000444444440", _CURRENCY),
    "pm_usBankAccount_dispute": TestBank(ACH, "000555555559", disputed=True),
    "pm_usBankAccount_processing": TestBank(ACH, "000000000009", stays=True),
    "pm_usBankAccount_weeklyLimitExceeded": TestBank(ACH, "000777777771", _SOURCE_LIMIT),
}
BY_TOKEN = {**_SEPA, **_ACH}
BY_NUMBER = {bank.number: bank for bank in BY_TOKEN.values()}


def shown(bank: TestBank) -> dict[str, object]:
    """What a payment method tells of the account."""
    if bank.kind == SEPA:
        return {
            "bank_code": bank.number[4:12],
            "branch_code": "",
            "country": bank.number[:2],
            "fingerprint": bank.fingerprint,
            "generated_from": {},
            "last4": bank.number[-4:],
        }
    return {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "fingerprint": bank.fingerprint,
        "last4": bank.number[-4:],
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": ROUTING,
        "status_details": {},
    }
