"""Where an import stopped: a row in the table it fills.

It lies in the table and not in a file because it says what that table holds: it is there on any computer, and goes when
the table goes.
"""

from dataclasses import dataclass

from chalicelib.storage import dynamodb

KEY = {"pk": {"S": "IMPORT"}, "sk": {"S": "IMPORT"}}


@dataclass
class Mark:
    """The customer of Stripe's list up to whom all is done, how many that are, and how many of them could not be."""

    after: str = ""
    done: int = 0
    failed: int = 0


def read() -> Mark:
    """As it was last written; at the beginning of the list when never."""
    row = dynamodb.get(KEY["pk"]["S"], KEY["sk"]["S"], strong=True)
    return Mark(row["after"]["S"], int(row["done"]["N"]), int(row["failed"]["N"])) if row else Mark()


def write(mark: Mark) -> None:
    """From there the next run goes on."""
    numbers = {"done": {"N": str(mark.done)}, "failed": {"N": str(mark.failed)}}
    item = {**KEY, "after": {"S": mark.after}, **numbers}
    with dynamodb.storage_errors():
        dynamodb.client().put_item(TableName=dynamodb.table_name(), Item=item)


def remove() -> None:
    """The next run begins at the beginning."""
    with dynamodb.storage_errors():
        dynamodb.client().delete_item(TableName=dynamodb.table_name(), Key=KEY)
