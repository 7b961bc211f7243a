"""Why a payment failed, in plain words: what happened, what to do, whether trying again can help.

Codes: https://docs.stripe.com/declines/codes, bank debits and refusals without a bank's word:
https://docs.stripe.com/error-codes. What a bank or Stripe suspects is never told to the person at the screen:
suspected fraud, lost and stolen cards read like any other refusal.
"""

from msgspec import Struct


class Decline(Struct, frozen=True):
    """`what` happened and what to `do`, as sentences; `retry` is True when the same card may work another time."""

    what: str
    do: str
    retry: bool


OTHER_OR_BANK = "Use another card, or ask your bank to allow this payment."
REFUSED = Decline("Your bank declined the payment and didn’t say why.", OTHER_OR_BANK, False)
TEMPORARY = Decline(
    "The payment couldn’t be processed just now.", "Try again in a few minutes, or use another card.", True
)
FUNDS = Decline(
    "There wasn’t enough money available for this payment.",
    "Try again once there is, or use another card.",
    True,
)
LIMIT = Decline(
    "The payment is over the limit of this card.", "Ask your bank about the limit, or use another card.", True
)
EXPIRED = Decline("The card has expired.", "Add your new card, even if its number stayed the same.", False)
NUMBER = Decline("The card number isn’t right.", "Check the number and enter it again, or use another card.", False)
CVC = Decline(
    "The security code isn’t right.", "Enter the card again with the code printed on it, or use another card.", False
)
DATE = Decline("The expiry date isn’t right.", "Enter the card again with the date printed on it.", False)
POSTCODE = Decline(
    "The postcode doesn’t match the one your bank has.", "Enter the card again with its billing postcode.", False
)
CONFIRM = Decline("Your bank wants you to confirm this payment.", "Pay again and follow your bank’s steps.", True)
NOT_CONFIRMED = Decline(
    "The payment wasn’t confirmed with your bank.", "Pay again and confirm it, or use another card.", True
)
CURRENCY = Decline("This card can’t pay in this currency.", OTHER_OR_BANK, False)
NOT_SUPPORTED = Decline("This card can’t be used for this kind of payment.", OTHER_OR_BANK, False)
CARD_INVALID = Decline("This card or its account can’t be used.", "Use another card, or ask your bank.", False)
CARD_CHANGED = Decline("Your bank has issued new details for this card.", "Add the card again, or another one.", False)
STOPPED = Decline("Payments to us are stopped for this card.", "Use another card, or ask your bank to lift it.", False)
DUPLICATE = Decline(
    "The same amount was paid with this card a moment ago.", "Check your payments before you try again.", False
)
PIN = Decline("The bank wants a PIN, which can’t be entered online.", "Use another card.", False)
TEST_CARD = Decline("A test card can’t pay for real.", "Use a real card.", False)
NO_CARD = Decline("There was no card to charge.", "Choose or add a card.", False)
BANK_ACCOUNT = Decline(
    "The bank account can’t be charged.", "Check the account with your bank, or use another way to pay.", False
)
BANK_LIMIT = Decline(
    "The payment is over what this bank account may be charged.",
    "Try again next week, or use another way to pay.",
    True,
)
NO_MANDATE = Decline(
    "The bank account isn’t authorised for our payments.", "Add the account again, or use another way to pay.", False
)

BY_CODE = {
    "approve_with_id": TEMPORARY,
    "authentication_not_handled": CONFIRM,
    "authentication_required": CONFIRM,
    "card_not_supported": NOT_SUPPORTED,
    "card_velocity_exceeded": LIMIT,
    "currency_not_supported": CURRENCY,
    "duplicate_transaction": DUPLICATE,
    "expired_card": EXPIRED,
    "incorrect_address": POSTCODE,
    "incorrect_cvc": CVC,
    "incorrect_number": NUMBER,
    "incorrect_pin": PIN,
    "incorrect_zip": POSTCODE,
    "insufficient_funds": FUNDS,
    "invalid_account": CARD_INVALID,
    "invalid_amount": LIMIT,
    "invalid_cvc": CVC,
    "invalid_expiry_month": DATE,
    "invalid_expiry_year": DATE,
    "invalid_number": NUMBER,
    "invalid_pin": PIN,
    "issuer_not_available": TEMPORARY,
    "mobile_device_authentication_required": CONFIRM,
    "new_account_information_available": CARD_CHANGED,
    "not_permitted": NOT_SUPPORTED,
    "offline_pin_required": PIN,
    "online_or_offline_pin_required": PIN,
    "pin_try_exceeded": PIN,
    "processing_error": TEMPORARY,
    "reenter_transaction": TEMPORARY,
    "revocation_of_all_authorizations": STOPPED,
    "revocation_of_authorization": STOPPED,
    "service_not_allowed": NOT_SUPPORTED,
    "stop_payment_order": STOPPED,
    "testmode_decline": TEST_CARD,
    "transaction_not_allowed": NOT_SUPPORTED,
    "try_again_later": TEMPORARY,
    "withdrawal_count_limit_exceeded": LIMIT,
    # Reasons Stripe gives besides the bank's.
    "amount_too_large": LIMIT,
    "authentication_failure": NOT_CONFIRMED,
    "invoice_payment_intent_requires_action": CONFIRM,
    "payment_intent_authentication_failure": NOT_CONFIRMED,
    "payment_method_customer_decline": NOT_CONFIRMED,
    "rate_limit": TEMPORARY,
    "setup_intent_authentication_failure": NOT_CONFIRMED,
    # Bank debits.
    "account_closed": BANK_ACCOUNT,
    "bank_account_closed": BANK_ACCOUNT,
    "bank_account_invalid_details": BANK_ACCOUNT,
    "bank_account_restricted": BANK_ACCOUNT,
    "bank_account_unusable": BANK_ACCOUNT,
    "bank_ownership_changed": BANK_ACCOUNT,
    "charge_exceeds_source_limit": BANK_LIMIT,
    "charge_exceeds_weekly_limit": BANK_LIMIT,
    "debit_not_authorized": NO_MANDATE,
    "invalid_currency": BANK_ACCOUNT,
    "mandate_canceled": NO_MANDATE,
    "no_account": BANK_ACCOUNT,
    "payment_method_bank_account_blocked": BANK_ACCOUNT,
    "recipient_deceased": BANK_ACCOUNT,
}


def explain(code: str) -> Decline:
    """Plain words for a decline or failure code; anything unlisted, unknown or not to be told is a plain refusal."""
    return BY_CODE.get(code, REFUSED)
