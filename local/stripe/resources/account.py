"""The account itself. https://docs.stripe.com/api/accounts/object"""

from __future__ import annotations

from typing import Any

from local.stripe.store import Object, World
from local.stripe.wire import route

ACCOUNT_ID = "acct_1LocalNorthlight"


@route("GET", "/v1/account")
def retrieve(world: World, _params: dict[str, Any]) -> Object:
    """The account whose key is used."""
    if ACCOUNT_ID not in world.objects:
        _open(world)
    return world.get("account", ACCOUNT_ID)


def _open(world: World) -> None:
    world.add(
        "account",
        id=ACCOUNT_ID,
        type="standard",
        country="GB",
        default_currency="gbp",
        email="help@northlight.example",
        charges_enabled=True,
        payouts_enabled=True,
        details_submitted=True,
        business_profile={"name": "Northlight Studio", "support_email": "help@northlight.example"},
        settings={
            "branding": {"primary_color": "#4f46e5"},
            "card_payments": {},
            "dashboard": {"display_name": "Northlight Studio", "timezone": "Etc/UTC"},
            "payments": {"statement_descriptor": "NORTHLIGHT STUDIO"},
        },
    )
