"""Errors named for the trouble. Each knows its HTTP status and the words a customer reads."""


class PortalError(Exception):
    """Something a page can explain. `title` and `say` are shown; they never hold input or vendor text."""

    status = 500
    title = "Something went wrong"
    say = "If you were changing something, look at your billing first: it shows what is done. Then try again."

    def __init__(self, say: str | None = None) -> None:
        super().__init__(say or self.say)
        if say:
            self.say = say


class NotFound(PortalError):
    """Unknown, malformed, deleted or somebody else's: all the same to the person asking."""

    status = 404
    title = "We can’t find that page"
    say = "It may have moved, or it belongs to another account. Your billing home has everything we know of."


class SignInNeeded(PortalError):
    """No live session: the visitor is sent to the sign-in page and brought back afterwards."""

    status = 303
    title = "Please sign in"
    say = "Your session has ended. Sign in again to go on."


class Refused(PortalError):
    """A request that did not come from our own page: missing or stale token, other origin, no content type."""

    status = 403
    title = "That didn’t come through"
    say = "The page you used was too old or came from elsewhere, so nothing was done. Go back and try again."


class NotAllowed(PortalError):
    """The merchant's rules do not allow it; policy says why."""

    status = 403
    title = "That isn’t possible here"
    say = "Nothing was changed."


class BadRequest(PortalError):
    """Too large, too deep, not UTF-8, or not a form we sent."""

    status = 400
    title = "We couldn’t read that"
    say = "Nothing was changed. Go back, check what you entered and try again."


class TooMany(PortalError):
    """A limit was reached; waiting helps."""

    status = 429
    title = "Too many tries"
    say = "Please wait a few minutes and try again."


class PauseNeeded(TooMany):
    """Cards were tried too often; nothing was done this time. It is possible again in `retry_after` seconds."""

    title = "Please wait a little"

    def __init__(self, say: str, retry_after: int) -> None:
        super().__init__(say)
        self.retry_after = retry_after


class Busy(PortalError):
    """Our own storage is throttled or out of reach after brief retries."""

    status = 503
    title = "We’re busy right now"
    say = "Nothing was changed. Please try again in a minute."
    retry_after = 30


class NotShown(Busy):
    """The same while reading, which says nothing about what was done before."""

    say = "We can’t show this page at the moment. What you did before stands. Please try again in a minute."


class NotConfigured(PortalError):
    """A setting this stack needs is missing; the log names it, the page does not."""

    status = 503
    title = "This portal isn’t ready yet"
    say = "The merchant still has to finish setting it up."
