"""A year of thirty customers: what the portal says is what Stripe says, every receipt is a charge, every mail is told.

One printed seed chooses amounts and currencies; the stories and what must come of them are written by hand.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.proof.money.year_people import STORIES, Person, Story
from tests.proof.money.year_truths import at_stripe, in_the_portal, listed, receipts
from tests.shop import Shop
from tests.stack import TestStack

SEED = 2027
BEGIN = int(datetime(2027, 1, 4, 9, tzinfo=UTC).timestamp())
DAY, NOON = 86400, 3 * 3600
DAYS = 360
LATER = (0, 3, 10)
MONTH_ENDS = (27, 55, 86, 116, 147, 177, 208, 239, 269, 300, 330, 360)


class Year:
    """Everybody, day by day at noon; timers run every day."""

    def __init__(self, stack: TestStack, seed: int) -> None:
        self.stack, self.shop, chance = stack, Shop(stack), random.Random(seed)
        self.people = [self._person(story, variant, chance) for story in STORIES for variant in range(len(LATER))]
        self.compared = 0

    def live(self) -> None:
        """Through all of it."""
        self.stack.stripe.call("POST", "billing", {"after_retries": "cancel"})
        self.stack.clock.move_to(BEGIN)
        for day in range(DAYS + 1):
            for person in self.people:
                if person.began == day:
                    person.begin()
            self.stack.clock.move_to(BEGIN + day * DAY + NOON)
            self.stack.worker.bring_back()
            self.stack.settle()
            self.stack.jobs.run_due()
            self.stack.settle()
            for person in self.people:
                for due, act in person.story.acts.items():
                    if person.day(due) == day:
                        act(person)
                        self.stack.settle()
            if day in MONTH_ENDS:
                self.compare(day)
            self.stack.clock.move_to(BEGIN + (day + 1) * DAY)

    def compare(self, day: int) -> None:
        """The mirror and Stripe say the same of everybody."""
        for person in self.people:
            here = in_the_portal(person.mailbox, person.customer, person.item)
            there = at_stripe(self.stack, person.customer, person.item, person.story.begin is Person.plan)
            assert here == there, (day, person.mailbox)
            self.compared += 1

    def mails_of(self, person: Person) -> dict[int, list[str]]:
        """Subjects by the day of the year, in the order they arrived."""
        found: dict[int, list[str]] = {}
        for mail in reversed([mail for mail in self.stack.outbox.all() if mail.to == person.mailbox]):
            sent = datetime.fromisoformat(mail.sent_at).timestamp()
            found.setdefault(int(sent - BEGIN) // DAY, []).append(str(mail.message["Subject"]))
        return found

    def _person(self, story: Story, variant: int, chance: random.Random) -> Person:
        currency = ("usd", "eur", "jpy")[variant]
        mailbox = f"story{STORIES.index(story)}-{variant}@mail.example"
        amount = chance.randrange(900, 30000)
        return Person(self.stack, self.shop, story, mailbox, amount, currency, began=LATER[variant])


@pytest.mark.root_only
def test_a_year_ends_as_thirty_stories_say(stack: TestStack, figure: Callable[[str], None]) -> None:
    year = Year(stack, SEED)
    year.live()

    figure(f"seed {SEED}: {len(year.people)} customers, {DAYS} days, {year.compared} comparisons with Stripe")
    mails_are_told(year, figure)
    nobody_pays_twice(year)
    receipts_are_charges(year, figure)


def mails_are_told(year: Year, figure: Callable[[str], None]) -> None:
    """Exactly the mails of the table, on their days, and no other."""
    for person in year.people:
        told = {person.day(day): subjects for day, subjects in person.story.mails.items()}
        came = year.mails_of(person)
        assert came.keys() == told.keys(), (person.story.name, came)
        for day, subjects in told.items():
            assert len(came[day]) == len(subjects), (person.story.name, day, came[day])
            assert all(words in subject for words, subject in zip(subjects, came[day], strict=True)), came[day]
    figure(f"{len(year.stack.outbox.all())} mails, each as the table says")


def nobody_pays_twice(year: Year) -> None:
    """As many charges as the story says, one for each period at most, and the item ends as it says."""
    for person in year.people:
        charges = [c for c in listed(year.stack, "charges", customer=person.customer) if c["status"] == "succeeded"]
        assert len(charges) == person.story.charges, (person.story.name, len(charges))
        assert sum(c["amount"] for c in charges) == person.story.taken(person.amount), person.story.name
        paid = [i for i in listed(year.stack, "invoices", customer=person.customer) if i["status"] == "paid"]
        periods = Counter(line["period"]["start"] for i in paid for line in i["lines"]["data"] if line["amount"])
        assert max(periods.values()) == 1, person.story.name
        word = in_the_portal(person.mailbox, person.customer, person.item)["word"]
        assert word == person.story.ends_as, (person.story.name, word)


def receipts_are_charges(year: Year, figure: Callable[[str], None]) -> None:
    """By currency, to the minor unit."""
    said, taken = Counter[str](), Counter[str]()
    for person in year.people:
        paid, returned = receipts(person.customer)
        said[person.currency] += paid - returned
        for charge in listed(year.stack, "charges", customer=person.customer):
            if charge["status"] == "succeeded":
                taken[charge["currency"]] += charge["amount"] - charge["amount_refunded"]
        assert returned == person.refunded, person.mailbox
    assert said == taken
    figure("receipts = charges less refunds: " + ", ".join(f"{taken[c]} {c}" for c in sorted(taken)))
