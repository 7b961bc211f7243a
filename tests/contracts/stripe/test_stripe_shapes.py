"""Routes and shapes of the local Stripe are Stripe's own."""

from __future__ import annotations

import re

import pytest

from local.stripe import shapes
from local.stripe.app import create_app
from local.stripe.store import PREFIXES, World
from local.stripe.wire import ROUTES
from tests.contracts.stripe import described, typed

NEWER_PARAMETERS: set[str] = set()
create_app(World())


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_and_each_parameter_it_takes_is_one_that_stripe_has(route):
    path = re.sub(r"<[^>]+>", "x", route.path)
    known = described.parameters(route.method, path)
    if known is None:
        assert route.path in described.NEWER_PATHS
    else:
        assert set(route.accepts) - known - NEWER_PARAMETERS == set()


def test_every_kind_of_object_has_a_typed_class():
    for name in PREFIXES:
        assert name == shapes.object_class(name).OBJECT_NAME


def test_a_field_stripe_does_not_have_cannot_be_given():
    with pytest.raises(TypeError, match="customer has no field nickname"):
        shapes.complete("customer", id="cus_1", created=1, livemode=False, nickname="Al")


def test_hashes_given_in_part_are_completed():
    customer = shapes.complete("customer", id="cus_1", created=1, livemode=False, address={"city": "Bristol"})
    nothing_else = dict.fromkeys(("country", "line1", "line2", "postal_code", "state"))
    assert customer["address"] == {"city": "Bristol", **nothing_else}


def test_the_check_sees_a_stranger_a_gap_a_null_and_a_wrong_type():
    customer = shapes.complete("customer", id="cus_1", created=1, livemode=False)
    schema = described.schema_of("customer")
    assert schema is not None
    assert described.problems(customer, schema, "") == typed.problems(customer) == []
    for name, value in (("nickname", "Al"), ("created", None), ("created", "today")):
        wrong = {**customer, name: value}
        assert described.problems(wrong, schema, "")
        assert typed.problems(wrong)
    del customer["livemode"]
    assert described.problems(customer, schema, "") == ["customer.livemode is missing"]
    assert typed.problems(customer) == ["customer.livemode is missing"]
