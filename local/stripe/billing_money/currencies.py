"""Currencies: what one unit is, and the least Stripe charges. https://docs.stripe.com/currencies"""

from __future__ import annotations

from local.stripe.errors import invalid

ZERO_DECIMAL = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf")
)
THREE_DECIMAL = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))
_LEAST = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
_MOST = 99_999_999
_SIGNS = {"usd": "$", "gbp": "£", "eur": "€", "jpy": "¥"}


def least(currency: str) -> int:
    """The smallest charge in minor units; 1 where Stripe's table names none."""
    return _LEAST.get(currency, 1)


def written(amount: int, currency: str) -> str:
    """An amount as Stripe's refusals write it: £5.00, ¥500, 5.000 kwd."""
    decimals = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    number = f"{amount / 10**decimals:,.{decimals}f}"
    return _SIGNS[currency] + number if currency in _SIGNS else f"{number} {currency}"


def check_charge(amount: int, currency: str) -> None:
    """Refuse what cannot be charged: too little, too much, or a third decimal that is not 0."""
    if amount < least(currency):
        message = f"Amount must be at least {written(least(currency), currency)} {currency}"
        raise invalid(message, "amount", "amount_too_small")
    if amount > _MOST:
        message = f"Amount must be no more than {written(_MOST, currency)} {currency}"
        raise invalid(message, "amount", "amount_too_large")
    if currency in THREE_DECIMAL and amount % 10:
        message = f"Invalid amount: {currency} amounts must end in 0, as card networks take two decimals only."
        raise invalid(message, "amount", "parameter_invalid_integer")
