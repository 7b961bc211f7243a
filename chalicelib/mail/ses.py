"""Amazon SES (API v2, raw MIME), behind `Mailer`."""

import secrets
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from functools import cached_property
from typing import Any

from chalicelib import clock, metrics
from chalicelib.mail.addresses import BadAddress, deliverable
from chalicelib.mail.mailer import MailRefused, MailUnavailable, Message

# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
NEVER = {"MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException", "NotFoundException"}
# SES wants every body in seven bits.
POLICY = SMTP.clone(cte_type="7bit")


class SesMailer:
    """Sends through SES. Nothing is imported or connected before the first mail."""

    def __init__(self, region: str, endpoint: str = "") -> None:
        self._region, self._endpoint = region, endpoint

    def send(self, message: Message) -> str:
        """One API call; the envelope's recipient is the address given, whatever headers say."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client.send_email(
                FromEmailAddress=message.from_address,
                Destination={"ToAddresses": [deliverable(message.to)]},
                Content={"Raw": {"Data": as_mime(message)}},
            )
        except BadAddress as error:
            raise MailRefused from error
        except ClientError as error:
            metrics.count("mail_failures")
            if error.response.get("Error", {}).get("Code") in NEVER:
                raise MailRefused from error
            raise MailUnavailable from error
        except BotoCoreError as error:
            metrics.count("mail_failures")
            raise MailUnavailable from error
        return str(answer["MessageId"])

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        patience = Config(connect_timeout=2, read_timeout=6, retries={"total_max_attempts": 3, "mode": "standard"})
        return boto3.client("sesv2", region_name=self._region, endpoint_url=self._endpoint or None, config=patience)


def as_mime(message: Message) -> bytes:
    """The mail as it travels (RFC 5322). Header values are one line each, so none can start a new header.

    Raises BadAddress for a recipient no mail can be sent to.
    """
    mime = EmailMessage(policy=POLICY)
    mime["From"] = Address(_line(message.from_name), addr_spec=message.from_address)
    mime["To"] = Address(addr_spec=deliverable(message.to))
    mime["Subject"] = _line(message.subject)
    mime["Date"] = formatdate(clock.now())
    mime["Message-ID"] = f"<{secrets.token_hex(16)}@{message.from_address.rpartition('@')[2]}>"
    # RFC 3834: tells out-of-office programs not to answer
    mime["Auto-Submitted"] = "auto-generated"
    mime.set_content(message.text)
    mime.add_alternative(message.html, subtype="html")
    for attachment in message.attachments:
        kind, _, subkind = attachment.kind.partition("/")
        mime.add_attachment(attachment.content, maintype=kind, subtype=subkind, filename=_line(attachment.name))
    return mime.as_bytes()


def _line(text: str) -> str:
    """One printable line: line breaks and control characters become single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
