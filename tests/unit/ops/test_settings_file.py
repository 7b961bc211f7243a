"""What a merchant writes into settings.<stage>.yaml, taken in or refused with words that name what is wrong."""

from pathlib import Path

import pytest

from chalicelib.settings.cancelling import REASONS, CancelReason, CancelRule
from chalicelib.settings.merchant import Settings
from chalicelib.storage.packing import pack, unpack
from ops import settings_file
from ops.stage import Trouble

COMPANY = "company: {name: Northlight Studio, support_email: help@northlight.example}\n"
RULES = """
cancel_rules:
  price_1: allowed
  price_2: on_request
  prod_3: {after_periods: 6}
  gold-plan: {from: 2027-01-31}
"""
REASONS_GIVEN = """
cancel_reasons:
  - Too dear: too_expensive
  - I’m moving away
"""


def read(folder: Path, text: str) -> Settings:
    file = folder / "settings.shop.yaml"
    file.write_text(COMPANY + text)
    return settings_file.read(file, "https://billing.northlight.example", lambda key, content, kind: None)


def test_without_any_rule_the_switch_alone_counts_and_our_reasons_are_shown(tmp_path: Path) -> None:
    settings = read(tmp_path, "")
    assert (settings.self_cancel, settings.cancel_rules, settings.cancel_reasons) == (True, (), REASONS)


def test_rules_are_read_in_the_merchants_words(tmp_path: Path) -> None:
    assert read(tmp_path, RULES).cancel_rules == (
        CancelRule("price_1"),
        CancelRule("price_2", on_request=True),
        CancelRule("prod_3", after_periods=6),
        CancelRule("gold-plan", not_before="2027-01-31"),
    )


def test_reasons_may_stand_for_one_of_stripes_or_for_themselves(tmp_path: Path) -> None:
    expected = (CancelReason("Too dear", "too_expensive"), CancelReason("I’m moving away"))
    assert read(tmp_path, REASONS_GIVEN).cancel_reasons == expected
    assert read(tmp_path, "cancel_reasons: []").cancel_reasons == ()


def test_they_are_the_same_after_being_stored(tmp_path: Path) -> None:
    settings = read(tmp_path, RULES + REASONS_GIVEN)
    assert unpack(pack(settings), Settings) == settings


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("cancel_rules: on_request", "cancel_rules must be"),
        ("cancel_rules: [price_1]", "cancel_rules must be"),
        ("cancel_rules: {price_1: sometimes}", "price_1: “sometimes” is no rule, write allowed"),
        ("cancel_rules: {price_1: yes}", "price_1: “True” is no rule"),
        ("cancel_rules: {price_1: }", "price_1: “None” is no rule"),
        ("cancel_rules: {price_1: {after_period: 6}}", "price_1: “{'after_period': 6}” is no rule"),
        ("cancel_rules: {price_1: {after_periods: 6, from: 2027-01-31}}", "is no rule"),
        ("cancel_rules: {price_1: {after_periods: 0}}", "price_1: after_periods must be between 1 and"),
        ("cancel_rules: {price_1: {after_periods: six}}", "price_1: after_periods must be between 1 and"),
        ("cancel_rules: {price_1: {after_periods: true}}", "price_1: after_periods must be between 1 and"),
        ("cancel_rules: {price_1: {after_periods: 100000}}", "price_1: after_periods must be between 1 and"),
        ("cancel_rules: {price_1: {from: next year}}", "price_1: from must be a date like"),
        ("cancel_rules: {price_1: {from: '2027-02-30'}}", "price_1: from must be a date like"),
        ("cancel_rules: {price_1: {from: 2027-01-31 10:00:00}}", "price_1: from must be a date like"),
        ("cancel_rules: {'Studio Pro': allowed}", "“Studio Pro” is not the id of a price or product"),
        ("cancel_reasons: too dear", "cancel_reasons must be"),
        ("cancel_reasons: [{Too dear: dear}]", "Too dear: Stripe has no “dear”, only customer_service"),
        ("cancel_reasons: ['']", "must have 1 to"),
        ("cancel_reasons: [[]]", "is no reason"),
        ("cancel_reasons: [Too dear, Too dear]", "twice"),
        ("cancel_rule: {price_1: allowed}", "cancel_rule"),
    ],
)
def test_a_mistake_is_named_when_settings_are_written_and_never_reaches_a_customer(
    tmp_path: Path, text: str, named: str
) -> None:
    with pytest.raises(Trouble) as told:
        read(tmp_path, text)
    assert named in str(told.value)
    assert "settings.shop.yaml" in str(told.value)


def test_the_file_that_ops_writes_is_fit_to_be_read_once_the_company_has_its_name(tmp_path: Path) -> None:
    file = tmp_path / "settings.shop.yaml"
    file.write_text(settings_file.skeleton("shop", "help@northlight.example").replace("Your company", "Northlight"))
    settings = settings_file.read(file, "https://billing.northlight.example", lambda key, content, kind: None)
    assert settings.cancel_rules == ()
    commented = file.read_text().replace("# cancel", "cancel").replace("#   ", "  ")
    file.write_text(commented)
    settings = settings_file.read(file, "https://billing.northlight.example", lambda key, content, kind: None)
    assert (len(settings.cancel_rules), len(settings.cancel_reasons)) == (4, 2)


def test_the_days_of_reminders_are_a_list(tmp_path: Path) -> None:
    assert read(tmp_path, "").payment_failed_days == (0, 3, 7, 12)
    settings = read(tmp_path, "payment_failed_days: [1, 14]")
    assert unpack(pack(settings), Settings).payment_failed_days == (1, 14)
    assert read(tmp_path, "payment_failed_days: []").payment_failed_days == ()


@pytest.mark.parametrize("given", ["3", "[3, 3]", "[7, 3]", "[-1]", "[61]", "[1.5]", "[true]", "[three]", "three", ""])
def test_days_that_make_no_sense_are_named(tmp_path: Path, given: str) -> None:
    with pytest.raises(Trouble, match="payment_failed_days must be whole numbers from 0 to 60, in rising order"):
        read(tmp_path, f"payment_failed_days: {given}")
