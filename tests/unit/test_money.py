"""Amounts, dates and intervals in the words of a place."""

import re
from decimal import Decimal
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.money import (
    MINUS,
    PLACES,
    SIGNS,
    THREE_DECIMAL,
    ZERO_DECIMAL,
    decimals,
    format_amount,
    format_date,
    format_short_date,
    interval_text,
    place,
)

NOON = 1794657600  # 14 November 2026, 12:00 UTC


def plain(text: str) -> str:
    """Spaces that do not break, made ordinary."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "said"),
    [
        (123450, "usd", "en", "$1,234.50"),
        (123450, "usd", "en-US", "$1,234.50"),
        (123450, "gbp", "en-GB", "£1,234.50"),
        (0, "usd", "en", "$0.00"),
        (5, "usd", "en", "$0.05"),
        (-500, "usd", "en", "−$5.00"),
        (99, "cad", "en", "CA$0.99"),
        (123450, "chf", "en", "CHF 1,234.50"),
        (-123450, "chf", "en", "−CHF 1,234.50"),
        (123450, "eur", "de", "1.234,50 €"),
        (-500, "eur", "de", "−5,00 €"),
        (123450, "chf", "de", "1.234,50 CHF"),
        (123456789, "eur", "fr", "1 234 567,89 €"),
        (123450, "eur", "es", "1234,50 €"),
        (1234550, "eur", "es", "12.345,50 €"),
        (4900, "jpy", "ja", "¥4,900"),
        (4900, "eur", "ja", "€49.00"),
    ],
)
def test_amounts_read_as_that_place_writes_them(minor, currency, locale, said):
    assert plain(format_amount(minor, currency, locale)) == said


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (4900, "jpy", "¥4,900"),
        (4900, "krw", "₩4,900"),
        (4900, "vnd", "₫4,900"),
        (4900, "clp", "CLP 4,900"),
        (4900, "mga", "MGA 4,900"),
        (1230, "kwd", "KWD 1.230"),
        (1230, "bhd", "BHD 1.230"),
        (1230, "jod", "JOD 1.230"),
        (1234, "kwd", "KWD 1.234"),
        (500, "isk", "ISK 5"),
        (500, "ugx", "UGX 5"),
        (123400, "ugx", "UGX 1,234"),
        (1045, "huf", "HUF 10.45"),
        (80045, "twd", "NT$800.45"),
    ],
)
def test_minor_units_are_those_of_stripes_charges(minor, currency, said):
    assert plain(format_amount(minor, currency)) == said


def test_a_fraction_of_a_krona_would_be_shown_not_hidden():
    assert plain(format_amount(550, "isk")) == "ISK 5.50"


def test_the_tables_of_decimals_are_stripes():
    assert sorted(ZERO_DECIMAL) == (
        ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
    )
    assert sorted(THREE_DECIMAL) == ["BHD", "JOD", "KWD", "OMR", "TND"]
    assert [decimals(code) for code in ("JPY", "jpy", "KWD", "usd", "UGX", "ISK", "new")] == [0, 0, 3, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("minor", "said"),
    [("0.5", "$0.005"), ("1000", "$10.00"), ("1E+3", "$10.00"), ("12.5", "$0.125"), ("-0.25", "−$0.0025")],
)
def test_a_price_of_less_than_a_cent_shows_every_digit(minor, said):
    assert format_amount(Decimal(minor), "usd") == said


def test_no_two_currencies_share_a_sign():
    assert len(set(SIGNS.values())) == len(SIGNS)


@pytest.mark.parametrize(("currency", "locale"), [("kwd", "en"), ("usd", "de"), ("usd", "fr"), ("eur", "es")])
def test_sign_and_number_never_part_at_a_line_end(currency, locale):
    assert " " not in format_amount(123456789, currency, locale)


@given(
    st.integers(-(10**14), 10**14),
    st.sampled_from(["usd", "jpy", "kwd", "isk", "huf", "xxx"]),
    st.sampled_from(sorted(PLACES)),
)
def test_every_amount_can_be_read_back_to_the_last_digit(minor, currency, locale):
    text = format_amount(minor, currency, locale)
    digits = re.sub(r"[^0-9.,]", "", text)
    point = place(locale).point
    number = Decimal(digits.replace("." if point == "," else ",", "").replace(point, "."))
    read = number.scaleb(decimals(currency))
    assert (-read if text.startswith(MINUS) else read) == minor


@pytest.mark.parametrize(
    ("locale", "full", "short"),
    [
        ("en", "14 November 2026", "14 Nov 2026"),
        ("en-GB", "14 November 2026", "14 Nov 2026"),
        ("en-US", "November 14, 2026", "Nov 14, 2026"),
        ("de", "14. November 2026", "14.11.2026"),
        ("fr", "14 novembre 2026", "14 nov. 2026"),
        ("es", "14 de noviembre de 2026", "14 nov 2026"),
        ("ja", "2026年11月14日", "2026/11/14"),
    ],
)
def test_dates_read_as_that_place_writes_them(locale, full, short):
    assert format_date(NOON, locale) == full
    assert format_short_date(NOON, locale) == short


@pytest.mark.parametrize(
    ("asked", "given_"),
    [("de-AT", "de"), ("de_CH", "de"), ("DE", "de"), ("en-AU", "en"), ("en_US", "en-US"), ("pt-BR", "en"), ("", "en")],
)
def test_an_unknown_locale_falls_back_to_its_language_then_to_english(asked, given_):
    assert place(asked) is PLACES[given_]


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", "14 November 2026"), ("Pacific/Auckland", "15 November 2026"), ("America/New_York", "14 November 2026")],
)
def test_a_day_is_the_day_of_the_time_zone(zone, day):
    assert format_date(NOON, "en", zone) == day


def test_every_month_has_its_name_in_every_place():
    starts = [NOON + month * 2_629_746 for month in range(-10, 2)]
    for locale in PLACES:
        assert len({format_date(start, locale) for start in starts}) == 12
        assert all(len(here.months) == 12 and len(here.short_months) in (0, 12) for here in [PLACES[locale]])


def test_a_time_zone_nobody_knows_is_named():
    with pytest.raises(ZoneInfoNotFoundError, match="Mars/Olympus"):
        format_date(NOON, "en", "Mars/Olympus")


@pytest.mark.parametrize(
    ("interval", "count", "said"),
    [
        ("month", 1, "every month"),
        ("month", 3, "every 3 months"),
        ("year", 1, "every year"),
        ("week", 2, "every 2 weeks"),
        ("day", 1, "every day"),
        ("fortnight", 2, "every 2 fortnights"),
    ],
)
def test_how_often_a_price_recurs(interval, count, said):
    assert interval_text(interval, count) == said
