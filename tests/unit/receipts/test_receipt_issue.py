"""Issuing: frozen at the first issue, drawn once per version, redrawn byte for byte."""

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.receipts.issue import frozen, issue
from chalicelib.receipts.pdf import UnknownLayout
from chalicelib.receipts.receipt import Receipt, Refund, Status, status_of, version_of
from tests.fakes.receipts import MemoryRecords, MemoryVault
from tests.unit.receipts.receipt_examples import DAY, NOON, NORTHLIGHT, a_logo, a_receipt, everything, words


@pytest.fixture
def records():
    return MemoryRecords()


@pytest.fixture
def vault():
    return MemoryVault()


def refuse() -> Receipt:
    raise AssertionError("an issued receipt must not be made again")


def test_the_first_issue_draws_the_receipt_and_puts_it_into_the_vault(records, vault):
    issued = issue("in_1-1", "paid", a_receipt, records, vault)
    assert issued.number == "NL-0042"
    assert issued.filename == "Receipt-NL-0042.pdf"
    assert issued.key == "receipts/in_1-1/paid.pdf"
    assert vault.types == {issued.key: "application/pdf"}
    assert "Receipt NL-0042" in words(vault.files[issued.key])


def test_a_second_issue_neither_makes_nor_draws_anything(records, vault):
    first = issue("in_1-1", "paid", a_receipt, records, vault)
    assert issue("in_1-1", "paid", refuse, records, vault) == first
    assert vault.puts == [first.key]


def test_a_lost_file_is_redrawn_byte_for_byte_though_name_brand_and_logo_have_changed_since(records, vault):
    vault.put("logos/old.png", a_logo(), "image/png")
    branded = a_receipt(merchant=replace(NORTHLIGHT, logo_key="logos/old.png"))
    issued = issue("in_1-1", "paid", lambda: branded, records, vault)
    vault.put("logos/new.png", a_logo(100, 100), "image/png")
    lost = vault.lose(issued.key)
    renamed = a_receipt(merchant=replace(NORTHLIGHT, name="Southlight", colour="#000000", logo_key="logos/new.png"))
    assert issue("in_1-1", "paid", lambda: renamed, records, vault) == issued
    assert vault.files[issued.key] == lost


def test_a_refund_makes_another_version_and_the_first_one_stays(records, vault):
    paid = issue("in_1-1", version_of(0), a_receipt, records, vault)
    before = vault.files[paid.key]
    refund = (Refund(1900, NOON + DAY),)
    given_back = a_receipt(status=status_of(4900, refund), refunds=refund)
    refunded = issue("in_1-1", version_of(1900), lambda: given_back, records, vault)
    assert refunded.number == paid.number
    assert refunded.key != paid.key
    assert vault.files[paid.key] == before
    assert "Refunded on 15 November 2026 −$19.00" in words(vault.files[refunded.key])


def test_of_two_first_issues_at_once_the_one_stored_first_is_what_both_give_out(vault):
    class Overtaken(MemoryRecords):
        def freeze(self, key: str, receipt: Receipt) -> Receipt:
            super().freeze(key, a_receipt(number="NL-FIRST"))
            return super().freeze(key, receipt)

    issued = issue("in_1-1", "paid", a_receipt, Overtaken(), vault)
    assert issued.number == "NL-FIRST"
    assert "Receipt NL-FIRST" in words(vault.files[issued.key])


def test_page_and_pdf_show_the_same_frozen_receipt(records, vault):
    shown = frozen("in_1-1", "paid", everything, records)
    issue("in_1-1", "paid", refuse, records, vault)
    assert shown == everything()


def test_a_logo_gone_from_the_vault_costs_the_picture_not_the_receipt(records, vault):
    receipt = a_receipt(merchant=replace(NORTHLIGHT, logo_key="logos/gone.png"))
    issued = issue("in_1-1", "paid", lambda: receipt, records, vault)
    assert words(vault.files[issued.key]).startswith("N Northlight Studio")


def test_a_receipt_issued_by_a_newer_release_is_refused_and_nothing_is_stored(records, vault):
    with pytest.raises(UnknownLayout):
        issue("in_1-1", "paid", lambda: a_receipt(layout_version=2), records, vault)
    assert vault.files == {}


@pytest.mark.parametrize(
    ("number", "filename"), [("NL 42/7", "Receipt-NL-42-7.pdf"), ("Ω\r\nX: y", "Receipt--X-y.pdf")]
)
def test_a_filename_holds_only_letters_every_system_takes(records, vault, number, filename):
    assert issue("in_1", "paid", lambda: a_receipt(number=number), records, vault).filename == filename


def test_a_record_reads_back_as_it_was_written_and_old_records_lack_nothing():
    assert msgspec.json.decode(msgspec.json.encode(everything()), type=Receipt) == everything()
    needed = ("number", "status", "issued_at", "currency", "merchant", "customer", "lines", "subtotal", "total")
    kept = msgspec.json.decode(msgspec.json.encode(a_receipt()))
    old = {name: value for name, value in kept.items() if name in (*needed, "amount_paid")}
    assert msgspec.json.decode(msgspec.json.encode(old), type=Receipt).layout_version == 1


@pytest.mark.parametrize(
    ("paid", "refunds", "outside", "status"),
    [
        (4900, (), False, Status.PAID),
        (4900, (), True, Status.PAID_OUTSIDE),
        (0, (), False, Status.NO_PAYMENT_DUE),
        (4900, (100,), False, Status.PARTLY_REFUNDED),
        (4900, (100, 4800), False, Status.REFUNDED),
        (4900, (4900,), True, Status.REFUNDED),
    ],
)
def test_the_status_word_follows_the_money(paid, refunds, outside, status):
    assert status_of(paid, [Refund(amount) for amount in refunds], outside) is status


def test_versions_are_named_by_what_was_given_back():
    assert [version_of(0), version_of(1900), version_of(4900)] == ["paid", "refunded-1900", "refunded-4900"]
