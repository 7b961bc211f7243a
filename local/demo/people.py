"""The demo people. Each story is a plain function that yields how many days ago its next part happens."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from local.demo.shop import Shop

Story = Iterator[float]
YEAR = 365


@dataclass(frozen=True)
class Person:
    """A demo mailbox, what signing in with it shows, and what happened before."""

    mailbox: str
    shows: str
    story: Callable[[Shop], Story]


def happy(shop: Shop) -> Story:
    """Subscribed three months ago, bought a preset pack later; every payment went through."""
    yield 95
    ada = shop.customer(
        "ada@mail.example", "Ada Lovell", address={"line1": "4 Quay Street", "city": "Bristol", "country": "GB"}
    )
    shop.use_card(ada, "pm_card_mastercard", default=False)
    shop.subscribe(ada, "membership")
    yield 40
    shop.sell(ada, "pack")


def past_due(shop: Shop) -> Story:
    """The card on file began to be refused, and the last renewal failed."""
    yield 64
    ben = shop.customer("ben@mail.example", "Ben Okafor")
    shop.subscribe(ben, "membership")
    yield 10
    shop.use_card(ben, "pm_card_chargeCustomerFail")


def collector(shop: Shop) -> Story:
    """Five years of orders, two subscriptions and a payment plan half paid: more than 200 payments."""
    yield 5 * YEAR
    clara = shop.customer("clara@mail.example", "Clara Lindqvist", "pm_card_amex")
    shop.subscribe(clara, "membership")
    every = 5 * YEAR / 110
    for order in range(105):
        if order == 40:
            shop.subscribe(clara, "archive")
        yield 5 * YEAR - (order + 1) * every
        invoice = shop.sell(clara, ("pack", "print", "book")[order % 3], quantity=1 + order % 2)
        if order % 25 == 24:
            yield 5 * YEAR - (order + 1) * every - 3
            shop.refund(invoice, None if order % 50 == 24 else 1000)
    yield 65
    shop.subscribe_for(clara, "masterclass", 6, tillkey="plan", installments="6")


def trial(shop: Shop) -> Story:
    """Trying it out: nothing paid yet, the first payment comes when the trial ends."""
    yield 4
    dan = shop.customer("dan@mail.example", "Dan Whitfield")
    shop.subscribe(dan, "membership", trial_period_days=14)


def canceling(shop: Shop) -> Story:
    """Has canceled elsewhere and keeps what is paid for until its end."""
    yield 50
    eve = shop.customer("eve@mail.example", "Eve Marchetti", "pm_card_mastercard")
    membership = shop.subscribe(eve, "membership", discounts=[{"coupon": shop.coupon(25, 3)}])
    yield 6
    shop.cancel_at_period_end(membership)


def three_customers(shop: Shop) -> Story:
    """Bought three times through checkout pages, each of which made a customer of its own."""
    yield 400
    first = shop.customer("Fiona.Walsh@mail.example", "Fiona Walsh")
    shop.subscribe(first, "membership yearly")
    yield 120
    second = shop.customer("fiona.walsh@mail.example", "Fiona Walsh", "pm_card_mastercard")
    shop.subscribe(second, "presets")
    yield 20
    third = shop.customer("FIONA.WALSH@mail.example", "F. Walsh", "pm_card_amex")
    shop.sell(third, "print")


def fixed_term(shop: Shop) -> Story:
    """Signed up for a season of twelve months. It ends by itself, and is no payment plan: it can be canceled."""
    yield 130
    george = shop.customer("george@mail.example", "George Adeyemi")
    shop.subscribe_for(george, "season", 12)


def in_yen(shop: Shop) -> Story:
    """Pays in a currency without minor units."""
    yield 70
    hanako = shop.customer("hanako@mail.example", "Hanako Mori", "pm_card_jcb", address={"country": "JP"})
    shop.subscribe(hanako, "membership yen")
    yield 12
    shop.sell(hanako, "pack yen")


def guest(shop: Shop) -> Story:
    """Bought twice on a checkout page without becoming a customer; a part of one order was given back."""
    yield 75
    bought = shop.sell_to_guest("ines@mail.example", "Inês Moreira", "print", 2)
    yield 68
    shop.give_back(bought, 12000)
    yield 9
    shop.sell_to_guest("ines@mail.example", "Inês Moreira", "book")


def long_name(shop: Shop) -> Story:
    """A name that is long and not written in Latin letters, to be printed on receipts all the same."""
    yield 80
    name = "Κωνσταντίνα-Αλεξάνδρα Παπαδημητρίου-Χατζηαναγνώστου"
    konstantina = shop.customer("konstantina@mail.example", name, address={"city": "Θεσσαλονίκη", "country": "GR"})
    shop.subscribe(konstantina, "membership euro")


def nothing_yet(shop: Shop) -> Story:
    """A customer who has saved a card and bought nothing."""
    yield 3
    shop.customer("nobody@mail.example", "Noor Hadid")


PEOPLE = [
    Person("ada@mail.example", "a subscription in good order, one order, two saved cards", happy),
    Person("ben@mail.example", "a declined card: the last renewal failed and is past due", past_due),
    Person("clara@mail.example", "two subscriptions, a payment plan at 3 of 6, five years of orders", collector),
    Person("dan@mail.example", "a trial that turns into a subscription in ten days", trial),
    Person("eve@mail.example", "a discounted subscription that is canceled and runs to its end", canceling),
    Person("fiona.walsh@mail.example", "three Stripe customers under one address, written three ways", three_customers),
    Person("george@mail.example", "a subscription for twelve months that can be canceled all the same", fixed_term),
    Person("hanako@mail.example", "payments in Japanese yen", in_yen),
    Person("ines@mail.example", "a guest: two orders without an account at checkout, one partly refunded", guest),
    Person("konstantina@mail.example", "a long name in Greek letters, payments in euro", long_name),
    Person("nobody@mail.example", "nothing bought yet: the page that helps instead of being empty", nothing_yet),
]
