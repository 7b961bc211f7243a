"""Forms as browsers send them, read strictly: small, UTF-8, each field once."""

from urllib.parse import parse_qsl

from chalice.app import Request

from chalicelib.errors import BadRequest, Refused

TYPES = ["application/x-www-form-urlencoded"]
LIMIT = 16 * 1024


def read(request: Request) -> dict[str, str]:
    """Fields of the form. Raises Refused without its content type, BadRequest when too large or not UTF-8.

    Chalice lets a request without any content type through its own check, hence the check here.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in TYPES:
        raise Refused
    raw = request.raw_body
    raw = raw if isinstance(raw, bytes) else raw.encode()
    if len(raw) > LIMIT:
        raise BadRequest
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=50, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise BadRequest from error
    fields = dict(pairs)
    if len(fields) != len(pairs) or any("\x00" in value for value in fields.values()):
        raise BadRequest
    return fields
