"""How people call what they paid with."""

from typing import Final

# https://docs.stripe.com/api/charges/object#charge_object-payment_method_details-card-brand
CARD_BRANDS: Final = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "link": "Link",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
# Names that are not simply Stripe's word with a capital; a new type still reads well enough.
TYPES: Final = {
    "ach_debit": "Bank account",
    "acss_debit": "Pre-authorised debit",
    "afterpay_clearpay": "Afterpay",
    "au_becs_debit": "BECS Direct Debit",
    "bacs_debit": "Bacs Direct Debit",
    "blik": "BLIK",
    "cashapp": "Cash App Pay",
    "customer_balance": "Bank transfer",
    "eps": "EPS",
    "fpx": "FPX",
    "ideal": "iDEAL",
    "kr_card": "Korean card",
    "mb_way": "MB WAY",
    "mobilepay": "MobilePay",
    "nz_bank_account": "Bank account",
    "oxxo": "OXXO",
    "p24": "Przelewy24",
    "paynow": "PayNow",
    "paypal": "PayPal",
    "paypay": "PayPay",
    "promptpay": "PromptPay",
    "sepa_debit": "SEPA debit",
    "twint": "TWINT",
    "upi": "UPI",
    "us_bank_account": "Bank account",
    "wechat": "WeChat Pay",
    "wechat_pay": "WeChat Pay",
}


def method_text(kind: str, brand: str = "", last4: str = "") -> str | None:
    """ "Visa •••• 4242", "SEPA debit •••• 3000", "PayPal"; None when Stripe names no type.

    `kind` is Stripe's payment method type, `brand` a card's brand, each as Stripe writes it.
    """
    if not kind:
        return None
    name = TYPES.get(kind, kind.replace("_", " ").capitalize())
    if kind in ("card", "card_present"):
        name = CARD_BRANDS.get(brand, "Card")
    return f"{name} •••• {last4}" if last4 else name
