"""Declines in plain words."""

import re

import pytest

from chalicelib.billing.declines import BY_CODE, REFUSED, explain

# https://docs.stripe.com/declines/codes
STRIPES_CODES = [
    "approve_with_id",
    "authentication_not_handled",
    "authentication_required",
    "call_issuer",
    "card_not_supported",
    "card_velocity_exceeded",
    "currency_not_supported",
    "do_not_honor",
    "do_not_try_again",
    "duplicate_transaction",
    "expired_card",
    "fraudulent",
    "generic_decline",
    "incorrect_address",
    "incorrect_cvc",
    "incorrect_number",
    "incorrect_pin",
    "incorrect_zip",
    "insufficient_funds",
    "invalid_account",
    "invalid_amount",
    "invalid_cvc",
    "invalid_expiry_month",
    "invalid_expiry_year",
    "invalid_number",
    "invalid_pin",
    "issuer_not_available",
    "lost_card",
    "merchant_blacklist",
    "new_account_information_available",
    "no_action_taken",
    "not_permitted",
    "offline_pin_required",
    "online_or_offline_pin_required",
    "pickup_card",
    "pin_try_exceeded",
    "processing_error",
    "reenter_transaction",
    "restricted_card",
    "revocation_of_all_authorizations",
    "revocation_of_authorization",
    "security_violation",
    "service_not_allowed",
    "stolen_card",
    "stop_payment_order",
    "testmode_decline",
    "transaction_not_allowed",
    "try_again_later",
    "withdrawal_count_limit_exceeded",
]

# Banks ask merchants to treat these like a plain refusal.
NOT_TO_BE_TOLD = [
    "fraudulent",
    "lost_card",
    "stolen_card",
    "pickup_card",
    "merchant_blacklist",
    "restricted_card",
    "security_violation",
    "highest_risk_level",
    "elevated_risk_level",
    "rule",
    "card_declined",
    "blocked",
    "call_issuer",
    "do_not_try_again",
    "no_action_taken",
]


@pytest.mark.parametrize("code", STRIPES_CODES)
def test_every_code_of_stripe_has_words_and_advice(code):
    words = explain(code)
    assert words.what.endswith(".")
    assert words.do.endswith(".")


@pytest.mark.parametrize("code", [*NOT_TO_BE_TOLD, "", "something_new"])
def test_suspicion_and_the_unknown_read_like_any_other_refusal(code):
    assert explain(code) is REFUSED


def test_no_text_hints_at_fraud_theft_or_stripes_own_words():
    forbidden = re.compile(r"fraud|stolen|lost|suspic|risk|blocked|stripe|issuer|decline code|_", re.IGNORECASE)
    for words in {*BY_CODE.values(), REFUSED}:
        assert not forbidden.search(words.what + words.do)


@pytest.mark.parametrize(
    ("code", "retry"),
    [
        ("insufficient_funds", True),
        ("processing_error", True),
        ("try_again_later", True),
        ("authentication_required", True),
        ("expired_card", False),
        ("incorrect_cvc", False),
        ("generic_decline", False),
        ("do_not_honor", False),
        ("stolen_card", False),
        ("card_not_supported", False),
        ("debit_not_authorized", False),
    ],
)
def test_it_says_whether_trying_again_can_help(code, retry):
    assert explain(code).retry is retry


def test_the_usual_reasons_are_told_apart():
    told = {explain(code).what for code in ("insufficient_funds", "expired_card", "incorrect_cvc", "processing_error")}
    assert len(told) == 4
    assert "money" in explain("insufficient_funds").what
    assert "expired" in explain("expired_card").what
