"""What an invoice comes to: discounts, taxes, the customer's balance."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from local.stripe.billing_money import currencies, discounts, taxes
from local.stripe.billing_money.lines import show
from local.stripe.store import Object, World


def add_up(world: World, invoice: Object, lines: list[Object], customer: Object) -> None:
    """Work out all amounts of a draft from its lines and the customer's balance, and show the lines in it."""
    exempt = invoice["customer_tax_exempt"] or "none"
    discounts.take_off(world, lines, invoice["discounts"])
    for one in lines:
        taxes.put_on(world, one, discounts.left(one), exempt)
    own = {one["id"]: one["amount"] - _own_discounts(one) for one in lines}
    net = sum(map(discounts.left, lines))
    taxed = [tax for one in lines for tax in one["taxes"]]
    exclusive = sum(tax["amount"] for tax in taxed if tax["tax_behavior"] == "exclusive")
    total = net + exclusive
    invoice.update(
        subtotal=sum(own.values()),
        subtotal_excluding_tax=sum(taxes.without(world, one, own[one["id"]], exempt) for one in lines),
        total=total,
        total_excluding_tax=total - sum(tax["amount"] for tax in taxed),
        total_discount_amounts=_summed(entry for one in lines for entry in one["discount_amounts"]),
        total_taxes=_taxes_by_rate(taxed),
        total_pretax_credit_amounts=[],
        starting_balance=customer["balance"] if shares_balance(invoice, customer) else 0,
    )
    due = _due(invoice)
    invoice.update(amount_due=due, amount_remaining=due - invoice["amount_paid"])
    show(invoice, lines)


def shares_balance(invoice: Object, customer: Object) -> bool:
    """Whether the customer's balance is in the invoice's currency. In others a customer has none here.

    https://docs.stripe.com/invoicing/multi-currency-customers
    """
    return bool(invoice["currency"] == customer["currency"])


def balance_after(invoice: Object) -> int:
    """The balance once the invoice is final: credit (negative) it used up or made, or debt it left or took in."""
    return int(invoice["starting_balance"] + invoice["total"] - invoice["amount_due"])


def _due(invoice: Object) -> int:
    """What is to be paid once the balance is counted in.

    An amount below the least charge is not collected but kept as debt on the balance.
    """
    due = int(max(0, invoice["total"] + invoice["starting_balance"]))
    small = due < currencies.least(invoice["currency"])
    return 0 if small and invoice["collection_method"] == "charge_automatically" else due


def _own_discounts(line: Object) -> int:
    return sum(entry["amount"] for entry in line["discount_amounts"] if entry["discount"] in line["discounts"])


def _summed(entries: Iterable[Object]) -> list[Object]:
    totals: dict[str, int] = {}
    for entry in entries:
        totals[entry["discount"]] = totals.get(entry["discount"], 0) + entry["amount"]
    return [{"amount": amount, "discount": discount} for discount, amount in totals.items()]


def _taxes_by_rate(taxed: list[Object]) -> list[Object]:
    sums: dict[tuple[str, str], Object] = {}
    for tax in taxed:
        key = (tax["tax_rate_details"]["tax_rate"], tax["taxability_reason"])
        if key in sums:
            sums[key]["amount"] += tax["amount"]
            sums[key]["taxable_amount"] += tax["taxable_amount"]
        else:
            sums[key] = copy.deepcopy(tax)
    return list(sums.values())
