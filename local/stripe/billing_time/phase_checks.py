"""What Stripe refuses about the phases of a schedule."""

from __future__ import annotations

from typing import Any

from local.stripe.billing_time import checks, discounts
from local.stripe.billing_time.phases import build
from local.stripe.errors import bad_parameter, invalid
from local.stripe.store import Object, World

CURRENT_ONLY = "You can only adjust the end date to a future date for the current phase."
NO_START = "The subscription schedule update is missing at least one phase with a `start_date` to anchor end dates to."


def check_phases(world: World, params: dict[str, Any], customer: str, currency: str | None = None) -> str:
    """Refuse prices, coupons and cards that cannot be used. Gives the currency of the phases."""
    checks.check_card(world, params.get("default_settings") or {}, customer, "default_settings[default_payment_method]")
    for place, phase in enumerate(params.get("phases", ())):
        where = f"phases[{place}]"
        currency = checks.check_items(world, phase["items"], f"{where}[items]", phase.get("currency", currency))
        checks.check_card(world, phase, customer, f"{where}[default_payment_method]")
        checks.check_tax_rates(world, phase.get("default_tax_rates"), f"{where}[default_tax_rates]")
        discounts.check(world, phase.get("discounts") or [], currency)
        if "duration" in phase and "end_date" in phase:
            message = f"You may only specify one of these parameters: {where}[duration], {where}[end_date]."
            raise bad_parameter(message, f"{where}[duration]", "parameters_exclusive")
    return currency or ""


def anchored(world: World, schedule: Object, given: list[dict[str, Any]]) -> list[Object]:
    """The phases given, behind those that are past."""
    if not any("start_date" in one for one in given):
        raise invalid(NO_START, "phases")
    current = schedule["current_phase"]
    begins = given[0].get("start_date")
    first: int = world.now() if begins in ("now", None) else begins
    past = [one for one in schedule["phases"] if current and one["end_date"] <= current["start_date"]]
    if current is None and (begins is None or first < world.now()):
        raise invalid("The first phase must start now or in the future.", "phases[0][start_date]")
    if current and first not in [current["start_date"], *(one["start_date"] for one in past)]:
        raise invalid(CURRENT_ONLY, "phases")
    made = [one for one in past if one["start_date"] < first] + build(world, given, first)
    goes_on = [one["start_date"] for one in made if one["end_date"] >= world.now()]
    if current and current["start_date"] not in goes_on:
        raise invalid(CURRENT_ONLY, "phases")
    return made
