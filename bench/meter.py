"""What DynamoDB is asked by the portal of the local stack, which runs in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chalicelib.storage import dynamodb


@dataclass
class Meter:
    """Names of the calls, and the units DynamoDB says they cost."""

    names: list[str] = field(default_factory=list)
    read: float = 0.0
    written: float = 0.0

    def ask(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """Let DynamoDB say what each call costs."""
        self.names.append(model.name)
        params["ReturnConsumedCapacity"] = "TOTAL"

    def add(self, model: Any, parsed: dict[str, Any], **_: Any) -> None:
        """Reads and writes apart."""
        spent = parsed.get("ConsumedCapacity") or []
        units = sum(part["CapacityUnits"] for part in ([spent] if isinstance(spent, dict) else spent))
        if model.name in {"GetItem", "Query", "BatchGetItem", "Scan"}:
            self.read += units
        else:
            self.written += units


@contextmanager
def counted() -> Iterator[Meter]:
    """Count while inside."""
    meter, events = Meter(), dynamodb.client().meta.events
    events.register("provide-client-params.dynamodb", meter.ask)
    events.register("after-call.dynamodb", meter.add)
    try:
        yield meter
    finally:
        events.unregister("provide-client-params.dynamodb", meter.ask)
        events.unregister("after-call.dynamodb", meter.add)
