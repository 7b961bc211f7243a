"""Thirty customers of one year: ten storylines in three variants, what each does, and what must have come of it.

What is expected is written by hand, from the stories alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.functional.visitor import Visitor
from tests.shop import CHARGE_FAILS, GOOD, MASTERCARD, Shop
from tests.stack import TestStack

FAILED, EXPIRES, SIGN_IN = "Payment failed", "expires soon", "sign-in link"
NEW_CARD, CANCELED, STAYING = "New card", "Canceled", "You’re staying"


@dataclass(frozen=True)
class Story:
    """`acts` by day; `mails` by day, in the order they arrive; `charges` is how often money was taken in the year.

    Days are those since the customer began, or with `calendar` those of the year.
    """

    name: str
    begin: Callable[["Person"], str]
    charges: int
    ends_as: str
    acts: dict[int, Callable[["Person"], None]] = field(default_factory=dict)
    mails: dict[int, list[str]] = field(default_factory=dict)
    factors: tuple[int, ...] = ()
    calendar: bool = False

    def taken(self, amount: int) -> int:
        """All money in the year, before refunds: each charge is the amount, unless `factors` say how many of it."""
        return amount * sum(self.factors or (1,) * self.charges)


@dataclass
class Person:
    """One customer living through a story. Amounts are minor units."""

    stack: TestStack
    shop: Shop
    story: Story
    mailbox: str
    amount: int
    currency: str
    customer: str = ""
    item: str = ""
    refunded: int = 0
    began: int = 0

    def day(self, day: int) -> int:
        """The day of the year on which a day of the story falls."""
        return day if self.story.calendar else self.began + day

    def begin(self) -> None:
        """Buys on the first day."""
        self.customer = self.shop.customer(self.mailbox, "Year Long")
        self.item = self.story.begin(self)

    def signed_in(self) -> Visitor:
        """At the portal."""
        visitor = Visitor(self.stack)
        visitor.sign_in(self.mailbox)
        return visitor

    # How it begins

    def monthly(self, **more: Any) -> str:
        return self.shop.subscription(self.customer, "Studio Membership", self.amount, currency=self.currency, **more)

    def yearly(self) -> str:
        recurring = {"interval": "year"}
        price: Any = {"currency": self.currency, "unit_amount": self.amount, "recurring": recurring}
        price |= {"product": self.shop.v1.products.create({"name": "Print Archive"}).id}
        items: Any = [{"price": self.shop.v1.prices.create(price).id}]
        return self.shop.v1.subscriptions.create({"customer": self.customer, "items": items}).id

    def plan(self) -> str:
        return self.shop.plan(self.customer, amount=self.amount, of=6, currency=self.currency)

    def on_trial(self) -> str:
        return self.monthly(trial_period_days=14)

    def by_a_card_of_june(self) -> str:
        card = self.shop.card(self.customer, MASTERCARD, 6, 2027)
        return self.monthly(default_payment_method=card)

    # What happens

    def card_begins_to_fail(self) -> None:
        self._charged_to(CHARGE_FAILS)

    def bank_lets_it_through_again(self) -> None:
        self._charged_to(GOOD)

    def changes_card(self) -> None:
        card = self.shop.card(self.customer, MASTERCARD, 12, 2034)
        self.stack.settle()
        visitor = self.signed_in()
        page = visitor.open(f"/items/{self.item}/card")
        visitor.press(next(says for says in page.buttons if says.startswith("Use this card")), {"card": card})

    def pays(self) -> None:
        self.bank_lets_it_through_again()
        self.stack.settle()
        visitor = self.signed_in()
        page = visitor.open(f"/items/{self.item}")
        done = visitor.press(next(says for says in page.buttons if says.startswith("Pay ")))
        assert "is paid" in done.text, self.mailbox

    def cancels(self) -> None:
        visitor = self.signed_in()
        visitor.open(f"/items/{self.item}/cancel")
        visitor.press("Cancel subscription")

    def cancels_and_stays(self) -> None:
        visitor = self.signed_in()
        visitor.open(f"/items/{self.item}/cancel")
        page = visitor.press("Cancel subscription")
        visitor.press(next(says for says in page.buttons if says.startswith("Keep")))

    def pays_off(self) -> None:
        visitor = self.signed_in()
        visitor.open(f"/items/{self.item}/pay-off")
        page = visitor.page
        assert page
        done = visitor.press(next(says for says in page.buttons if says.startswith("Pay ")))
        assert "is complete" in done.text, self.mailbox

    def is_refunded_in_part(self) -> None:
        charge = self.shop.v1.charges.list({"customer": self.customer, "limit": 1}).data[0]
        self.refunded = self.amount // 3
        self.shop.v1.refunds.create({"charge": charge.id, "amount": self.refunded})

    def _charged_to(self, number: str) -> None:
        card = self.shop.card(self.customer, number)
        self.shop.v1.subscriptions.update(self.item, {"default_payment_method": card})


# A month's renewals of what began on a 4th, 7th or 14th of January fall on days 31, 59, 90, 120, 151, 181, …
STORIES = (
    Story("renews every month", Person.monthly, charges=12, ends_as="Active"),
    Story("pays for the whole year at once", Person.yearly, charges=1, ends_as="Active"),
    Story(
        "the card fails in April; a new one on the fifth day",
        Person.monthly,
        charges=12,
        ends_as="Active",
        acts={60: Person.card_begins_to_fail, 95: Person.changes_card},
        mails={90: [FAILED], 93: [FAILED], 95: [SIGN_IN, NEW_CARD]},
    ),
    Story(
        "the card fails in April and nobody does anything: Stripe ends it after its last try",
        Person.monthly,
        charges=3,
        ends_as="Canceled",
        acts={60: Person.card_begins_to_fail},
        mails={90: [FAILED], 93: [FAILED], 97: [FAILED], 102: [f"Last reminder: {FAILED.lower()}"]},
    ),
    Story(
        "the card fails in April, the bank lets it through later, and the customer pays",
        Person.monthly,
        charges=12,
        ends_as="Active",
        acts={60: Person.card_begins_to_fail, 96: Person.pays},
        mails={90: [FAILED], 93: [FAILED], 96: [SIGN_IN]},
    ),
    Story(
        "cancels and stays after all in May, cancels for good ten days later",
        Person.monthly,
        charges=5,
        ends_as="Canceled",
        acts={130: Person.cancels_and_stays, 140: Person.cancels},
        mails={130: [SIGN_IN, CANCELED, STAYING], 140: [SIGN_IN, CANCELED]},
    ),
    Story("pays a plan of six instalments to its end", Person.plan, charges=6, ends_as="Completed"),
    Story(
        "pays off the rest of a plan after three instalments",
        Person.plan,
        charges=4,
        factors=(1, 1, 1, 3),
        ends_as="Completed",
        acts={70: Person.pays_off},
        mails={70: [SIGN_IN]},
    ),
    Story(
        "two weeks for nothing, then monthly; a third of the second payment comes back",
        Person.on_trial,
        charges=12,
        ends_as="Active",
        acts={60: Person.is_refunded_in_part},
    ),
    Story(
        # 60 and 30 days before 1 July 2027, wherever in January it began
        "charged to a card of June, which is replaced after the second notice",
        Person.by_a_card_of_june,
        charges=12,
        ends_as="Active",
        calendar=True,
        acts={150: Person.changes_card},
        mails={118: [EXPIRES], 148: [EXPIRES], 150: [SIGN_IN, NEW_CARD]},
    ),
)
