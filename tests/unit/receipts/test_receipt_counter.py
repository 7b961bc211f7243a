"""Who gets which receipt, and what is frozen when."""

import pytest
from msgspec.structs import replace

from chalicelib.billing.facts_bill import Refund
from chalicelib.errors import NotFound
from chalicelib.receipts.counter import Counter
from tests.builders import NOW, a_bill, a_customer
from tests.fakes.receipts import MemoryRecords, MemoryVault
from tests.world import SETTINGS, World


def a_counter(world: World) -> Counter:
    return Counter(world.mirror, MemoryRecords(), MemoryVault(), lambda: world.settings)


def test_a_payment_of_ones_own_has_a_receipt() -> None:
    world = World().having(a_customer(), a_bill())
    assert a_counter(world).read(("cus_ada",), "in_1").number == "NL-0001"


@pytest.mark.parametrize(
    "wanted", ["in_2", "in_1-2", "in_1-1", "in_1-0", "in_", "", "../in_1", "sub_studio", "in_1-99999999999"]
)
def test_any_other_id_is_not_found(wanted: str) -> None:
    world = World().having(a_customer(), a_bill())
    with pytest.raises(NotFound):
        a_counter(world).read(("cus_ada",), wanted)


def test_somebody_elses_receipt_is_not_found() -> None:
    world = World().having(a_customer(), a_bill())
    with pytest.raises(NotFound):
        a_counter(world).link(("cus_eve", "cus_other"), "in_1")


def test_what_was_not_paid_has_no_receipt() -> None:
    world = World().having(a_customer(), a_bill(status="open", payments=(), amount_paid=0))
    with pytest.raises(NotFound):
        a_counter(world).read(("cus_ada",), "in_1")


def test_the_first_issue_freezes_the_words_and_a_refund_makes_a_version_beside_it() -> None:
    world = World().having(a_customer(), a_bill())
    counter = a_counter(world)
    first = counter.read(("cus_ada",), "in_1")
    world.settings = replace(SETTINGS, company=replace(SETTINGS.company, name="Renamed Studio"))
    assert counter.read(("cus_ada",), "in_1") == first
    paid = a_bill().payments[0]
    refunded = replace(a_bill(), payments=(replace(paid, refunds=(Refund("re_1", 1900, NOW),)),))
    world.mirror.write(refunded, world.mirror.take_ticket("in_1"))
    second = counter.read(("cus_ada",), "in_1")
    assert second.merchant.name == "Renamed Studio"
    assert second != first
