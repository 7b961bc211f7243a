"""The mail as it travels: readable by any mail program, and no value can become a header."""

import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.mail.addresses import BadAddress
from chalicelib.mail.mailer import Attachment, MailRefused, MailUnavailable, Message
from chalicelib.mail.ses import SesMailer, as_mime

PLAIN = Message(
    "ada@example.com", "Northlight Studio", "help@northlight.example", "Your receipt", "Grüße ’n’ text\n", "<p>€ 49</p>"
)
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}
NASTY = st.text(st.sampled_from('\r\n\t\0\x0b\x0c\x1c\x85\u2028\u2029\x7f:,;<>@"\\=?_()ä€😀 aB0')).map(
    lambda s: s + "\r\nBcc: eve@evil.example\n\n<script>"
) | st.text(max_size=300)


def parsed(message: Message) -> EmailMessage:
    """As a mail program sees it."""
    found = email.message_from_bytes(as_mime(message), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(message: EmailMessage, kind: str) -> str:
    """One body."""
    body = message.get_body((kind,))
    assert body
    return str(body.get_content())


def test_a_mail_arrives_as_it_was_meant() -> None:
    mail = parsed(PLAIN)
    assert str(mail["From"]) == "Northlight Studio <help@northlight.example>"
    assert str(mail["To"]) == "ada@example.com"
    assert str(mail["Subject"]) == "Your receipt"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert part(mail, "plain").replace("\r\n", "\n") == PLAIN.text
    assert part(mail, "html").strip() == PLAIN.html


def test_every_byte_fits_in_seven_bits_and_every_line_in_the_limit() -> None:
    raw = as_mime(replace(PLAIN, from_name="Bücher Ñandú 書店", subject="Ünïcödé " * 30, text="ü" * 3000))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_message_ids_differ_and_end_in_the_senders_domain() -> None:
    one, other = parsed(PLAIN)["Message-ID"], parsed(PLAIN)["Message-ID"]
    assert one != other
    assert str(one).endswith("@northlight.example>")


def test_an_attachment_keeps_name_type_and_bytes() -> None:
    pdf = Attachment("Receipt NL-0001 – ä.pdf", "application/pdf", b"%PDF-1.7\x00\xff")
    (found,) = list(parsed(replace(PLAIN, attachments=(pdf,))).iter_attachments())
    assert found.get_filename() == pdf.name
    assert found.get_content_type() == "application/pdf"
    assert found.get_payload(decode=True) == pdf.content


def test_a_recipient_with_a_domain_in_another_script_is_written_in_a_labels() -> None:
    assert str(parsed(replace(PLAIN, to="Ada@Bücher.example"))["To"]) == "Ada@xn--bcher-kva.example"


@settings(max_examples=800, deadline=None)
@given(name=NASTY, subject=NASTY, filename=NASTY, text=NASTY, html=NASTY)
def test_no_value_ever_becomes_a_header_or_another_recipient(
    name: str, subject: str, filename: str, text: str, html: str
) -> None:
    attachments = (Attachment(filename, "application/pdf", b"%PDF"),)
    message = replace(PLAIN, from_name=name, subject=subject, text=text, html=html, attachments=attachments)
    raw = as_mime(message)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert set(mail.keys()) == HEADERS
    assert [a.addr_spec for a in mail["To"].addresses] == ["ada@example.com"]
    assert [a.addr_spec for a in mail["From"].addresses] == ["help@northlight.example"]
    assert b"\r\nBcc:" not in raw.partition(b"\r\n\r\n")[0]


# Chance finds addresses, too: somebody at a host with a dot in its name, and nothing besides.
AN_ADDRESS = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")


def test_the_shortest_address_is_one() -> None:
    assert str(parsed(replace(PLAIN, to="0@0.0"))["To"]) == "0@0.0"


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=60).map(lambda s: f"ada{s}@example.com\r\nBcc: eve@evil.example")
    | NASTY.filter(lambda text: not AN_ADDRESS.fullmatch(text.strip()))
)
def test_a_recipient_that_is_no_plain_address_is_refused(to: str) -> None:
    with pytest.raises(BadAddress):
        as_mime(replace(PLAIN, to=to))


class FakeSes:
    """Takes mails as SES does, or fails as it does."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble, self.sent = trouble, []

    def send_email(self, **call: Any) -> dict[str, str]:
        if self.trouble:
            raise self.trouble
        self.sent.append(call)
        return {"MessageId": "0100"}


def mailer(ses: FakeSes) -> SesMailer:
    made = SesMailer("eu-west-1")
    made.__dict__["_client"] = ses
    return made


def failing(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "vendor text"}}, "SendEmail")


def test_the_envelope_names_just_the_one_recipient_and_the_support_address() -> None:
    ses = FakeSes()
    assert mailer(ses).send(PLAIN) == "0100"
    (call,) = ses.sent
    assert call["Destination"] == {"ToAddresses": ["ada@example.com"]}
    assert call["FromEmailAddress"] == "help@northlight.example"


@pytest.mark.parametrize(
    ("trouble", "named"),
    [
        (failing("MessageRejected"), MailRefused),
        (failing("MailFromDomainNotVerifiedException"), MailRefused),
        (failing("BadRequestException"), MailRefused),
        (failing("TooManyRequestsException"), MailUnavailable),
        (failing("SendingPausedException"), MailUnavailable),
        (failing("InternalFailure"), MailUnavailable),
        (ConnectTimeoutError(endpoint_url="https://email.example"), MailUnavailable),
    ],
)
def test_troubles_are_named_by_whether_trying_again_helps(trouble: Exception, named: type[Exception]) -> None:
    with pytest.raises(named) as raised:
        mailer(FakeSes(trouble)).send(PLAIN)
    assert "vendor text" not in str(raised.value)


def test_a_recipient_nobody_can_write_to_is_refused_without_a_call() -> None:
    ses = FakeSes()
    with pytest.raises(MailRefused):
        mailer(ses).send(replace(PLAIN, to="ada@exаmple"))
    assert ses.sent == []
