"""A person without a browser: loads pages, follows links and sends forms by what they say, keeps cookies.

Every page loaded is checked for what must hold for all of them (`page_rules`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

import requests

from tests.functional import page_rules
from tests.functional.document import Document, Element
from tests.stack import TestStack

SESSION = "__Host-tillkey"
COOKIE_FLAGS = ("Path=/", "Secure", "HttpOnly", "SameSite=Lax")
REDIRECTS = {301, 302, 303, 307, 308}
AGENT = "Mozilla/5.0 (X11; Linux x86_64) visitor"


@dataclass(frozen=True)
class Page:
    """An answer, and if it is HTML what a person sees on it."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    document: Document = field(repr=False)

    @property
    def path(self) -> str:
        """Where we are now, with the query."""
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def text(self) -> str:
        """All words on the page."""
        return self.document.root.text

    @property
    def heading(self) -> str:
        """The words of the h1."""
        return self.document.root.all("h1")[0].text

    @property
    def title(self) -> str:
        """The words of the title."""
        return "".join(map(str, self.document.root.all("title")[0].children)).strip()

    @property
    def buttons(self) -> list[str]:
        """What the buttons of forms say."""
        return [button.text for form in self.document.root.all("form") for button in form.all("button")]

    @property
    def links(self) -> list[Element]:
        """All links."""
        return self.document.root.all("a")

    def link(self, says: str) -> str:
        """Where the one link that contains these words leads. Fails naming the links there are."""
        found = {link["href"] for link in self.links if says in (link.text or link["aria-label"])}
        assert len(found) == 1, f"{len(found)} links say {says!r}; there are {[link.text for link in self.links]}"
        return found.pop()

    def form(self, button: str) -> tuple[Element, Element]:
        """The form with the button that says this, and the button. Fails naming the buttons there are."""
        found = [
            (form, press)
            for form in self.document.root.all("form")
            for press in form.all("button")
            if press.text == button
        ]
        assert found, f"no button says {button!r}; there are {self.buttons}"
        return found[0]


class Visitor:
    """One browser's worth of cookies, on one portal."""

    def __init__(self, stack: TestStack) -> None:
        self._stack = stack
        self.portal_url, self.origin = stack.portal_url, stack.place.origin
        self.cookies: dict[str, str] = {}
        self.page: Page | None = None
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    # What a person does

    def open(self, path: str = "/") -> Page:
        """Load a page by its path below the portal's address, or by its full address."""
        return self._load("GET", path if path.startswith("http") else self.portal_url + path)

    def follow(self, says: str) -> Page:
        """Press the link that contains these words."""
        here = self._here()
        return self._load("GET", urljoin(here.url, here.link(says)))

    def press(self, button: str, fields: Mapping[str, str] | None = None) -> Page:
        """Fill the fields (by label or name) of the form that has this button, and send it as a browser would."""
        here = self._here()
        form, pressed = here.form(button)
        values = filled(form, fields or {})
        if pressed["name"]:
            values[pressed["name"]] = pressed["value"]
        target = urljoin(here.url, pressed["formaction"] or form["action"])
        if form["method"].lower() == "post":
            return self._load("POST", target, values)
        return self._load("GET", f"{target}?{urlencode(values)}")

    def sign_in(self, mailbox: str) -> Page:
        """Ask for a link, read the mail, type the code."""
        self.open("/sign-in")
        self.fill_only_field(mailbox)
        mails = self._stack.mailbox(mailbox)
        assert mails, f"no mail to {mailbox}"
        code = re.search(r"\b(\d{3}) ?(\d{3})\b", mails[0].text)
        assert code, "the mail has no code"
        return self.fill_only_field(code[1] + code[2])

    def fill_only_field(self, value: str) -> Page:
        """Fill the first form that has exactly one visible field to type in, and send it."""
        for form in self._here().document.root.all("form"):
            fields = [
                f for f in form.all("input") if f["type"] not in {*page_rules.NEEDS_NO_LABEL, "checkbox", "radio"}
            ]
            if len(fields) == 1:
                return self.press(form.all("button")[0].text, {fields[0]["name"]: value})
        raise AssertionError("no form with one field to type in")

    @property
    def signed_in(self) -> bool:
        """Whether the session cookie is there."""
        return SESSION in self.cookies

    # What only a test does

    def send(
        self, path: str, fields: Mapping[str, str] | None = None, headers: Mapping[str, str | None] | None = None
    ) -> Page:
        """POST to a path directly; `headers` add to or (None) take away from what a browser sends."""
        return self._load("POST", self.portal_url + path, dict(fields or {}), headers or {})

    def raw(self, method: str, path: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Page:
        """One request exactly as given plus the cookies; nothing is checked, no redirect followed."""
        sent = {"Cookie": self._cookie_header(), "User-Agent": AGENT, **(headers or {})}
        answer = self._http.request(method, self.portal_url + path, data=data, headers=sent, allow_redirects=False)
        self._keep_cookies(answer)
        return _page(answer)

    def _load(
        self,
        method: str,
        url: str,
        fields: dict[str, str] | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Page:
        sent: dict[str, str | None] = {
            "Accept": "text/html,*/*;q=0.8",
            "User-Agent": AGENT,
            "Cookie": self._cookie_header(),
        }
        if method == "POST":
            sent |= {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        answer = self._http.request(
            method, url, data=fields, headers={**sent, **(headers or {})}, allow_redirects=False
        )
        self._keep_cookies(answer)
        if answer.status_code in REDIRECTS:
            return self._load("GET", urljoin(url, answer.headers["Location"]))
        page = _page(answer)
        if "text/html" in page.headers.get("content-type", "") and url.startswith(self.origin):
            wrong = page_rules.faults(page.document, page.headers, self.portal_url, self.signed_in)
            assert not wrong, f"{page.url}: " + "; ".join(wrong)
        self.page = page
        return page

    def _here(self) -> Page:
        assert self.page, "no page is open"
        return self.page

    def _cookie_header(self) -> str | None:
        return None if not self.cookies else "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _keep_cookies(self, answer: requests.Response) -> None:
        """Keep what is set, flags checked. Ours alone: client libraries send no `Secure` cookie over plain HTTP."""
        for line in answer.raw.headers.getlist("Set-Cookie"):
            missing = [flag for flag in COOKIE_FLAGS if flag not in line]
            assert not missing, f"cookie lacks {missing}: {line.split('=')[0]}"
            for name, morsel in SimpleCookie(line).items():
                assert name.startswith("__Host-"), f"cookie {name} is not bound to this host"
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]


def filled(form: Element, given: Mapping[str, str]) -> dict[str, str]:
    """What a browser would send for this form once the fields, by label or name, are filled."""
    values: dict[str, str] = {}
    for entry in form.all("input", "select", "textarea"):
        if entry["type"] in {"submit", "button"} or not entry["name"] or "disabled" in entry:
            continue
        if entry["type"] in {"checkbox", "radio"} and "checked" not in entry:
            continue
        values[entry["name"]] = _value(entry)
    for wanted, value in given.items():
        values[_name_of(form, wanted)] = value
    return values


def _value(entry: Element) -> str:
    if entry.tag == "select":
        options = entry.all("option")
        chosen = [option for option in options if "selected" in option] or options
        return chosen[0]["value"] if chosen else ""
    return "".join(map(str, entry.children)) if entry.tag == "textarea" else entry["value"] or _checked(entry)


def _checked(entry: Element) -> str:
    return "on" if entry["type"] in {"checkbox", "radio"} else ""


def _name_of(form: Element, wanted: str) -> str:
    entries = form.all("input", "select", "textarea")
    if wanted in {entry["name"] for entry in entries}:
        return wanted
    ids = {label["for"] for label in form.all("label") if label.text == wanted}
    names = {entry["name"] for entry in entries if entry["id"] in ids and entry["id"]}
    names |= {
        entry["name"] for label in form.all("label") if label.text == wanted for entry in label.all("input", "select")
    }
    assert len(names) == 1, f"no field is called {wanted!r}"
    return names.pop()


def _page(answer: requests.Response) -> Page:
    text = answer.content.decode("utf-8", "replace") if "html" in answer.headers.get("content-type", "") else ""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Page(answer.url, answer.status_code, headers, answer.content, Document(text))
