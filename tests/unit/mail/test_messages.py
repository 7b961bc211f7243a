"""What a sign-in mail says, in both of its parts."""

import re
from html import unescape

import pytest
from msgspec.structs import replace

from chalicelib.mail import messages
from chalicelib.mail.mailer import Message
from chalicelib.settings.logo import key_of
from chalicelib.settings.merchant import Brand, Company
from tests.fakes.access import LANDING, NORTHLIGHT

TOKEN = "t0ken-" + "x" * 37
LINK = f"{LANDING}#{TOKEN}"


@pytest.fixture
def mail() -> Message:
    return messages.sign_in_link(NORTHLIGHT, "ada@example.com", LINK, "012345", 15)


def test_it_comes_from_the_merchants_support_address_under_the_merchants_name(mail: Message) -> None:
    assert (mail.from_name, mail.from_address) == ("Northlight Studio", "help@northlight.example")
    assert mail.subject == "Your sign-in link for Northlight Studio"
    assert mail.to == "ada@example.com"


def test_both_parts_carry_link_and_code_and_say_how_long_they_work(mail: Message) -> None:
    assert f"\n{LINK}\n" in mail.text
    assert f'href="{LINK}"' in mail.html
    for part in (mail.text, unescape(re.sub(r"<[^>]+>", " ", mail.html))):
        assert "012 345" in part
        assert "15 minutes" in part
        assert "Northlight Studio" in part
        assert "12 Harbour Lane" in part
        assert "help@northlight.example" in part


def test_neither_link_nor_code_stand_in_the_subject_or_before_the_fragment(mail: Message) -> None:
    assert TOKEN not in mail.subject
    assert "012" not in mail.subject
    for link in re.findall(r"https?://[^\s\"<>]+", mail.text + mail.html):
        assert TOKEN not in link.partition("#")[0]


def test_the_code_is_the_first_number_of_six_digits_a_reader_meets(mail: Message) -> None:
    found = re.search(r"\b\d{3} ?\d{3}\b", mail.text)
    assert found
    assert found[0] == "012 345"


def test_nothing_in_the_mail_is_loaded_from_elsewhere(mail: Message) -> None:
    assert "<script" not in mail.html
    assert "<link" not in mail.html
    assert "src=" not in mail.html


def test_a_logo_is_shown_by_its_full_address() -> None:
    logo = key_of(b"\x89PNG\r\n\x1a\npixels")
    branded = replace(NORTHLIGHT, brand=Brand("#4f46e5", logo), public_url="https://x.example/api")
    mail = messages.sign_in_link(branded, "ada@example.com", LINK, "012345", 15)
    assert f'src="https://x.example/api/{logo}"' in mail.html


@pytest.mark.parametrize(("colour", "on"), [("#ffffff", "#000"), ("#4f46e5", "#fff"), ("#ffd400", "#000")])
def test_words_on_the_merchants_colour_can_be_read(colour: str, on: str) -> None:
    branded = replace(NORTHLIGHT, brand=Brand(colour))
    html = messages.sign_in_link(branded, "ada@example.com", LINK, "012345", 15).html
    assert re.search(rf"background:{colour};color:{on}(?:000|fff)?;", html)


def test_a_merchants_name_is_never_taken_for_markup() -> None:
    odd = replace(NORTHLIGHT, company=Company("<b>Bits & Bobs</b>", "help@northlight.example", ("<i>Lane</i>",)))
    mail = messages.sign_in_link(odd, "ada@example.com", LINK, "012345", 15)
    assert "<b>" not in mail.html
    assert "<i>" not in mail.html
    assert "&lt;b&gt;Bits &amp; Bobs" in mail.html
    assert "<b>Bits & Bobs</b>" in mail.text
    assert mail.subject == "Your sign-in link for <b>Bits & Bobs</b>"
