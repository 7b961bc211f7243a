"""Where a customer gets a receipt: found among their own bills, frozen at first sight, drawn at first download."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from chalicelib.billing import bills
from chalicelib.billing.facts_bill import Bill
from chalicelib.billing.ports import Mirror
from chalicelib.errors import NotFound
from chalicelib.receipts import issue
from chalicelib.receipts.from_bill import from_bill, merchant_block
from chalicelib.receipts.receipt import Receipt, version_of
from chalicelib.settings.merchant import Settings


class Counter(Struct, frozen=True):
    """Hands out receipts of the holders a visit may see. All methods raise NotFound for any other id."""

    mirror: Mirror
    records: issue.ReceiptRecords
    vault: issue.Vault
    settings: Callable[[], Settings]

    def read(self, holders: Sequence[str], receipt_id: str) -> Receipt:
        """The receipt's data as issued, freezing it now if it never was."""
        key, version, make = self._found(holders, receipt_id)
        return issue.frozen(key, version, make, self.records)

    def link(self, holders: Sequence[str], receipt_id: str) -> str:
        """An address that downloads the PDF for 60 seconds; draws and stores it first if that was never done."""
        key, version, make = self._found(holders, receipt_id)
        issued = issue.issue(key, version, make, self.records, self.vault)
        return self.vault.link(issued.key, issued.filename)

    def _found(self, holders: Sequence[str], receipt_id: str) -> tuple[str, str, Callable[[], Receipt]]:
        parsed = bills.parse_receipt_ref(receipt_id)
        if parsed is None:
            raise NotFound
        bill_id, ordinal = parsed
        bill = self._bill(holders, bill_id)
        payment = bills.receipt_payment(bill, ordinal)
        if bills.receipt_ref(bill, payment) != receipt_id:
            raise NotFound
        version = version_of(bills.refunded_of(payment) if payment else 0)
        return f"{bill.id}-{ordinal}", version, lambda: self._receipt(bill, ordinal)

    def _bill(self, holders: Sequence[str], bill_id: str) -> Bill:
        for holder in holders:
            bill = self.mirror.bill(holder, bill_id)
            if bill:
                return bill
        raise NotFound

    def _receipt(self, bill: Bill, ordinal: int) -> Receipt:
        settings = self.settings()
        merchant = merchant_block(settings, settings.brand.logo or None)
        return from_bill(bill, ordinal, merchant, settings.locale, settings.time_zone)
