"""E-mail addresses as mail servers take them."""

import re
import unicodedata

from chalicelib.errors import PortalError

# RFC 5321 dot-atom without quoted strings. Letters beyond ASCII cannot be mailed: Amazon SES has no SMTPUTF8.
LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
LONGEST = 254


class BadAddress(PortalError):
    """What was typed cannot be an e-mail address, whoever it may belong to."""

    status = 422
    title = "Please check the address"
    say = "That doesn’t look like an e-mail address. It should look like name@example.com."


def deliverable(typed: str) -> str:
    """The address as mail servers take it: local part as written, domain as A-labels. Raises BadAddress."""
    local, _, domain = typed.strip().partition("@")
    address = f"{local}@{_ascii_domain(domain)}"
    if not LOCAL_PART.fullmatch(local) or len(address) > LONGEST:
        raise BadAddress
    return address


def canonical(typed: str) -> str:
    """The key of the mailbox `typed` names: ASCII lower case, domain as IDNA A-labels. Raises BadAddress.

    A plus tag and dots stay: only the mailbox's own server may say that they mean nothing (RFC 5321, 2.3.11).
    """
    return deliverable(typed).lower()


def _ascii_domain(domain: str) -> str:
    labels = [_ascii_label(label) for label in domain.split(".")]
    if len(labels) < 2:
        raise BadAddress
    return ".".join(labels)


def _ascii_label(label: str) -> str:
    """One label as IDNA 2008 encodes it (RFC 5891), without mapping any to another: that makes look-alikes meet."""
    plain = unicodedata.normalize("NFC", label.lower())
    if not label.isascii():
        if not all(_may_stand_in_label(c) for c in label) or plain != unicodedata.normalize("NFKC", plain):
            raise BadAddress
        plain = "xn--" + plain.encode("punycode").decode()
    if not LABEL.fullmatch(plain):
        raise BadAddress
    return plain


def _may_stand_in_label(character: str) -> bool:
    """Letters, marks and digits (RFC 5892, 2.1), except those that turn into an ASCII letter when normalised."""
    if character.isascii():
        return True
    becomes_ascii = unicodedata.normalize("NFKC", character).isascii()
    return not becomes_ascii and unicodedata.category(character) in {"Ll", "Lu", "Lo", "Lm", "Mn", "Mc", "Nd"}
