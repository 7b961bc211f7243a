"""The demo people. Each story is a plain function that yields how many days ago its next part happens."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from local.demo.shop import Shop

Story = Iterator[float]


@dataclass(frozen=True)
class Person:
    """A demo mailbox, what signing in with it shows, and what happened before."""

    mailbox: str
    shows: str
    story: Callable[[Shop], Story]


def nothing_yet(shop: Shop) -> Story:
    """A customer who has saved a card and bought nothing."""
    yield 3
    customer = shop.customer("nobody@mail.example", "Noor Body")
    shop.card(customer)


PEOPLE = [
    Person("nobody@mail.example", "nothing bought yet: the page that helps instead of being empty", nothing_yet),
]
