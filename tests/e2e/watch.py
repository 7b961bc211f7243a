"""Notices what a person with the developer tools open would notice: errors on the console, requests that failed."""

import re

from playwright.sync_api import ConsoleMessage, Page, Request, Response

# a request cut off because the person went on to another page is no fault
CUT_OFF = "net::ERR_ABORTED"


class Watch:
    """Collects problems of the pages it watches over, except those a test says it expects."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._expected: list[str] = []

    def over(self, page: Page) -> None:
        """Watch this page and every window it opens."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._found.append(f"script error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._response)
        page.on("popup", self.over)

    def expect(self, pattern: str) -> None:
        """A problem that matches this regular expression belongs to the story."""
        self._expected.append(pattern)

    @property
    def problems(self) -> list[str]:
        """What nobody expected."""
        return [line for line in self._found if not any(re.search(pattern, line) for pattern in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        # a failed load is noted with its status by `_response`
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self._found.append(f"console {message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != CUT_OFF:
            self._found.append(f"failed: {request.method} {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._found.append(f"{response.status}: {response.request.method} {response.url}")
