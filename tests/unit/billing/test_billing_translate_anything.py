"""Whatever Stripe leaves out, sends as null, or invents, translating gives facts and never an error."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.billing import translate, view
from chalicelib.billing.facts import Home
from tests.unit.billing import samples
from tests.unit.billing.builders import SETTINGS

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}), st.just(["x"])
)
MISSING = object()


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in the JSON below its root, except the object's own id and those of the charges beside it."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, child in children:
        found += [(*here, key), *paths(child, (*here, key))]
    return found


def changed(sample: dict[str, Any], draw: Any) -> dict[str, Any]:
    """The sample with up to six places dropped, nulled or replaced by something odd."""
    result = copy.deepcopy(sample)
    for _ in range(draw(st.integers(1, 6))):
        open_to_change = [p for p in paths(result) if p != ("id",)]
        path = draw(st.sampled_from(open_to_change))
        replacement = draw(st.one_of(st.just(MISSING), ODD))
        parent = result
        for key in path[:-1]:
            parent = parent[key]
        if replacement is not MISSING:
            parent[path[-1]] = copy.deepcopy(replacement)
        elif isinstance(parent, dict):
            del parent[path[-1]]
    return result


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_mangled_subscription_is_still_translated_and_shown(data):
    sub = translate.subscription(changed(samples.subscription(), data.draw))
    sched = translate.schedule(changed(samples.schedule(), data.draw))
    customer = translate.customer(changed(samples.customer(), data.draw))
    card = translate.card(changed(samples.card(), data.draw))
    bill = translate.invoice_bill(changed(samples.invoice(status="open", amount_remaining=5), data.draw))
    home = Home("cus_1", customer, (sub,), (sched,), (card,), (bill.short(),))
    shown = view.account("ada@example.com", [home], samples.NOW, SETTINGS)
    assert sub.id == "sub_1"
    assert customer.hidden or shown.item("sub_1") is not None


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_mangled_plan_is_still_shown(data):
    marked = samples.subscription(metadata={"installments": "6"}, schedule="sub_sched_1")
    sub = translate.subscription(changed(marked, data.draw))
    sched = translate.schedule(changed(samples.schedule(), data.draw))
    bill = translate.invoice_bill(changed(samples.invoice(), data.draw), [samples.charge()])
    home = Home("cus_1", translate.customer(samples.customer()), (sub,), (sched,), (), (bill,))
    assert view.account("ada@example.com", [home], samples.NOW, SETTINGS).item("sub_1") is not None


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mangled_invoices_and_charges_are_still_translated(data):
    charge = changed(samples.charge(refunds=samples.list_of(samples.refund())), data.draw)
    invoice = changed(samples.invoice(), data.draw)
    assert translate.invoice_bill(invoice, [charge, samples.declined_charge()]).id == "in_1"
    assert translate.charge_bill(charge).id == "ch_1"
    assert set(map(id, translate.bare_charges([charge], [invoice]))) <= {id(charge)}


@given(st.text(max_size=20))
def test_an_unknown_status_is_a_value(status):
    sub = translate.subscription(samples.subscription(status=status))
    home = Home("cus_1", translate.customer(samples.customer()), (sub,))
    item = view.account("ada@example.com", [home], samples.NOW, SETTINGS).item("sub_1")
    assert item is not None
    assert item.shown.word
