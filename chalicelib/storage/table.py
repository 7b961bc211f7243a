"""The one table: keys, indexes, the models' connection, and how DynamoDB's own errors become ours.

All models inherit `Row`, so PynamoDB keeps a single connection for all of them, and it uses the shared client.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PynamoDBException, TransactWriteError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection, LocalSecondaryIndex
from pynamodb.models import Model

from chalicelib.config import Config
from chalicelib.errors import Busy
from chalicelib.storage import dynamodb
from chalicelib.storage.dynamodb import THROTTLED

Found = TypeVar("Found", bound="Row")


class DueIndex(GlobalSecondaryIndex["Row"]):
    """Sparse: pending work of one kind, ordered by when it falls due."""

    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_kind = UnicodeAttribute(hash_key=True)
    due = NumberAttribute(range_key=True)


class ItemIndex(LocalSecondaryIndex["Row"]):
    """Sparse: the bills of one subscription, plan or order of a holder, ordered by time; strongly readable."""

    class Meta:
        index_name = "item"
        projection = AllProjection()

    pk = UnicodeAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)


class MomentIndex(LocalSecondaryIndex["Row"]):
    """Sparse: all bills of a holder, ordered by time; strongly readable."""

    class Meta:
        index_name = "moment"
        projection = AllProjection()

    pk = UnicodeAttribute(hash_key=True)
    moment = UnicodeAttribute(range_key=True)


class Row(Model):
    """What every record has. `ttl` only sweeps; expiry is always compared by our own clock."""

    class Meta:
        table_name: str | None = None
        region = "us-east-1"
        host: str | None = None
        billing_mode = "PAY_PER_REQUEST"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    due_kind = UnicodeAttribute(null=True)
    due = NumberAttribute(null=True)
    item = UnicodeAttribute(null=True)
    moment = UnicodeAttribute(null=True)
    ttl = TTLAttribute(null=True)
    due_index = DueIndex()
    item_index = ItemIndex()
    moment_index = MomentIndex()


def connect(config: Config) -> None:
    """Point all models at this stack's table. Makes no call."""
    dynamodb.connect(config)
    Row.Meta.table_name = config.table
    Row.Meta.region = config.region
    Row.Meta.host = config.aws_endpoint or None
    Row.get_operation_kwargs_from_class("", "")
    # PynamoDB has no public way to be given a client; a second one costs 60 ms of a cold start
    Row._get_connection().connection._client = dynamodb.client()


def transaction_connection() -> Any:
    """The shared connection, for `TransactWrite(connection=…)`."""
    return Row._get_connection().connection


def get(model: type[Found], pk: str, sk: str) -> Found | None:
    """One row as it is now (strongly consistent), or None."""
    try:
        with storage_errors():
            return model.get(pk, sk, consistent_read=True)
    except DoesNotExist:
        return None


@contextmanager
def storage_errors() -> Iterator[None]:
    """Throttling and lost connections that outlasted the client's retries become Busy; all else stays what it is."""
    try:
        yield
    except (PynamoDBException, BotoCoreError, ClientError) as error:
        cause = error.cause if isinstance(error, PynamoDBException) else error
        if isinstance(cause, BotoCoreError) or _codes(error) & THROTTLED:
            raise Busy from error
        raise


def lost_a_condition(error: PynamoDBException) -> bool:
    """True when a conditional write was refused by its condition or by a concurrent transaction."""
    if isinstance(error, TransactWriteError):
        reasons = error.cancellation_reasons or []
        return any(r and r.code in {"ConditionalCheckFailed", "TransactionConflict"} for r in reasons)
    return error.cause_response_code in {"ConditionalCheckFailedException", "TransactionConflictException"}


def _codes(error: Exception) -> set[str | None]:
    if isinstance(error, TransactWriteError) and error.cancellation_reasons:
        return {reason.code for reason in error.cancellation_reasons if reason}
    if isinstance(error, PynamoDBException):
        return {error.cause_response_code}
    return {error.response["Error"].get("Code")} if isinstance(error, ClientError) else set()
