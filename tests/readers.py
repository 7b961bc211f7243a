"""People who asked for a sign-in link and read their mail."""

from urllib.parse import urlsplit

from chalicelib import wiring
from chalicelib.access import addresses
from tests.functional.visitor import Visitor
from tests.shop import Shop
from tests.stack import TestStack


class Reader(Visitor):
    """Somebody with a mailbox of their own, who asked for a link in this very browser."""

    def __init__(self, stack: TestStack, mailbox: str) -> None:
        super().__init__(stack)
        self.mailbox, self.link = mailbox, ""
        self.open("/sign-in")
        self.press("E-mail me a sign-in link", {"E-mail address": mailbox})

    def read(self, stack: TestStack) -> None:
        """Find the link in the mail."""
        mail = next(mail for mail in stack.outbox.all() if mail.to == self.mailbox)
        self.link = next(link for link in mail.links if "/sign-in" in link)

    def click(self) -> bool:
        """One click on the link, the landing page's script included. Gives whether that opened the account."""
        self.open(self.link)
        self.send("/sign-in/link", {"token": urlsplit(self.link).fragment})
        return self.signed_in and f"Signed in as {self.mailbox[:1]}•••@mail.example" in self.open("/").text


def readers(stack: TestStack, number: int) -> list[Reader]:
    """So many people with unread links, each in a browser and with a mailbox of their own."""
    shop = Shop(stack)
    mailboxes = [f"reader-{n}@mail.example" for n in range(number)]
    for mailbox in mailboxes:
        shop.v1.customers.create({"email": mailbox})
    people = [Reader(stack, mailbox) for mailbox in mailboxes]
    stack.settle()
    for person in people:
        person.read(stack)
    return people


def sessions_of(mailbox: str) -> int:
    """How many sessions of a mailbox there are."""
    found = wiring.portal().mailboxes.open(addresses.ref(mailbox))
    return len(found.sessions) if found else 0
