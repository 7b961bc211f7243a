"""Names of a stage and of everything that belongs to it."""

import pytest

from ops.stage import FUNCTIONS, Stage, Trouble

SHOP = Stage("shop", "123456789012", "eu-west-1")


@pytest.mark.parametrize("name", ["a1", "shop", "north-light", "a" * 16])
def test_a_short_plain_name_is_a_stage(name: str) -> None:
    assert Stage(name, "123456789012", "eu-west-1").table == f"tillkey-{name}"


@pytest.mark.parametrize(
    "name",
    ["", "a", "Shop", "1shop", "shop_1", "shop-", "-shop", "a--b", "a" * 17, "shop.eu", "../x", "ä" * 3, "sh op"],
)
def test_what_cannot_become_a_role_or_bucket_is_refused_with_what_can(name: str) -> None:
    with pytest.raises(Trouble, match="lower-case letters"):
        Stage(name, "123456789012", "eu-west-1")


@pytest.mark.parametrize("name", ["dev", "local", "test"])
def test_the_repositorys_own_stages_are_not_a_merchants(name: str) -> None:
    with pytest.raises(Trouble, match="choose another name"):
        Stage(name, "123456789012", "eu-west-1")


def test_the_longest_name_still_makes_valid_roles_and_buckets() -> None:
    long = Stage("a" * 16, "123456789012", "eu-west-1")
    assert max(len(f"tillkey-{long.name}-{function}") for function in FUNCTIONS) <= 64
    assert len(long.bucket) <= 63


def test_every_function_of_the_app_is_known_here(app_functions: set[str]) -> None:
    assert set(FUNCTIONS) == {"api_handler", *app_functions}


@pytest.fixture
def app_functions() -> set[str]:
    """Names of the functions `app.py` declares beside its routes."""
    import app

    return {source.name for source in app.app.event_sources}
