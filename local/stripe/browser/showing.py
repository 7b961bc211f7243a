"""How the pages write money, moments and cards."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from local.stripe.billing_money.currencies import written
from local.stripe.resources.account import ACCOUNT_ID
from local.stripe.store import Object, World


def add_filters(app: Flask, world: World) -> None:
    """Make them known to the templates."""
    app.jinja_env.filters.update(amount=amount, day=day, moment=moment, card=card, pretty=pretty)
    app.jinja_env.globals["account_name"] = _Name(world)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


class _Name:
    """The merchant's name as it is when a page is written."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __str__(self) -> str:
        account = self._world.objects.get(ACCOUNT_ID)
        return account["business_profile"]["name"] if account else "Northlight Studio"

    def __html__(self) -> str:
        return str(self).replace("&", "&amp;").replace("<", "&lt;")


def amount(minor_units: int | None, currency: str) -> str:
    """£12.00 or 5.000 KWD."""
    text = written(abs(minor_units or 0), currency)
    shown = text[: -len(currency)] + currency.upper() if text.endswith(f" {currency}") else text
    return f"−{shown}" if (minor_units or 0) < 0 else shown


def day(epoch: int | None) -> str:
    """1 March 2027, in UTC."""
    return f"{_at(epoch):%-d %B %Y}" if epoch else "–"


def moment(epoch: float | None) -> str:
    """1 Mar 2027, 14:05:09, in UTC."""
    return f"{_at(epoch):%-d %b %Y, %H:%M:%S}" if epoch else "–"


def _at(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def card(method: Object | None) -> str:
    """Visa •••• 4242, 12/34."""
    if not method or method.get("deleted"):
        return "–"
    if method["type"] != "card":
        return f"{method['type'].replace('_', ' ')} •••• {method[method['type']]['last4']}"
    shown = method["card"]
    return f"{shown['brand'].capitalize()} •••• {shown['last4']}, {shown['exp_month']:02}/{shown['exp_year'] % 100:02}"


def pretty(data: Any) -> str:
    """JSON for people."""
    return json.dumps(data, indent=2, ensure_ascii=False)
