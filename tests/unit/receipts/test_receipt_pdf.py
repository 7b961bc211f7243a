"""The receipt as a PDF: its words, its bytes, and what it must never carry."""

import hashlib
import os
import subprocess
import sys
from io import BytesIO
from itertools import product

import pytest
from msgspec.structs import replace
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from chalicelib.receipts.pdf import UnknownLayout, draw
from chalicelib.receipts.receipt import CustomerBlock, Line, Refund, Status
from tests.unit.receipts.receipt_examples import (
    DAY,
    NOON,
    NORTHLIGHT,
    a_logo,
    a_receipt,
    everything,
    many_lines,
    pages,
    words,
)


def test_a_plain_receipt_says_who_paid_whom_what_and_how():
    text = words(draw(a_receipt(), None))
    assert "Receipt NL-0042 $49.00 Paid on 14 November 2026 with Visa •••• 4242" in text
    assert "From Northlight Studio 12 Harbour Lane Bristol BS1 4RW United Kingdom Tax ID GB123456789" in text
    assert "Billed to Ada Marlowe ada@marlowe.example 48 Quay Street" in text
    assert "Number NL-0042 Issued 14 Nov 2026 Paid 14 Nov 2026 Method Visa •••• 4242" in text
    assert "Studio Membership 1 $49.00 $49.00 14 Nov 2026 – 14 Dec 2026 Total $49.00 Amount paid $49.00" in text
    assert "Questions about this payment? Write to help@northlight.example Page 1 of 1" in text
    assert "Subtotal" not in text
    assert "Invoice" not in text


def test_every_figure_of_a_long_story_is_on_one_page():
    text = words(draw(everything(), None))
    assert "£300.00 Partly refunded £20.00 of £300.00; paid on 14 November 2026 with Visa •••• 4242" in text
    assert "Purchase order PO-2026-1187" in text
    assert "Tax ID GB987654321" in text
    assert "Studio Membership, team plan 4 £60.00 £240.00" in text
    assert "Welcome back −£48.00 VAT 20%" in text
    assert "Calls to the archive 26 £0.005 £0.13 VAT 20%" in text
    assert (
        "Subtotal £383.13 Welcome back −£48.00 VAT 20% on £317.13 £63.43 VAT 0% on £18.00 £0.00 Total £398.56"
        " Paid from account balance −£10.00 Paid by other payments −£88.56 Amount paid £300.00"
        " Refunded on 16 November 2026 −£20.00 Paid after refunds £280.00 Thank you for working with us."
    ) in text
    assert "Page 1 of 1" in text


def test_yen_have_no_decimals_and_a_name_the_font_lacks_leaves_marks_beside_a_readable_address():
    customer = CustomerBlock("山田 太郎", "taro@yamada.example")
    receipt = a_receipt(currency="jpy", locale="ja", customer=customer, amount_paid=4900)
    text = words(draw(receipt, None))
    assert "¥4,900 Paid on 14 November 2026" in text
    assert "Billed to □□ □□ taro@yamada.example" in text


def test_dinars_have_three_decimals_and_a_full_refund_says_so():
    receipt = a_receipt(
        number="R-0snN0B15",
        status=Status.REFUNDED,
        currency="kwd",
        lines=(Line("Portrait session", 12340),),
        subtotal=12340,
        total=12340,
        amount_paid=12340,
        refunds=(Refund(12340, NOON + DAY),),
    )
    text = words(draw(receipt, None))
    assert "KWD 12.340 Refunded in full; paid on 14 November 2026" in text
    assert "Description Amount Portrait session KWD 12.340" in text
    assert "Refunded on 15 November 2026 −KWD 12.340 Paid after refunds KWD 0.000" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": Status.NO_PAYMENT_DUE, "amount_paid": 0, "balance_applied": 4900, "paid_at": None, "method": None},
         "$0.00 No payment due covered by the account balance"),
        ({"status": Status.NO_PAYMENT_DUE, "amount_paid": 0, "total": 0, "paid_at": None, "method": None},
         "$0.00 No payment due there was nothing to pay"),
        ({"status": Status.PAID_OUTSIDE, "method": None},
         "$49.00 Paid outside recorded by Northlight Studio on 14 November 2026"),
    ],
)  # fmt: skip
def test_payments_without_money_or_outside_stripe_say_what_they_are(changes, said):
    assert said in words(draw(a_receipt(**changes), None))


def test_many_lines_flow_over_pages_each_named_and_numbered():
    first, second, *more = pages(draw(many_lines(34), None))
    assert not more
    assert "Page 1 of 2" in first
    assert "Receipt NL-0042, continued" in second
    assert "Page 2 of 2" in second
    assert "Amount paid" not in first
    assert "Amount paid 5.100,00 €" in " ".join(second.split())
    for number in range(1, 35):
        assert sum(f"Studio day {number} " in page for page in (first, second)) == 1


LATIN = ("Zoë Brontë", "Łukasz Wiśniewski", "Þórður Guðmundsson", "Đặng Thị Hồng", "Şebnem Yıldız", "Çağla Öztürk")
GREEK = ("Ελένη Παπαδοπούλου", "Γιώργος Ξενάκης", "Ἀριστοτέλης Στάγειρος")
CYRILLIC = ("Олександр Шевченко", "Љубиша Ђорђевић", "Ёлка Щукина", "Ґалина Їжакевич")
PARTICLES = (
    "",
    " de la Cruz",
    " O’Neill",
    " von Ö-Straße",
    " (née Šímová)",
    " Jr.",
    " & Søn",
    " d’Ávila",
    " III",
    " ß",
)
BRANCHES = ("", " – Kraków", " “Été”")
NAMES = [f"{first}{middle}{last}" for first, middle, last in product(LATIN + GREEK + CYRILLIC, PARTICLES, BRANCHES)]


@pytest.mark.parametrize("start", range(0, len(NAMES), 30))
def test_names_in_latin_greek_and_cyrillic_come_back_letter_for_letter(start):
    names = NAMES[start : start + 30]
    text = words(draw(a_receipt(lines=tuple(Line(name, 100) for name in names)), None))
    assert [name for name in names if " ".join(name.split()) + " $1.00" not in text] == []


def test_more_than_two_hundred_names_are_tried():
    assert len(set(NAMES)) > 200


def test_a_name_longer_than_its_column_wraps_at_hyphens_and_loses_nothing():
    name = "Ελένη Παπαδοπούλου-Κωνσταντινίδου-Οικονομοπούλου"
    text = words(draw(a_receipt(customer=CustomerBlock(name)), None))
    assert "Ελένη Παπαδοπούλου- Κωνσταντινίδου- Οικονομοπούλου" in text


def test_drawing_twice_gives_the_same_bytes_whatever_the_process_the_hash_seed_and_the_place():
    script = (
        "import hashlib, tests.unit.receipts.receipt_examples as e; from chalicelib.receipts.pdf import draw\n"
        "print([hashlib.sha256(draw(r, l)).hexdigest() for r, l in"
        " ((e.everything(), e.a_logo()), (e.many_lines(34), None))])"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    here = [hashlib.sha256(draw(r, logo)).hexdigest() for r, logo in ((everything(), a_logo()), (many_lines(34), None))]
    assert printed == {f"{here}\n"}


def test_another_amount_gives_another_file_id():
    ids = [PdfReader(BytesIO(draw(a_receipt(amount_paid=paid), None))).trailer["/ID"] for paid in (4900, 4901)]
    assert ids[0] != ids[1]


def test_the_file_is_small_and_carries_only_the_letters_it_uses():
    assert len(draw(a_receipt(), None)) < 24_000
    assert len(draw(a_receipt(customer=CustomerBlock(GREEK[0])), None)) < 28_000


def test_readers_are_told_the_title_the_language_and_what_is_what():
    reader = PdfReader(BytesIO(draw(everything(), a_logo())))
    assert reader.metadata is not None
    assert reader.metadata.title == "Receipt NL-0043-2 – Northlight Studio"
    assert reader.metadata.author == "Northlight Studio"
    assert reader.metadata.creation_date.timestamp() == NOON + 2 * DAY
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == "en"
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    parts = [part.get_object() for part in catalog["/StructTreeRoot"]["/K"][0].get_object()["/K"]]
    kinds = [part["/S"] for part in parts]
    assert (kinds.count("/H1"), kinds.count("/H2"), kinds.count("/Figure")) == (1, 3, 1)
    assert next(part["/Alt"] for part in parts if part["/S"] == "/Figure") == "Northlight Studio logo"
    # The link has no ink of its own; standing last, it does not shift the numbers readers look the others up by.
    assert kinds[-1] == "/Link"
    assert [part["/K"][0] for part in parts[:-1]] == list(range(len(parts) - 1))


def test_all_that_is_printed_is_either_tagged_or_marked_as_decoration():
    for page in PdfReader(BytesIO(draw(many_lines(34), None))).pages:
        depth = 0
        for line in page.get_contents().get_data().split(b"\n"):
            depth += line.endswith((b"BDC", b"BMC")) - (line == b"EMC")
            assert depth == 1 or not line.endswith((b" ET", b" re f")), line
        assert depth == 0


def test_a_receipt_runs_nothing_and_links_only_to_a_mail_to_support():
    reader = PdfReader(BytesIO(draw(everything(), a_logo())))
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    assert [link["/A"]["/URI"] for link in links] == ["mailto:help@northlight.example"]
    catalog = reader.trailer["/Root"]
    # A place to open at, not an action.
    assert isinstance(catalog["/OpenAction"], ArrayObject)
    forbidden = {"/JavaScript", "/JS", "/Launch", "/AA", "/EmbeddedFile", "/EmbeddedFiles", "/AcroForm", "/RichMedia"}
    found = [resolved for number in range(1, len(reader.xref[0])) if (resolved := reader.get_object(number))]
    dictionaries = [each for each in found if isinstance(each, DictionaryObject)]
    assert dictionaries
    assert not [each for each in dictionaries if forbidden & {*each.keys(), each.get("/S")}]


def test_a_support_address_cannot_smuggle_another_link():
    merchant = replace(NORTHLIGHT, support_email="help@x.example?cc=all@x.example&body=(evil)\\")
    reader = PdfReader(BytesIO(draw(a_receipt(merchant=merchant), None)))
    link = reader.pages[0]["/Annots"][0].get_object()
    assert link["/A"]["/URI"] == "mailto:help@x.example%3Fcc%3Dall@x.example%26body%3D%28evil%29%5C"


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("JPEG", "RGB"), ("JPEG", "CMYK")]
)
def test_a_logo_stands_in_place_of_the_name_and_its_letter(kind, mode):
    pdf = draw(a_receipt(), a_logo(kind=kind, mode=mode))
    assert len(PdfReader(BytesIO(pdf)).pages[0].images) == 1
    assert not words(pdf).startswith("N Northlight")


def test_a_huge_logo_is_made_small_before_it_is_put_in():
    assert len(draw(a_receipt(), a_logo(4000, 2000))) < 40_000


@pytest.mark.parametrize(
    "logo",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", a_logo()[:90], b"GIF89a", a_logo().replace(b"IDAT", b"IDAQ")],
)
def test_a_logo_that_cannot_be_read_gives_way_to_the_name(logo):
    pdf = draw(a_receipt(), logo)
    assert words(pdf).startswith("N Northlight Studio Receipt")


def test_a_colour_that_is_none_gives_way_to_ours():
    plain = draw(a_receipt(merchant=replace(NORTHLIGHT, colour="#4f46e5")), None)
    assert draw(a_receipt(merchant=replace(NORTHLIGHT, colour="red; 1 0 0 rg")), None) == plain


def test_a_layout_of_a_newer_release_is_refused_by_name():
    with pytest.raises(UnknownLayout, match="layout 99"):
        draw(a_receipt(layout_version=99), None)
