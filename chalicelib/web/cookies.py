"""The portal's two cookies, same name and flags everywhere (RFC 6265bis, `__Host-` prefix)."""

from chalice.app import Request

from chalicelib.access import tokens

SESSION = "__Host-tillkey"
BROWSER = "__Host-tillkey-browser"
YEAR = 365 * 86400


def read(request: Request, name: str) -> str:
    """Value of one cookie, or "" when absent. Another site's oddly shaped cookie beside it does no harm."""
    for pair in request.headers.get("cookie", "").split(";"):
        found, _, value = pair.strip().partition("=")
        if found == name:
            return str(value)
    return ""


def browser(request: Request) -> str:
    """What this browser is known by to sign-in links: its binding cookie, or a new random one to be kept."""
    known = read(request, BROWSER)
    return known if tokens.is_token(known) else tokens.new_token()


def keep(name: str, value: str, seconds: int) -> str:
    """A Set-Cookie value that only our own pages over HTTPS (or this machine) ever see."""
    return f"{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"


def drop(name: str) -> str:
    """A Set-Cookie value that removes the cookie."""
    return keep(name, "", 0)
