"""The portal's two cookies, same name and flags everywhere (RFC 6265bis, `__Host-` prefix)."""

from http.cookies import CookieError, SimpleCookie

from chalice.app import Request

SESSION = "__Host-tillkey"
BROWSER = "__Host-tillkey-browser"


def read(request: Request, name: str) -> str:
    """Value of one cookie, or "" when absent or unreadable."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(request.headers.get("cookie", ""))
    except CookieError:
        return ""
    found = jar.get(name)
    return found.value if found else ""


def keep(name: str, value: str, seconds: int) -> str:
    """A Set-Cookie value that only our own pages over HTTPS (or this machine) ever see."""
    return f"{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"


def drop(name: str) -> str:
    """A Set-Cookie value that removes the cookie."""
    return keep(name, "", 0)
