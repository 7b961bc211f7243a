"""Receipts as they were issued: each written once, in DynamoDB, and never changed."""

from pynamodb.attributes import BinaryAttribute
from pynamodb.exceptions import DoesNotExist, PutError

from chalicelib.receipts.receipt import Receipt
from chalicelib.storage.packing import pack, unpack
from chalicelib.storage.table import Row, lost_a_condition, storage_errors


class ReceiptRow(Row):
    """One frozen receipt."""

    data = BinaryAttribute(legacy_encoding=False)


class DynamoReceipts:
    """ReceiptRecords (see `receipts/issue.py`) over the one table."""

    def freeze(self, key: str, receipt: Receipt) -> Receipt:
        """One conditional put; whoever comes second gets the first one's."""
        try:
            with storage_errors():
                ReceiptRow(*_key(key), data=pack(receipt)).save(condition=ReceiptRow.pk.does_not_exist())
        except PutError as error:
            if not lost_a_condition(error):
                raise
            return self.get(key) or receipt
        return receipt

    def get(self, key: str) -> Receipt | None:
        """One strongly consistent read."""
        try:
            with storage_errors():
                return unpack(ReceiptRow.get(*_key(key), consistent_read=True).data, Receipt)
        except DoesNotExist:
            return None


def _key(key: str) -> tuple[str, str]:
    return f"RECEIPT#{key}", "RECEIPT"
