"""Secrets people carry (tokens, codes) and what is stored of them: hashes only."""

import base64
import hashlib
import hmac
import re
import secrets

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
CODE = re.compile(r"[0-9]{6}")


def new_token() -> str:
    """256 random bits in 43 characters that need no quoting in an address or a cookie."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def is_token(text: str) -> bool:
    """True when `text` has the shape of our tokens; anything else is not worth a look-up."""
    return TOKEN.fullmatch(text) is not None


def digest(token: str) -> str:
    """What is stored of a token: its SHA-256 in hex. Enough for 256 random bits; a code needs `code_digest`."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**6):06d}"


def plain_code(typed: str) -> str:
    """The digits of a typed code ("123 456" is fine), or "" when it cannot be one."""
    digits = re.sub(r"[\s-]", "", typed)
    return digits if CODE.fullmatch(digits) else ""


def code_digest(code: str, browser: str) -> str:
    """What is stored of a code: bound to the browser (its digest) that may use it."""
    return hmac.new(browser.encode(), code.encode(), hashlib.sha256).hexdigest()


def form_token(session_token: str) -> str:
    """The token forms of this session carry against forgery; made from the session's, so nothing is stored for it."""
    return hmac.new(session_token.encode(), b"form", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
