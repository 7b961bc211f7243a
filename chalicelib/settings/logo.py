"""The merchant's logo: what is accepted, and the name it is kept under."""

import hashlib

LIMIT = 512 * 1024
SUFFIXES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
TYPES = {"png": "image/png", "jpg": "image/jpeg"}


def key_of(content: bytes) -> str:
    """Key of a logo in the vault, made from its content, so that a changed logo has a new address.

    Raises ValueError for anything but a PNG or JPEG of at most 512 KiB: an SVG could carry script.
    """
    suffix = next((name for start, name in SUFFIXES.items() if content.startswith(start)), "")
    if not suffix or len(content) > LIMIT:
        raise ValueError("the logo must be a PNG or JPEG of at most 512 KiB")
    return f"brand/{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"


def media_type(key: str) -> str:
    """Media type of a stored logo."""
    return TYPES[key.rpartition(".")[2]]
