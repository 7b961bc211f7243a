"""Reading an account out of the mirror: all that a page needs, and nothing of what actions need."""

from typing import Protocol

from chalicelib.billing import view
from chalicelib.billing.account import Account
from chalicelib.billing.facts import Home
from chalicelib.billing.facts_bill import Bill
from chalicelib.settings.merchant import Settings


class MirrorReader(Protocol):
    """What pages read of the mirror."""

    def home(self, holder: str, fresh: bool = False) -> Home | None:
        """The holder's HOME, or None. `fresh` reads strongly: a customer sees their own change."""

    def bill(self, holder: str, bill: str) -> Bill | None:
        """One bill with its lines, of this holder only."""

    def history(self, holder: str, item: str = "", before: str = "", limit: int = 25) -> tuple[tuple[Bill, ...], str]:
        """Bills newest first, all or of one item, and the mark to go on from ("" at the end)."""


def read_account(
    mirror: MirrorReader, mailbox: str, holders: tuple[str, ...], now: float, settings: Settings, fresh: bool = False
) -> Account:
    """Everything the mailbox may see: one read per holder, in parallel when there are several."""

    def home(holder: str) -> Home | None:
        return mirror.home(holder, fresh)

    if len(holders) > 1:
        from concurrent.futures import ThreadPoolExecutor  # most have one, and need no threads

        with ThreadPoolExecutor(max_workers=min(8, len(holders))) as pool:
            homes = list(pool.map(home, holders))
    else:
        homes = [home(holder) for holder in holders]
    return view.account(mailbox, [h for h in homes if h], now, settings)
