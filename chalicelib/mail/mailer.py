"""What a mail is, and the contract of whoever sends it."""

from typing import Protocol

from msgspec import Struct

from chalicelib.errors import PortalError


class Attachment(Struct, frozen=True):
    """A file that goes with a mail. `kind` is its media type."""

    name: str
    kind: str
    content: bytes


class Message(Struct, frozen=True):
    """One mail to one address, in plain text and HTML, from the merchant's support address."""

    to: str
    from_name: str
    from_address: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


class MailUnavailable(PortalError):
    """The mail service is down, slow or limiting us: try again later."""

    status = 503
    title = "We couldn’t send the mail"
    say = "Our mail service isn’t answering. Please try again in a few minutes."


class MailRefused(PortalError):
    """The mail service will never take this mail: a blocked recipient or an unverified sender."""

    status = 502
    title = "We couldn’t send the mail"
    say = "The mail could not be delivered to this address. Please contact us."


class Mailer(Protocol):
    """Sends mails."""

    def send(self, message: Message) -> str:
        """Hand a mail over for delivery and give its id there. Raises MailUnavailable, MailRefused."""
