"""Who the merchants sell to. Made at the local Stripe in its past, so that by now there is something to see."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.deployed.tenant import Tenant
from tests.shop import CHARGE_FAILS, GOOD, MASTERCARD, Shop

ADA, PIA, EVE = "ada@mail.example", "pia@mail.example", "eve@mail.example"
# One sign-in mail a minute is all that a mailbox gets, so each test that asks for one has somebody of its own.
LEO, KIM, MIA, NOA = "leo@mail.example", "kim@mail.example", "mia@mail.example", "noa@mail.example"
OTTO, RITA = "otto@mail.example", "rita@mail.example"
DAY = 86400


@dataclass(frozen=True)
class Cast:
    """Ids at Stripe. Ada pays a subscription; Pia's renewal failed and a good card is saved; Kim and Otto pay too."""

    ada: str
    membership: str
    pia: str
    overdue: str
    spare_card: str
    portrait: str
    lessons: str


def move_in(tenant: Tenant) -> Cast:
    """Let forty days go by at the merchant's Stripe before the portal is there."""
    shop = Shop(tenant)  # type: ignore[arg-type]
    tenant.stripe.reset(int(time.time()) - 40 * DAY)
    ada, pia = shop.customer(ADA), shop.customer(PIA, "Pia Okafor")
    membership, overdue = shop.subscription(ada), shop.subscription(pia, "Darkroom Pass", 2900)
    others = {
        mailbox: shop.subscription(shop.customer(mailbox, name), f"{name}’s Portrait Hour", 900)
        for mailbox, name in ((LEO, "Leo"), (KIM, "Kim"), (MIA, "Mia"), (NOA, "Noa"), (OTTO, "Otto"), (EVE, "Eve"))
    }
    rita = shop.customer(RITA, "Rita")
    shop.subscription(rita, "Rita’s Portrait Hour", 900, default_payment_method=ending_card(shop, rita))
    spare = shop.card(pia, MASTERCARD)
    shop.v1.subscriptions.update(overdue, {"default_payment_method": shop.card(pia, CHARGE_FAILS)})
    tenant.stripe.move_to(int(time.time()))
    return Cast(ada, membership, pia, overdue, spare, others[KIM], others[OTTO])


def ending_card(shop: Shop, customer: str) -> str:
    """A saved card that is good to the end of this month."""
    today = datetime.now(UTC)
    card: Any = {"number": GOOD, "exp_month": today.month, "exp_year": today.year, "cvc": "123"}
    made = shop.v1.payment_methods.create({"type": "card", "card": card})
    return shop.v1.payment_methods.attach(made.id, {"customer": customer}).id
