"""Mails the portal sent, kept as raw MIME files, so that nothing is lost over restarts."""

import email
import email.policy
import html.parser
import itertools
import re
import shutil
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

PLAIN_LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True)
class Mail:
    """One sent mail. `id` names its file: when it was sent, then a running number."""

    id: str
    to: str
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """The parsed MIME message."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def sent_at(self) -> str:
        """When it was sent by the portal's clock, ISO 8601 UTC."""
        return datetime.fromtimestamp(int(self.id.split("-")[0]), UTC).isoformat().replace("+00:00", "Z")

    @property
    def text(self) -> str:
        """The plain-text part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part, or ""."""
        return self._part("html")

    @property
    def links(self) -> list[str]:
        """Web addresses in the text and the HTML part, each once, in order."""
        finder = _Links()
        finder.feed(self.html)
        plain = [found.rstrip(".,;)") for found in PLAIN_LINK.findall(self.text)]
        return list(dict.fromkeys([*plain, *finder.found]))

    @property
    def attachments(self) -> list[EmailMessage]:
        """The attached parts in order."""
        return list(self.message.iter_attachments())  # type: ignore[arg-type]

    def summary(self, base: str) -> dict[str, Any]:
        """The mail as plain data; `base` is the address of the outbox, for the attachments' URLs."""
        return {
            "to": self.to,
            "from": str(self.message["From"]),
            "subject": str(self.message["Subject"]),
            "text": self.text,
            "html": self.html,
            "links": self.links,
            "attachments": [_attachment(part, f"{base}/{self.id}", n) for n, part in enumerate(self.attachments)],
            "sent_at": self.sent_at,
        }

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") or ""
        if tag == "a" and address.startswith("http"):
            self.found.append(address)


def _attachment(part: EmailMessage, base: str, number: int) -> dict[str, Any]:
    name = part.get_filename() or "attachment"
    size = len(part.get_payload(decode=True) or b"")
    return {
        "name": name,
        "type": part.get_content_type(),
        "size": size,
        "url": f"{base}/attachments/{number}/{quote(name)}",
    }


class Outbox:
    """All mails of one stack, newest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._mails = [_read(path) for path in sorted(folder.glob("*.eml"), key=_order)]
        self._numbers = itertools.count(len(self._mails) + 1)
        self.failing = 0

    def add(self, raw: bytes, to: str, sent_at: float) -> Mail:
        """Keep one mail, sent to one address."""
        with self._lock:
            mail = Mail(f"{int(sent_at)}-{next(self._numbers)}", to, raw)
            (self._folder / f"{mail.id}.eml").write_bytes(f"X-Envelope-To: {to}\n".encode() + raw)
            self._mails.append(mail)
        return mail

    def all(self) -> list[Mail]:
        """Newest first."""
        return list(reversed(self._mails))

    def find(self, mail_id: str) -> Mail | None:
        """The mail with this id."""
        return next((mail for mail in self._mails if mail.id == mail_id), None)

    def clear(self) -> None:
        """Forget all mails."""
        with self._lock:
            self._mails.clear()
            self.failing = 0
            shutil.rmtree(self._folder)
            self._folder.mkdir()

    def refuses(self) -> bool:
        """True while `failing` is above zero, counting it down: the mail service is in trouble for that many mails."""
        with self._lock:
            refused, self.failing = self.failing > 0, max(0, self.failing - 1)
        return refused


def _read(path: Path) -> Mail:
    envelope, _, raw = path.read_bytes().partition(b"\n")
    return Mail(path.stem, envelope.decode().partition(": ")[2], raw)


def _order(path: Path) -> tuple[int, int]:
    moment, number = path.stem.split("-")
    return int(moment), int(number)
