"""`python -m local.smoke`: walks through the running portal over plain HTTP, from sign-in to receipt, timing each step.

No browser and no cookie jar: headers are set by hand, so that it sees exactly what travels.
"""

import os
import re
import sys
import time
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

PATIENCE = 10
REDIRECTS = {302, 303}


class Unexpected(Exception):
    """The portal did not do what a customer would have expected; the message says what."""


class Walk:
    """One customer's way through the portal."""

    def __init__(self, portal_url: str) -> None:
        parts = urlsplit(portal_url)
        self.portal_url, self.origin = portal_url, f"{parts.scheme}://{parts.netloc}"
        self.local = f"{self.origin}/_local"
        self.cookies: dict[str, str] = {}
        self.url, self.html = portal_url, ""

    def get(self, address: str) -> requests.Response:
        """Load a page, by its full address or relative to the page we are on."""
        return self._request("GET", urljoin(self.url, address))

    def post(self, action: str, fields: dict[str, str]) -> requests.Response:
        """Send a form of this page, its hidden fields included, as a browser does."""
        form = _first(rf'<form[^>]*action="{re.escape(action)}".*?</form>', self.html, f"a form to {action}", 0)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        return self._request("POST", urljoin(self.url, action), {**hidden, **fields})

    def find(self, pattern: str, what: str) -> str:
        """The first match's group on this page."""
        return _first(pattern, self.html, what)

    def _request(self, method: str, url: str, fields: dict[str, str] | None = None) -> requests.Response:
        headers = {"Accept": "text/html,*/*", "User-Agent": "smoke", "Cookie": self._cookie_line()}
        if method == "POST":
            headers |= {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        answer = requests.request(method, url, data=fields, headers=headers, allow_redirects=False, timeout=30)
        for line in answer.raw.headers.getlist("Set-Cookie"):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if answer.status_code in REDIRECTS:
            return self._request("GET", urljoin(url, answer.headers["Location"]))
        if answer.status_code != 200:
            raise Unexpected(f"{method} {url} answered {answer.status_code}")
        if "text/html" in answer.headers["Content-Type"]:
            self.url, self.html = url, answer.text
        return answer

    def _cookie_line(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def _first(pattern: str, text: str, what: str, group: int = 1) -> str:
    found = re.search(pattern, text, re.DOTALL)
    if not found:
        raise Unexpected(f"{what} was not found")
    return found[group]


# The steps


def ask_for_a_link(walk: Walk, mailbox: str) -> None:
    """Open the sign-in page and send the address."""
    walk.get(f"{walk.portal_url}/sign-in")
    walk.post(urlsplit(walk.portal_url).path + "/sign-in", {"email": mailbox})


def read_the_code(walk: Walk, mailbox: str, known: int) -> str:
    """Wait for the mail. Gives its six digits."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        mails = [m for m in requests.get(f"{walk.local}/outbox.json", timeout=5).json() if m["to"] == mailbox]
        if len(mails) > known:
            return _first(r"code is (\d{3} ?\d{3})", mails[0]["text"], "a code in the mail").replace(" ", "")
        time.sleep(0.05)
    raise Unexpected(f"no mail to {mailbox} within {PATIENCE} s (one a minute is the most it gets)")


def type_the_code(walk: Walk, code: str) -> None:
    """Sign in; the next page is the account's home."""
    walk.post(urlsplit(walk.portal_url).path + "/sign-in/code", {"code": code})
    if urlsplit(walk.url).path.rstrip("/") != urlsplit(walk.portal_url).path.rstrip("/"):
        raise Unexpected(f"after the code we are at {walk.url}, not at home")


def open_an_item(walk: Walk) -> None:
    """Follow the first subscription, plan or order on the home page."""
    walk.get(walk.find(r'href="([^"]*/(?:items|orders)/[^"/]+)"', "an item on the home page"))


def open_a_receipt(walk: Walk) -> None:
    """Follow the first receipt on the item's page."""
    walk.get(walk.find(r'href="([^"]*/receipts/[^"/]+)"', "a receipt on the item's page"))


def download_the_pdf(walk: Walk) -> None:
    """Fetch the receipt's file through its short-lived link."""
    answer = walk.get(walk.find(r'href="([^"]*/receipts/[^"/]+/pdf)"', "the PDF on the receipt's page"))
    if not answer.content.startswith(b"%PDF-"):
        raise Unexpected("the receipt's file is no PDF")


def main() -> None:
    """Walk as the first demo person; exit 1 at the first step that fails."""
    prefix = os.environ.get("PREFIX", "").strip("/")
    walk = Walk(f"http://127.0.0.1:{os.environ.get('PORT') or 8000}" + (f"/{prefix}" if prefix else ""))
    try:
        run(walk)
    except (Unexpected, requests.ConnectionError) as trouble:
        sys.exit(f"✗ {trouble}")


def run(walk: Walk) -> None:
    """All steps in order, each with its time."""
    mailbox = requests.get(f"{walk.local}/scenarios.json", timeout=5).json()[0]["mailbox"]
    known = sum(mail["to"] == mailbox for mail in requests.get(f"{walk.local}/outbox.json", timeout=5).json())
    timed("ask for a sign-in link", lambda: ask_for_a_link(walk, mailbox))
    code = timed("the mail arrives", lambda: read_the_code(walk, mailbox, known))
    timed("type its code: home", lambda: type_the_code(walk, code))
    timed("home again", lambda: walk.get(walk.portal_url + "/"))
    timed("open an item", lambda: open_an_item(walk))
    timed("open a receipt", lambda: open_a_receipt(walk))
    timed("download its PDF", lambda: download_the_pdf(walk))
    print(f"smoke: all well, as {mailbox}")


def timed(step: str, do: Callable[[], Any]) -> Any:
    """Do one step and print how long it took."""
    began = time.perf_counter()
    done = do()
    print(f"  {(time.perf_counter() - began) * 1000:7.1f} ms  {step}", flush=True)
    return done


if __name__ == "__main__":
    main()
