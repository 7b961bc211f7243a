"""Which keys start the portal against a Stripe account: two of its test keys, and nothing else."""

from pathlib import Path

import pytest

from local.portal import Place
from local.stripe_account import AccountPortal, Keys, UnusableKeys, keys_in

WRONG = {
    "a live secret key": ("sk_live_abc123", "pk_test_abc123", "live"),
    "a live restricted key": ("rk_live_abc123", "pk_test_abc123", "live"),
    "a live publishable key": ("sk_test_abc123", "pk_live_abc123", "live"),
    "two live keys": ("sk_live_abc123", "pk_live_abc123", "live"),
    "a live key alone": ("sk_live_abc123", "", "live"),
    "no publishable key": ("sk_test_abc123", "", "STRIPE_PUBLISHABLE_KEY is not"),
    "no secret key": ("", "pk_test_abc123", "STRIPE_SECRET_KEY is not"),
    "the two swapped": ("pk_test_abc123", "sk_test_abc123", "does not look like sk_test_"),
    "the secret twice": ("sk_test_abc123", "sk_test_abc123", "does not look like pk_test_"),
    "a webhook secret": ("whsec_abc123", "pk_test_abc123", "does not look like sk_test_"),
    "what the README says": ("sk_test_…", "pk_test_…", "does not look like sk_test_"),
    "two lines": ("sk_test_abc\n123", "pk_test_abc123", "does not look like sk_test_"),
}


def given(secret: str, publishable: str) -> Keys | None:
    return keys_in({"STRIPE_SECRET_KEY": secret, "STRIPE_PUBLISHABLE_KEY": publishable})


@pytest.mark.parametrize("secret", ["sk_test_abc123", "rk_test_abc123", " sk_test_abc123\n"])
def test_two_test_keys_are_taken(secret: str) -> None:
    assert given(secret, "pk_test_abc123") == Keys(secret.strip(), "pk_test_abc123")


def test_without_keys_there_is_no_account() -> None:
    assert keys_in({}) is None
    assert given("", " ") is None


@pytest.mark.parametrize(("secret", "publishable", "why"), WRONG.values(), ids=WRONG)
def test_all_others_are_refused_in_one_line_that_shows_no_key(secret: str, publishable: str, why: str) -> None:
    with pytest.raises(UnusableKeys) as refused:
        given(secret, publishable)

    said = str(refused.value)
    assert why in said
    assert "abc" not in said
    assert "\n" not in said


def test_each_account_has_a_folder_of_its_own() -> None:
    data = Path("/data")
    one, other = Keys("sk_test_1", "pk_test_1").folder(data), Keys("sk_test_1", "pk_test_2").folder(data)

    assert one != other
    assert one.parent == other.parent == data / "stripe-test"
    assert Keys("rk_test_rolled", "pk_test_1").folder(data) == one


def test_the_secret_is_not_shown_by_accident() -> None:
    assert "sk_test_abc123" not in repr(given("sk_test_abc123", "pk_test_abc123"))


def test_with_keys_alone_the_portal_finds_no_address_but_stripes_own() -> None:
    keys = Keys("sk_test_1", "pk_test_1")
    environment = AccountPortal(Place(8000, Path("/data")), keys).environment()

    assert {name: value for name, value in environment.items() if name.startswith("STRIPE_")} == {
        "STRIPE_SECRET_KEY": "sk_test_1",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_1",
        "STRIPE_WEBHOOK_SECRET": "",
        "STRIPE_API_BASE": "",
        "STRIPE_JS_URL": "",
    }
