"""The parts of a payment plan as pages show them: its instalments, and what paying all the rest at once comes to."""

from msgspec import Struct


class Instalment(Struct, frozen=True):
    """One row of a plan's table. `word`: Paid, Failed, Due now, Next, Later, Paid off, or how a bill may stand besides.

    `number` is None for the row of several instalments paid at once.
    """

    number: int | None
    due: int
    amount: int
    word: str
    tone: str
    receipt: str = ""


class Stopped(Struct, frozen=True):
    """Why a plan stands still: "past_due" and "unpaid" go on once paid; "failed" (after the last try) and "canceled"
    (by anybody else) have ended. `missing` instalments were never billed then; `amount` is None when not certain.
    """

    why: str
    missing: int = 0
    amount: int | None = None

    @property
    def ended(self) -> bool:
        """Stripe has ended it, so paying what is open does not make it go on."""
        return self.why in {"failed", "canceled"}


class Resumption(Struct, frozen=True):
    """How an ended plan would go on: the instalments never billed, with new dates, and when it then ends by itself."""

    instalments: tuple[Instalment, ...]
    ends: int

    @property
    def first(self) -> int:
        """When the first of them is charged."""
        return self.instalments[0].due

    @property
    def total(self) -> int:
        """All of them together, in minor units."""
        return sum(row.amount for row in self.instalments)


class RestLine(Struct, frozen=True):
    """The instalments from `first` to `last`, as one line of a bill: `net` is before taxes that come on top."""

    first: int
    last: int
    net: int


class Rest(Struct, frozen=True):
    """All instalments not charged yet, paid at once: `amount` is `left` less `discount`, which is `percent` of it.

    `percent` is decimal text ("5", "2.5"), "" without a discount. With `due` (UTC epoch seconds) it is the one
    instalment that would be charged then.
    """

    left: int
    amount: int
    lines: tuple[RestLine, ...]
    percent: str = ""
    due: int = 0

    @property
    def discount(self) -> int:
        """What paying early saves, taxes included."""
        return self.left - self.amount

    @property
    def instalments(self) -> int:
        """How many are paid at once."""
        return self.lines[-1].last - self.lines[0].first + 1
