"""The mirror filled from Stripe for all customers, so that nobody's first sign-in waits for it.

Killed at any time it goes on where it was (see `import_mark.py`): filling a customer twice changes nothing. What an
event stored meanwhile is newer and stays (see `Sync.fill`). Stripe lists no guests: sign-in and events bring them.
"""

import logging
import random
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from chalicelib import clock
from chalicelib.access.rights import MailboxRights
from chalicelib.billing import reconcile
from chalicelib.billing.errors import KeyTooNarrow, StillMoving, StripeUnavailable
from chalicelib.billing.plans import classify
from chalicelib.billing.stripe_calls import PAGE, StripeCalls
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.billing.sync import Sync
from chalicelib.config import Config
from chalicelib.errors import Busy, NotConfigured
from chalicelib.storage import table
from chalicelib.storage.mailboxes import DynamoMailboxes
from chalicelib.storage.mirror import DynamoMirror
from chalicelib.storage.secrets import secrets_of
from chalicelib.storage.settings import SettingsStore
from ops import import_mark
from ops.import_progress import Progress
from ops.pace import ENDPOINT, LIVE, SANDBOX, Pace, PacedClient, Stopped
from ops.stage import Trouble

# Stripe answers in some 0.2 s: so many calls under way make a hundred a second.
AT_ONCE = 24
AHEAD = 8 * AT_ONCE
# seconds until a customer is tried again; after the last the import stops
PAUSES = (1, 2, 4, 8, 16)
MARKED_EVERY = 2.0
SAMPLE = 50
PATH = "/v1/customers"
Job = tuple[str, "Future[Filled]"]
Filled = bool | Exception


class Import:
    """One run for one stage. `rate` and `endpoint`: calls a second at most, if not those Stripe allows."""

    def __init__(self, config: Config, rate: float | None = None, endpoint: float = ENDPOINT) -> None:
        table.connect(config)
        self.pace = Pace(rate or (LIVE if config.livemode else SANDBOX), endpoint)
        secrets = secrets_of(config)
        self._calls = StripeCalls(config, secrets, PacedClient(self.pace))
        gateway = StripeGateway(config, secrets)
        gateway.calls = self._calls
        settings = _settings()
        rights = MailboxRights(DynamoMailboxes())
        self._sync = Sync(gateway, DynamoMirror(), rights, lambda facts, plan: classify(facts, plan, settings))
        self._began = clock.now()
        self._new, self._sample, self._offered = 0, list[str](), 0

    def apply(self) -> Iterator[str]:
        """Fill, then compare a sample. Stopped, it leaves the mark behind which all is done. Raises Trouble."""
        began, mark = time.monotonic(), import_mark.read()
        if mark.done:
            yield f"going on after {mark.done:,} customers"
        _quiet()
        with _plainly():
            progress = Progress(mark.done, self.pace)
            with self._pool() as pool:
                pool.submit(self._count, mark, progress)
                yield from self._fill_all(pool, mark, progress)
                progress.clear()
                yield f"{mark.done - mark.failed:,} customers are filled, {self._new:,} of them in this run"
                yield self._speed(time.monotonic() - began)
                yield self._drift(pool)
            import_mark.remove()
        if mark.failed:
            raise Trouble(f"{mark.failed:,} customers could not be filled; run it again once the cause is gone")

    @contextmanager
    def _pool(self) -> Iterator[ThreadPoolExecutor]:
        """Threads that end at once when anything goes wrong, or somebody presses Ctrl-C."""
        pool = ThreadPoolExecutor(AT_ONCE + 1)
        try:
            yield pool
        finally:
            self.pace.stopped.set()
            pool.shutdown(cancel_futures=True)

    def _fill_all(self, pool: ThreadPoolExecutor, mark: import_mark.Mark, progress: Progress) -> Iterator[str]:
        waiting, marked = deque[Job](), time.monotonic()
        try:
            for customer in self._customers(mark.after):
                waiting.append((customer, pool.submit(self._fill, customer)))
                while waiting and (len(waiting) >= AHEAD or waiting[0][1].done()):
                    yield from self._note(waiting.popleft(), mark, progress)
                if time.monotonic() - marked > MARKED_EVERY:
                    import_mark.write(mark)
                    marked = time.monotonic()
            while waiting:
                yield from self._note(waiting.popleft(), mark, progress)
        finally:
            progress.clear()
            if mark.done:
                import_mark.write(mark)

    def _note(self, job: Job, mark: import_mark.Mark, progress: Progress) -> Iterator[str]:
        """Wait for the customer that is next in the list: the mark never passes one that isn't done."""
        customer, result = job[0], job[1].result()
        mark.after, mark.done = customer, mark.done + 1
        if isinstance(result, Exception):
            mark.failed += 1
            progress.clear()
            yield f"✗ {customer}: {type(result).__name__}: {result}"
        else:
            self._new += result
            self._offer(customer)
        progress.step()

    def _fill(self, customer: str) -> Filled:
        """True when it was not filled before. A customer we cannot read as they are is given back as the error."""
        for pause in (*PAUSES, None):
            try:
                return self._sync.fill(customer) >= self._began
            except (KeyTooNarrow, Stopped):
                raise
            except (StripeUnavailable, StillMoving, Busy):
                if pause is None:
                    raise
                self.pace.pause(pause)
            except Exception as error:  # noqa: BLE001 the boundary of one customer: the others are filled all the same
                return error
        raise AssertionError

    def _customers(self, after: str) -> Iterator[str]:
        """Ids, newest first, a page at a time. Those who come while it runs are told by events."""
        for page in self._pages(after):
            yield from (str(row["id"]) for row in page)

    def _pages(self, after: str) -> Iterator[list[Any]]:
        more = True
        while more:
            page = self._page(after)
            if page is None:
                # who was the last one has been deleted since: what is filled costs one read each
                after = ""
                continue
            yield page["data"]
            more = page["has_more"]
            after = page["data"][-1]["id"] if more else ""

    def _page(self, after: str) -> Any:
        for pause in (*PAUSES, None):
            try:
                return self._calls.read(PATH, limit=PAGE, **({"starting_after": after} if after else {}))
            except KeyTooNarrow:
                raise
            except StripeUnavailable:
                if pause is None:
                    raise
                self.pace.pause(pause)
        raise AssertionError

    def _count(self, mark: import_mark.Mark, progress: Progress) -> None:
        """Stripe does not say how many there are: pages are leafed through beside, one call for a hundred customers."""
        progress.total = mark.done + sum(map(len, self._pages(mark.after)))

    def _offer(self, customer: str) -> None:
        """Each of this run's customers comes into the sample with the same chance, and none is remembered for it."""
        self._offered += 1
        if len(self._sample) < SAMPLE:
            self._sample.append(customer)
        elif (place := random.randrange(self._offered)) < SAMPLE:  # noqa: S311 a sample, not a secret
            self._sample[place] = customer

    def _speed(self, seconds: float) -> str:
        calls, refused = self.pace.calls, self.pace.refused
        slower = f"; Stripe found {refused:,} of them too fast" if refused else ""
        return f"{calls:,} calls to Stripe, {calls / max(seconds, 1):.0f} a second{slower}"

    def _drift(self, pool: ThreadPoolExecutor) -> str:
        """Compare the sample with what Stripe lists now; what differs is repaired."""
        found = list(pool.map(self._differing, self._sample))
        differing = [count for count in found if count]
        if not differing:
            return f"{len(found)} of them were compared with Stripe: nothing differs"
        said = (
            f"{len(found)} of them were compared with Stripe: {len(differing)} differed in {sum(differing)} objects, "
        )
        return f"✗ {said}repaired now. Do events arrive? python -m ops doctor says"

    def _differing(self, customer: str) -> int:
        try:
            return len(reconcile.by_lists(self._sync, customer))
        except StillMoving:
            return 0


def _settings() -> Any:
    try:
        return SettingsStore().read()
    except NotConfigured as error:
        raise Trouble("no settings are stored yet: python -m ops finish, or deploy") from error


def _quiet() -> None:
    """Waiting for Stripe is part of this work, and is counted in the progress."""
    logging.getLogger("chalicelib").setLevel(logging.ERROR)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except KeyTooNarrow as error:
        raise Trouble("the Stripe key may not read customers: docs/stripe-permissions.md says what it needs") from error
    except (StripeUnavailable, StillMoving) as error:
        raise Trouble("Stripe doesn’t answer now; run it again and it goes on where it was") from error
    except Busy as error:
        raise Trouble("the table doesn’t answer now; run it again and it goes on where it was") from error
