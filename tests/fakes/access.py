"""Sign-in without AWS and Stripe: stores in memory that behave like the real ones, and a world to live a story in."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from chalicelib import clock
from chalicelib.access import addresses, tokens
from chalicelib.access.answering import Answering
from chalicelib.access.asking import Asking
from chalicelib.access.entrance import Arrival, Entrance, Opened
from chalicelib.access.links import Code, Desk, Link, LinkStore, newest
from chalicelib.access.mailboxes import Directory, FoundHolder, Mailbox, MailboxStore, Session
from chalicelib.access.sessions import Opening, Sessions, SessionStore, Visit
from chalicelib.access.throttle import Counters, Pace, Throttle
from chalicelib.billing.errors import StripeUnavailable
from chalicelib.errors import Busy, SignInNeeded
from chalicelib.mail.mailer import MailRefused, MailUnavailable, Message
from chalicelib.settings.merchant import Company, Settings

NORTHLIGHT = Settings(
    Company("Northlight Studio", "help@northlight.example", ("12 Harbour Lane", "Bristol"), "GB123456789"),
    "https://billing.northlight.example",
)
LANDING = "https://billing.northlight.example/sign-in/link"
ADA = FoundHolder("cus_ada", "ada@example.com", "Ada Lovelace")
HOME_NETWORK = "203.0.113.9"


class Memory:
    """What one table keeps. Its lock makes each store method one atomic step; `calls` remembers them in order."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.calls: list[str] = []
        self.mailboxes: dict[str, Mailbox] = {}
        self.sessions: dict[str, dict[str, Session]] = {}
        self.links: dict[str, Link] = {}
        self.retypes: dict[str, int] = {}
        self.codes: dict[str, Code] = {}
        self.code_tries: dict[str, int] = {}
        self.live: dict[tuple[str, str], tuple[tuple[str, float], ...]] = {}
        self.asks: dict[str, tuple[str, bool]] = {}
        self.times: dict[str, tuple[float, ...]] = {}
        self.counts: dict[str, int] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One atomic step."""
        with self.lock:
            self.calls.append(name)
            yield


class MemoryMailboxes:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def open(self, ref: str) -> Mailbox | None:
        with self._memory.step("mailbox read"):
            found = self._memory.mailboxes.get(ref)
            return replace(found, sessions=tuple(self._memory.sessions.get(ref, {}).values())) if found else None

    def save(self, mailbox: Mailbox) -> bool:
        with self._memory.step("mailbox write"):
            stored = self._memory.mailboxes.get(mailbox.ref, Mailbox(mailbox.address))
            if stored.version != mailbox.version:
                return False
            self._memory.mailboxes[mailbox.ref] = replace(
                mailbox, version=mailbox.version + 1, epoch=stored.epoch, sessions=()
            )
            return True


class MemorySessions:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def touch(self, ref: str, session: str, seen: float) -> bool:
        with self._memory.step("session stamp"):
            sessions = self._memory.sessions.get(ref, {})
            if session not in sessions:
                return False
            sessions[session] = replace(sessions[session], seen=seen)
            return True

    def end(self, ref: str, session: str) -> None:
        with self._memory.step("session end"):
            self._memory.sessions.get(ref, {}).pop(session, None)

    def end_all(self, ref: str) -> None:
        with self._memory.step("sessions end"):
            mailbox = self._memory.mailboxes[ref]
            self._memory.mailboxes[ref] = replace(mailbox, epoch=mailbox.epoch + 1)
            self._memory.sessions.pop(ref, None)


class MemoryLinks:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def find(self, link: str) -> Link | None:
        with self._memory.step("link read"):
            return self._memory.links.get(link)

    def issue(self, ask: str, link: Link, code: Code, now: float) -> bool:
        with self._memory.step("link issue"):
            replaced, mailed = self._memory.asks.get(ask, ("", False))
            if mailed:
                return False
            pair = (link.browser, link.mailbox)
            had = self._memory.live.get(pair, ())
            live = newest(tuple(one for one in had if one[0] != replaced), link, now)
            for gone in {one for one, _ in had} - {one for one, _ in live}:
                self._memory.links.pop(gone, None)
            self._memory.live[pair] = live
            self._memory.asks[ask] = (link.id, False)
            self._memory.links[link.id] = link
            self._put_code(link.browser, code)
            return True

    def mailed(self, ask: str) -> None:
        with self._memory.step("ask mailed"):
            self._memory.asks[ask] = (self._memory.asks[ask][0], True)

    def put_code(self, browser: str, code: Code) -> None:
        with self._memory.step("code write"):
            self._put_code(browser, code)

    def find_code(self, browser: str) -> Code | None:
        with self._memory.step("code read"):
            return self._memory.codes.get(browser)

    def take_retype(self, link: str, most: int) -> bool:
        with self._memory.step("retype"):
            tries = self._memory.retypes.get(link, 0)
            if link not in self._memory.links or tries >= most:
                return False
            self._memory.retypes[link] = tries + 1
            return True

    def take_code_try(self, browser: str, code: Code, most: int) -> bool:
        with self._memory.step("code try"):
            tries = self._memory.code_tries.get(browser, 0)
            if self._memory.codes.get(browser) != code or tries >= most:
                return False
            self._memory.code_tries[browser] = tries + 1
            return True

    def redeem(self, link: str, now: float, opening: Opening) -> bool:
        with self._memory.step("redeem"):
            found = self._memory.links.get(link)
            if found is None or not found.works(now):
                return False
            self._memory.links[link] = replace(found, used=True)
            for ref, session in opening.ended:
                self._memory.sessions.get(ref, {}).pop(session, None)
            self._memory.sessions.setdefault(opening.ref, {})[opening.session.id] = opening.session
            return True

    def _put_code(self, browser: str, code: Code) -> None:
        self._memory.codes[browser] = code
        self._memory.code_tries[browser] = 0


class MemoryCounters:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def times(self, key: str) -> tuple[float, ...] | None:
        with self._memory.step("times read"):
            return self._memory.times.get(key)

    def replace(self, key: str, old: tuple[float, ...] | None, new: tuple[float, ...], until: float) -> bool:
        with self._memory.step("times write"):
            if self._memory.times.get(key) != old:
                return False
            self._memory.times[key] = new
            return True

    def count(self, key: str, until: float) -> int:
        with self._memory.step("count"):
            self._memory.counts[key] = self._memory.counts.get(key, 0) + 1
            return self._memory.counts[key]


@dataclass
class Stores:
    """The four stores of sign-in, in memory or real."""

    mailboxes: MailboxStore
    sessions: SessionStore
    links: LinkStore
    counters: Counters


def in_memory(memory: Memory) -> Stores:
    """Stores over one memory."""
    return Stores(MemoryMailboxes(memory), MemorySessions(memory), MemoryLinks(memory), MemoryCounters(memory))


class FakeClock:
    """Time that moves only when told."""

    def __init__(self, now: float = 1_790_000_000.25) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@contextmanager
def time_standing_still() -> Iterator[FakeClock]:
    """The portal's clock, moved only by the test."""
    source, before = FakeClock(), clock._source
    clock.use(source)
    try:
        yield source
    finally:
        clock.use(before)


class FakeQueue:
    """Keeps messages until the worker takes them."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def send(self, message: Mapping[str, object]) -> None:
        self.messages.append(dict(message))


class FakeStripe:
    """Customers by exact spelling and lower case, as Stripe's list finds them. `searches` turns search on."""

    def __init__(self, *holders: FoundHolder) -> None:
        self.holders = list(holders)
        self.asked: list[tuple[float, str]] = []
        self.brought: list[str] = []
        self.down = self.searches = False

    def find(self, address: str) -> tuple[FoundHolder, ...]:
        self.asked.append((clock.now(), address))
        if self.down:
            raise StripeUnavailable
        spellings = {address, address.lower()}
        return tuple(
            h
            for h in self.holders
            if h.address in spellings or (self.searches and h.address.lower() == address.lower())
        )

    def bring(self, holder: str, address: str) -> None:
        if self.down:
            raise StripeUnavailable
        self.brought.append(holder)


class FakeMailer:
    """Keeps what was sent; can be down, and refuses addresses it was told to."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.refuses: set[str] = set()
        self.down = False

    def send(self, message: Message) -> str:
        if self.down:
            raise MailUnavailable
        if message.to in self.refuses:
            raise MailRefused
        self.sent.append(message)
        return f"mail-{len(self.sent)}"


@dataclass
class Mail:
    """What a person finds in a mail."""

    to: str
    token: str
    code: str


@dataclass
class World:
    """Sign-in as a whole: people ask, the worker works, mails arrive, doors open."""

    stores: Stores
    clock: FakeClock = field(default_factory=FakeClock)
    stripe: FakeStripe = field(default_factory=lambda: FakeStripe(ADA))
    queue: FakeQueue = field(default_factory=FakeQueue)
    mailer: FakeMailer = field(default_factory=FakeMailer)

    def __post_init__(self) -> None:
        throttle = Throttle(self.stores.counters)
        self.asking = Asking(throttle, self.queue)
        pace = Pace(self.stores.counters, sleep=self.clock.advance)
        directory = Directory(self.stores.mailboxes, self.stripe, self.stripe, pace)
        self.answering = Answering(directory, Desk(self.stores.links), self.mailer)
        self.entrance = Entrance(self.stores.mailboxes, self.stores.links, throttle)
        self.sessions = Sessions(self.stores.mailboxes, lambda: self.stores.sessions)

    def ask(self, address: str, browser: str, source: str = HOME_NETWORK, next_path: str = "/") -> None:
        """Press "send me a link"."""
        self.asking.ask(address, browser, source, next_path)

    def work(self) -> None:
        """The worker takes every message; one that fails comes again at the next call."""
        waiting, self.queue.messages[:] = list(self.queue.messages), []
        for message in waiting:
            try:
                self.answering.answer(message, NORTHLIGHT, LANDING)
            except (Busy, StripeUnavailable, MailUnavailable):
                self.queue.messages.append(message)

    def mails(self, address: str = ADA.address) -> list[Mail]:
        """Mails to one address, oldest first."""
        return [read_mail(message) for message in self.mailer.sent if message.to == address]

    def mail(self, browser: str, address: str = ADA.address, **asking: str) -> Mail:
        """Ask, and open the mail that comes."""
        self.ask(address, browser, **asking)
        self.work()
        return self.mails(address)[-1]

    def sign_in(self, browser: str, address: str = ADA.address, visit: Visit | None = None) -> Visit:
        """Ask, press the link, be in."""
        opened = self.press(self.mail(browser, address).token, browser, visit=visit, replace=visit is not None)
        return self.sessions.visit(opened.cookie)

    def press(self, token: str, browser: str, retyped: str = "", **here: Any) -> Opened:
        """Open a link in a browser."""
        return self.entrance.by_link(token, Arrival(browser, **here), retyped)

    def type(self, code: str, browser: str, **here: Any) -> Opened:
        """Type a code in a browser."""
        return self.entrance.by_code(code, Arrival(browser, **here))

    def is_in(self, cookie: str) -> bool:
        """Whether this session cookie opens pages now."""
        try:
            self.sessions.visit(cookie)
        except SignInNeeded:
            return False
        return True

    def session_count(self, address: str = ADA.address) -> int:
        """How many sessions are stored for a mailbox."""
        mailbox = self.stores.mailboxes.open(addresses.ref(addresses.canonical(address)))
        return len(mailbox.sessions) if mailbox else 0


def a_browser() -> str:
    """The binding cookie of a browser nobody has seen before."""
    return tokens.new_token()


def read_mail(message: Message) -> Mail:
    """Token and code, as found in the plain text."""
    token = re.search(rf"{re.escape(LANDING)}#(\S+)", message.text)
    code = re.search(r"\b(\d{3}) (\d{3})\b", message.text)
    assert token, message.text
    assert code, message.text
    return Mail(message.to, token[1], code[1] + code[2])
