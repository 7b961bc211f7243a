"""Requests byte by byte, to send what no browser would. Nothing is checked, kept or followed."""

import http.client
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.functional.visitor import SESSION, Visitor
from tests.stack import TestStack

FORM = "application/x-www-form-urlencoded"
REQUEST_ID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def page(self) -> bytes:
        """The body without the id of the request, the one thing in which two equal pages may differ."""
        return REQUEST_ID.sub(b"(request id)", self.body)

    @property
    def request_id(self) -> str:
        """The id an error page names, or ""."""
        found = REQUEST_ID.search(self.body)
        return found[0].decode() if found else ""


class Wire:
    """A connection to the portal."""

    def __init__(self, stack: TestStack) -> None:
        self._port, self._prefix = stack.place.port, stack.portal_url.removeprefix(stack.place.origin)
        self.origin = stack.place.origin
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)

    def send(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """One request to a path below the portal's address."""
        wire = self._connection
        wire.putrequest(method, self._prefix + path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            wire.putheader(name, value.encode("utf-8", "surrogateescape"))
        if body or method in {"POST", "PUT", "PATCH"}:
            wire.putheader("Content-Length", str(len(body)))
        wire.endheaders(body)
        answer = wire.getresponse()
        content = answer.read()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)

    def get(self, path: str, session: str = "") -> Answer:
        """Read a page, signed in by a session cookie or not at all."""
        return self.send("GET", path, {"Accept": "text/html", **cookie(session)})

    def post(self, path: str, session: str, fields: Mapping[str, str]) -> Answer:
        """Send a form exactly as a browser sends one of the portal's own pages."""
        return self.send("POST", path, {**own_form(self.origin), **cookie(session)}, urlencode(fields).encode())

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def raw(self, request: bytes) -> bytes:
        """Bytes in, bytes out, on a connection of its own."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=10) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts)


def own_form(origin: str) -> dict[str, str]:
    """What a browser says of a form sent from the portal's own page."""
    return {"Accept": "text/html", "Origin": origin, "Sec-Fetch-Site": "same-origin", "Content-Type": FORM}


def cookie(session: str) -> dict[str, str]:
    """The header that carries a session."""
    return {"Cookie": f"{SESSION}={session}"} if session else {}


def session_of(visitor: Visitor) -> tuple[str, str]:
    """A signed-in visitor's session cookie and form token."""
    assert visitor.page
    fields = visitor.page.document.root.all("input")
    return visitor.cookies[SESSION], next(field["value"] for field in fields if field["name"] == "csrf")
