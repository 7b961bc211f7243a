"""Issuing receipts: freeze the data once, draw it once, and draw it again the same if the file is lost."""

import re
from collections.abc import Callable
from typing import Final, Protocol

from msgspec import Struct

from chalicelib.receipts.pdf import draw
from chalicelib.receipts.receipt import Receipt

LINK_SECONDS: Final = 60
NOT_IN_A_FILENAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


class Vault(Protocol):
    """Files by key, private, handed out by links that soon stop working."""

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store the file, in place of what is there."""

    def exists(self, key: str) -> bool:
        """Whether there is such a file."""

    def get(self, key: str) -> bytes | None:
        """The file, or None."""

    def link(self, key: str, filename: str, seconds: int = LINK_SECONDS) -> str:
        """An address that lets anyone download the file under `filename` for so many seconds."""


class ReceiptRecords(Protocol):
    """Receipts as they were issued, each written once and never changed."""

    def freeze(self, key: str, receipt: Receipt) -> Receipt:
        """Keep the receipt unless one is kept under the key, in one conditional write; give the one kept."""

    def get(self, key: str) -> Receipt | None:
        """The receipt kept under the key, or None."""


class IssuedReceipt(Struct, frozen=True):
    """Where an issued receipt lies in the vault, and what to call it when it is downloaded."""

    number: str
    key: str

    @property
    def filename(self) -> str:
        """A name every file system takes: "Receipt-NL-0042.pdf"."""
        return f"Receipt-{NOT_IN_A_FILENAME.sub('-', self.number)}.pdf"


def issue(
    payment_key: str, version: str, make: Callable[[], Receipt], records: ReceiptRecords, vault: Vault
) -> IssuedReceipt:
    """Give the receipt of a payment, drawing it if the vault has none.

    `version` names what had happened to the payment (`receipt.version_of`): a refund makes another version, and the
    earlier one stays. `make` is asked only at the first issue; from then on the frozen record alone decides.
    Raises UnknownLayout when a newer release issued it.
    """
    receipt = frozen(payment_key, version, make, records)
    key = f"receipts/{payment_key}/{version}.pdf"
    if not vault.exists(key):
        vault.put(key, draw(receipt, _logo(receipt, vault)), "application/pdf")
    return IssuedReceipt(receipt.number, key)


def frozen(payment_key: str, version: str, make: Callable[[], Receipt], records: ReceiptRecords) -> Receipt:
    """The receipt as issued, freezing it now if it never was: what its web page shows and its PDF is drawn from."""
    key = f"{payment_key}/{version}"
    return records.get(key) or records.freeze(key, make())


def _logo(receipt: Receipt, vault: Vault) -> bytes | None:
    # A logo lost from the vault costs the picture, never the receipt.
    return vault.get(receipt.merchant.logo_key) if receipt.merchant.logo_key else None
