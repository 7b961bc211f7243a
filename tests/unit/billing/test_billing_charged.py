"""Which card is charged."""

import pytest

from chalicelib.billing.charged import charged_card, charged_items, inheriting_items
from tests.unit.billing.builders import a_customer, a_home, a_subscription, an_open_bill

EVERYTHING = {
    "bill": "pm_bill",
    "card": "pm_sub",
    "source": "src_sub",
    "default": "pm_cus",
    "default_source": "src_cus",
}


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ((), ("pm_bill", False)),
        (("bill",), ("pm_sub", False)),
        (("bill", "card"), ("src_sub", False)),
        (("bill", "card", "source"), ("pm_cus", True)),
        (("bill", "card", "source", "default"), ("src_cus", True)),
        (("bill", "card", "source", "default", "default_source"), (None, True)),
    ],
)
def test_the_nearest_card_is_charged(missing, expected):
    given = {name: "" if name in missing else card for name, card in EVERYTHING.items()}
    home = a_home(customer=a_customer(default_card=given["default"], default_source=given["default_source"]))
    facts = a_subscription(default_card=given["card"], default_source=given["source"])
    assert charged_card(facts, home, an_open_bill(default_card=given["bill"])) == expected


def test_a_customers_default_counts_for_every_item_that_inherits_it():
    own = a_subscription(id="sub_own", default_card="pm_a")
    inherits = a_subscription(id="sub_inherits", default_card="")
    ended = a_subscription(id="sub_ended", default_card="", status="canceled")
    invoiced = a_subscription(id="sub_invoiced", default_card="", collection_method="send_invoice")
    home = a_home(subscriptions=(own, inherits, ended, invoiced), customer=a_customer(default_card="pm_a"))
    assert [s.id for s in inheriting_items(home)] == ["sub_inherits"]
    assert [s.id for s in charged_items(home, "pm_a")] == ["sub_own", "sub_inherits"]
    assert charged_items(home, "pm_b") == ()
