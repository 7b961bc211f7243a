"""Names for several holders of one mailbox."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.facts import CustomerFacts
from chalicelib.billing.view_holders import labels
from tests.unit.billing.builders import START

DAY = 86_400


def named(name, created=START, email="ada@example.com", customer_id="cus_1"):
    return CustomerFacts(customer_id, email, name, created)


def test_one_name_needs_no_date():
    assert labels([named("Ada Byron")]) == ("Ada Byron",)
    assert labels([named("Ada Byron"), named("Byron Ltd")]) == ("Ada Byron", "Byron Ltd")


def test_those_who_share_a_name_are_told_apart_by_year_month_or_day():
    year = [named("Ada", START - 400 * DAY), named("Ada"), named("Byron Ltd")]
    assert labels(year) == ("Ada · since 2024", "Ada · since 2026", "Byron Ltd")
    assert labels([named("Ada"), named("Ada", START + 40 * DAY)]) == (
        "Ada · since January 2026",
        "Ada · since February 2026",
    )
    assert labels([named("Ada"), named("Ada", START + 3 * DAY)]) == (
        "Ada · since 1 January 2026",
        "Ada · since 4 January 2026",
    )


def test_those_made_on_one_day_are_numbered():
    assert labels([named("Ada"), named("Ada")]) == ("Ada · since 1 January 2026 (1)", "Ada · since 1 January 2026 (2)")


def test_without_a_name_the_address_stands_in():
    assert labels([named("  "), named("", email="ADA@example.com")]) == ("ada@example.com", "ADA@example.com")
    assert labels([named("", email="")]) == ("Customer",)


def test_what_was_bought_as_a_guest_is_called_that_beside_a_customer_of_the_same_name():
    both = [named("Ada"), named("Ada", customer_id="guest:ada@example.com")]
    assert labels(both) == ("Ada", "Bought as a guest")
    assert labels(both[1:]) == ("Bought as a guest",)


@given(st.lists(st.tuples(st.sampled_from(["Ada", "Bo", ""]), st.integers(START, START + 900 * DAY)), max_size=8))
def test_labels_always_differ(people):
    found = sorted(labels([named(name, created) for name, created in people]))
    assert len(found) == len(people)
    assert all(one != other for one, other in pairwise(found))
