"""What a request asks for, checked by its shape before anything is looked up."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from chalicelib.errors import BadRequest, NotFound
from chalicelib.web.middleware import request

OBJECT_ID = re.compile(r"[A-Za-z0-9_:\-]{1,100}")
ATTEMPT = re.compile(r"[A-Za-z0-9_\-]{16,64}")
PLACE = re.compile(r"[A-Za-z0-9_:#\-]{1,120}")
MOST_PLACES = 100


def object_id(value: str) -> str:
    """An id out of a path or form. Raises NotFound for anything that cannot be one."""
    if not OBJECT_ID.fullmatch(value):
        raise NotFound
    return value


def new_attempt() -> str:
    """The key of one attempt at an action, made when its form is rendered: reload, back and double click reuse it."""
    return secrets.token_urlsafe(18)


def attempt(form: Mapping[str, str]) -> str:
    """The attempt key a form brought back. Raises BadRequest when it is not one we could have made."""
    key = form.get("attempt", "")
    if not ATTEMPT.fullmatch(key):
        raise BadRequest
    return key


def attempt_in_query() -> str:
    """The attempt whose result the page shall tell of, or ""."""
    key = query("attempt")
    return key if ATTEMPT.fullmatch(key) else ""


def places() -> list[str]:
    """Where in a history the reader is: the marks of all pages on the way, newest first. Raises NotFound."""
    asked = query("after")
    trail = asked.split(",") if asked else []
    if len(trail) > MOST_PLACES or not all(PLACE.fullmatch(place) for place in trail):
        raise NotFound
    return trail


def query(name: str) -> str:
    """One query parameter, or "" when absent."""
    given: Any = request().query_params or {}
    return str(given.get(name) or "")
