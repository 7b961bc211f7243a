"""Amounts in minor units and epoch seconds, turned into the words of a place. Tables, no locale library."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# https://docs.stripe.com/currencies#zero-decimal and #three-decimal. UGX also stands on the page's list of
# zero-decimal currencies, but its row under "Special cases" governs charges: 5 UGX is the amount 500.
ZERO_DECIMAL: Final = frozenset(_words("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"))
THREE_DECIMAL: Final = frozenset(_words("BHD JOD KWD OMR TND"))
# https://docs.stripe.com/currencies#special-cases: sent with two decimals that are always 00. HUF and TWD are
# whole only in payouts; charges in them have two decimals like any other.
WHOLE_BUT_SENT_IN_HUNDREDTHS: Final = frozenset({"ISK", "UGX"})

MINUS: Final = "\N{MINUS SIGN}"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"

# Short signs that name one currency only; any other currency is written with its code.
SIGNS: Final = {
    "AUD": "A$", "BRL": "R$", "CAD": "CA$", "CNY": "CN¥", "EUR": "€", "GBP": "£", "HKD": "HK$", "ILS": "₪",
    "INR": "₹", "JPY": "¥", "KRW": "₩", "MXN": "MX$", "NZD": "NZ$", "PHP": "₱", "TWD": "NT$", "USD": "$",
    "VND": "₫",
}  # fmt: skip


class Place(Struct, frozen=True):
    """How one locale writes numbers and dates (Unicode CLDR's patterns, written out)."""

    group: str
    point: str
    sign_first: bool
    date: str
    short_date: str
    months: tuple[str, ...]
    short_months: tuple[str, ...] = ()
    # Spanish writes 1234 but 12.345.
    grouped_from: int = 4


_ENGLISH: Final = _words("January February March April May June July August September October November December")
_GERMAN: Final = _words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
_FRENCH: Final = _words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
_SPANISH: Final = _words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
_ENGLISH_SHORT: Final = _words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
_FRENCH_SHORT: Final = _words("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.")
_SPANISH_SHORT: Final = _words("ene feb mar abr may jun jul ago sept oct nov dic")

_BRITISH: Final = Place(",", ".", True, "{day} {month} {year}", "{day} {short} {year}", _ENGLISH, _ENGLISH_SHORT)
PLACES: Final = {
    "en": _BRITISH,
    "en-GB": _BRITISH,
    "en-US": Place(
        ",", ".", True, "{month} {day}, {year}", "{short} {day}, {year}", _ENGLISH, _ENGLISH_SHORT
    ),
    "de": Place(".", ",", False, "{day}. {month} {year}", "{day:02}.{number:02}.{year}", _GERMAN),
    "fr": Place(
        "\N{NARROW NO-BREAK SPACE}", ",", False, "{day} {month} {year}", "{day} {short} {year}",
        _FRENCH, _FRENCH_SHORT,
    ),
    "es": Place(
        ".", ",", False, "{day} de {month} de {year}", "{day} {short} {year}",
        _SPANISH, _SPANISH_SHORT, grouped_from=5,
    ),
    "ja": Place(",", ".", True, "{year}年{number}月{day}日", "{year}/{number:02}/{day:02}", _ENGLISH),
}  # fmt: skip


def place(locale: str) -> Place:
    """The habits of a locale such as "en-GB" or "de_AT": its own, else its language's, else English."""
    tag = locale.replace("_", "-")
    return PLACES.get(tag) or PLACES.get(tag.split("-")[0].lower()) or PLACES["en"]


def decimals(currency: str) -> int:
    """How many decimals Stripe's amounts in this currency carry: 2 for "usd", 0 for "jpy", 3 for "kwd"."""
    code = currency.upper()
    return 0 if code in ZERO_DECIMAL else 3 if code in THREE_DECIMAL else 2


def smallest_charge_step(currency: str) -> int:
    """What every charge in this currency must be a multiple of, in minor units.

    https://docs.stripe.com/currencies#three-decimal and #special-cases
    """
    code = currency.upper()
    return 10 if code in THREE_DECIMAL else 100 if code in WHOLE_BUT_SENT_IN_HUNDREDTHS else 1


def format_amount(minor: int | Decimal, currency: str, locale: str = "en") -> str:
    """An amount as people of that locale read it: "$1,234.50", "¥4,900", "KWD 1.230", "−5,00 €".

    `minor` is in minor units and may be a fraction of one, as prices per unit can be; every digit it has is
    then shown. The space beside a code or sign does not break.
    """
    code = currency.upper()
    here = place(locale)
    number = _number(abs(Decimal(minor)).scaleb(-decimals(code)), code, here)
    sign = SIGNS.get(code, code)
    gap = NO_BREAK if sign == code else ""
    text = sign + gap + number if here.sign_first else number + NO_BREAK + sign
    return MINUS + text if minor < 0 else text


def _number(amount: Decimal, code: str, here: Place) -> str:
    exponent = amount.normalize().as_tuple().exponent
    own = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    usual = 0 if code in WHOLE_BUT_SENT_IN_HUNDREDTHS and own == 0 else decimals(code)
    whole, _, fraction = f"{amount:,.{max(own, usual)}f}".partition(".")
    if len(whole.replace(",", "")) < here.grouped_from:
        whole = whole.replace(",", "")
    return whole.replace(",", here.group) + (here.point + fraction if fraction else "")


def date_locale(locale: str) -> str:
    """The words of pages and receipts are English, so their dates are too; only "en-US" changes their order."""
    return locale if locale.startswith("en") else "en"


def format_date(epoch: int, locale: str = "en", time_zone: str = "UTC") -> str:
    """The day of a moment (UTC epoch seconds) in full: "14 November 2026".

    Raises ZoneInfoNotFoundError for a time zone nobody knows; settings are checked before they are kept.
    """
    here = place(locale)
    return _day(here.date, here, epoch, time_zone)


def format_short_date(epoch: int, locale: str = "en", time_zone: str = "UTC") -> str:
    """The day of a moment (UTC epoch seconds), short: "14 Nov 2026". Raises like `format_date`."""
    here = place(locale)
    return _day(here.short_date, here, epoch, time_zone)


def _day(pattern: str, here: Place, epoch: int, time_zone: str) -> str:
    day = datetime.fromtimestamp(epoch, ZoneInfo(time_zone))
    return pattern.format(
        day=day.day,
        number=day.month,
        year=day.year,
        month=here.months[day.month - 1],
        short=(here.short_months or here.months)[day.month - 1],
    )


def interval_text(interval: str, count: int) -> str:
    """How often a price recurs, in words: "every month", "every 3 months". `interval` is Stripe's, any word."""
    return f"every {interval}" if count == 1 else f"every {count} {interval}s"
