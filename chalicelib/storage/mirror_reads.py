"""Reading the mirror: no models, for these are the reads of every page."""

from chalicelib.billing.facts import Home
from chalicelib.billing.facts_bill import Bill
from chalicelib.storage.dynamodb import client, get, storage_errors, table_name
from chalicelib.storage.packing import unpack


class MirrorReads:
    """What a page needs of the Mirror (see `billing/reading.py`)."""

    def home(self, holder: str, fresh: bool = False) -> Home | None:
        """One GetItem by the shared client, no model."""
        return load(holder, fresh)[0]

    def bill(self, holder: str, bill: str) -> Bill | None:
        """One GetItem, of this holder's partition only."""
        item = get(holder_key(holder), f"BILL#{bill}", strong=False)
        return unpack(item["data"]["B"], Bill) if item else None

    def history(self, holder: str, item: str = "", before: str = "", limit: int = 25) -> tuple[tuple[Bill, ...], str]:
        """One Query on the index by item or by time."""
        index, name = ("item", "item") if item else ("moment", "moment")
        low = f"{item}#" if item else "0"
        high = before or (f"{item}#~" if item else "~")
        with storage_errors():
            answer = client().query(
                TableName=table_name(),
                IndexName=index,
                KeyConditionExpression="pk = :pk AND #sort BETWEEN :low AND :high",
                ExpressionAttributeNames={"#sort": name},
                ExpressionAttributeValues={":pk": {"S": holder_key(holder)}, ":low": {"S": low}, ":high": {"S": high}},
                ScanIndexForward=False,
                Limit=limit + 1 + bool(before),
            )
        rows = [row for row in answer["Items"] if row[name]["S"] != before]
        bills = tuple(unpack(row["data"]["B"], Bill) for row in rows[:limit])
        return bills, rows[limit - 1][name]["S"] if len(rows) > limit else ""


def holder_key(holder: str) -> str:
    """Partition of a holder."""
    return f"HOLDER#{holder}"


def load(holder: str, strong: bool) -> tuple[Home | None, int, str, str]:
    """HOME, its version, and the names of the cards and bills that have rows beside it."""
    item = get(holder_key(holder), "HOME", strong)
    if not item:
        return None, 0, "", ""
    watched, failing = (item.get(name, {}).get("S", "") for name in ("watched", "failing"))
    return unpack(item["data"]["B"], Home), int(item["version"]["N"]), watched, failing
