"""Any text can be printed: what the fonts lack is simplified or marked, never a crash, never a lie."""

from pathlib import Path
from unicodedata import category, normalize

import pytest
from fontTools.ttLib import TTFont
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.receipts import pdf
from chalicelib.receipts.printable import MARK, printable
from chalicelib.receipts.receipt import CustomerBlock, Line
from tests.unit.receipts.receipt_examples import a_receipt, words

FILES = {path.stem: TTFont(path).getBestCmap().keys() for path in Path(pdf.FONTS).glob("*.ttf")}
WIDE = FILES["inter-wide-regular"]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Anna\u202egnp.exe", "Annagnp.exe"),
        ("\u2067Zoë\u2069 \u200bMay\ufeff", "Zoë May"),
        ("line\r\nbreak\ttab\x00\x1b[31m", "line break tab[31m"),
        ("Zoe\u0308", "Zoë"),
        ("Ａｄａ ﬁnds ㎏", "Ada finds kg"),
        ("x\u0327\u0301", "x"),
        ("山田 Ada", f"{MARK}{MARK} Ada"),
        ("مرحبا", MARK * 5),
        ("Ada 🎉\ufe0f", f"Ada {MARK}"),
        ("half \ud83d", "half"),
        ("  ", ""),
        ("{nb} (a) \\ %%EOF", "{nb} (a) \\ %%EOF"),
    ],
)
def test_what_is_printed_of_a_text(text, printed):
    assert printable(text, WIDE) == printed


@given(ANY_TEXT)
def test_only_known_characters_are_printed_and_printing_again_changes_nothing(text):
    printed = printable(text, WIDE)
    assert all(ord(character) in WIDE for character in printed)
    assert printable(printed, WIDE) == printed


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT, ANY_TEXT)
@example("\ud800", "\u202e)\\(")
@example("{nb}" * 200, "W" * 3000)
@example("山" * 500, " ".join("Łódź" for _ in range(300)))
def test_a_receipt_with_any_texts_is_drawn_and_its_sum_stays_readable(name, description):
    customer = CustomerBlock(name, "ada@marlowe.example", (description,), (name,))
    receipt = a_receipt(customer=customer, lines=(Line(description, 4900),), notes=(name,), method=description)
    text = words(pdf.draw(receipt, None))
    assert "ada@marlowe.example" in text
    assert "Amount paid $49.00" in text


@settings(max_examples=20, deadline=None)
@given(ANY_TEXT)
def test_a_merchant_with_any_name_is_drawn(name):
    merchant = a_receipt().merchant.__class__(name, (name,), name, name)
    assert "Amount paid $49.00" in words(pdf.draw(a_receipt(merchant=merchant, number=name), None))


def test_every_letter_of_the_fonts_prints_and_is_read_back():
    own = [
        chr(code) for code in sorted(WIDE) if normalize("NFC", chr(code)) == chr(code) and category(chr(code)) != "Zs"
    ]
    chunks = ["".join(own[start : start + 40]) for start in range(0, len(own), 40)]
    text = words(pdf.draw(a_receipt(lines=tuple(Line(chunk, 100) for chunk in chunks)), None))
    assert len(own) > 1300
    assert [chunk for chunk in chunks if chunk not in text] == []


def test_both_weights_hold_the_same_characters_and_the_small_files_what_their_rule_promises():
    assert FILES["inter-wide-semibold"] == WIDE
    assert FILES["inter-basic-semibold"] == FILES["inter-basic-regular"]
    assert {code for code in WIDE if not 0xFF < code < 0x2000} == FILES["inter-basic-regular"]


def test_the_fonts_hold_what_receipts_in_europe_need():
    needed = {*range(0x20, 0x7F), *range(0xA1, 0x180), *range(0x410, 0x450), *range(0x391, 0x3A2), *range(0x3B1, 0x3CA)}
    needed |= {ord(sign) for sign in "•–—’“”…−€₽₴₺₹₩₪₫₱₦₸№□"}
    # ŉ is deprecated and 0xAD is a soft hyphen, which is never printed.
    assert needed - WIDE - {0x149, 0xAD} == set()


def test_the_font_licence_travels_with_the_fonts():
    assert "SIL OPEN FONT LICENSE Version 1.1" in (pdf.FONTS / "OFL.txt").read_text()
