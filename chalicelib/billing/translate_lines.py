"""What an invoice is made of: lines, taxes per rate, discounts, and the title they give."""

from collections.abc import Mapping

from chalicelib.billing import titles
from chalicelib.billing.facts_bill import DiscountAmount, Line, TaxAmount
from chalicelib.billing.facts_price import TaxRate
from chalicelib.billing.translate_json import Json, amount, decimal, moment, number, part, ref, rows, text, yes
from chalicelib.billing.translate_price import coupon_name, tax_rate


def product_of(data: Json) -> str:
    """Id of the product a line bills, which invoices never expand."""
    return text(data, "pricing", "price_details", "product")


def _line_name(data: Json, names: Mapping[str, str]) -> str:
    return names.get(product_of(data), "") or titles.product_in(text(data, "description"))


def title(invoice: Json, names: Mapping[str, str]) -> str:
    """What an invoice is for: the products of its main lines."""
    lines = rows(invoice, "lines")
    main = [row for row in lines if amount(row, "amount") > 0 and not _is_proration(row)]
    named = titles.joined(_line_name(row, names) for row in main or lines)
    return named or text(invoice, "description") or "Invoice"


def _is_proration(data: Json) -> bool:
    kinds = ("subscription_item_details", "invoice_item_details")
    return any(yes(data, "parent", kind, "proration") for kind in kinds)


def line(data: Json, names: Mapping[str, str]) -> Line:
    """One line; `amount` is before discounts. https://docs.stripe.com/api/invoice-line-item/object"""
    unit = decimal(data, "pricing", "unit_amount_decimal")
    return Line(
        description=text(data, "description") or _line_name(data, names),
        quantity=number(data, "quantity"),
        unit_amount=None if unit is None or unit != unit.to_integral_value() else int(unit),
        amount=amount(data, "amount"),
        period_start=moment(data, "period", "start"),
        period_end=moment(data, "period", "end"),
        discount=sum(amount(row, "amount") for row in rows(data, "discount_amounts")),
        price=ref(data, "pricing", "price_details", "price"),
        proration=_is_proration(data),
    )


def tax_amount(data: Json, invoice: Json) -> TaxAmount:
    """One rate's tax; an unexpanded rate is looked for among the invoice's defaults."""
    inclusive = text(data, "tax_behavior") == "inclusive"
    details = part(data, "tax_rate_details")
    known = {text(rate, "id"): rate for rate in rows(invoice, "default_tax_rates")}
    rate = part(details, "tax_rate") or known.get(ref(details, "tax_rate"), {})
    named = tax_rate(rate)
    return TaxAmount(
        rate=TaxRate(name=named.name, percentage=named.percentage, inclusive=inclusive),
        amount=amount(data, "amount"),
        taxable=number(data, "taxable_amount"),
        reason=text(data, "taxability_reason"),
    )


def discount_amounts(invoice: Json) -> tuple[DiscountAmount, ...]:
    """What each discount took off the whole invoice, with the coupon's name where it was expanded."""
    expanded = {text(row, "id"): row for row in rows(invoice, "discounts")}
    found = []
    for row in rows(invoice, "total_discount_amounts"):
        discount = part(row, "discount") or expanded.get(ref(row, "discount"), {})
        found.append(DiscountAmount(name=coupon_name(discount), amount=amount(row, "amount")))
    return tuple(found)
