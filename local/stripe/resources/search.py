"""Customer search. https://docs.stripe.com/search

Built for `field:'value'` clauses joined by AND or by OR; it lags behind and is refused in some regions,
which the control API can bring about.
"""

from __future__ import annotations

import re
from typing import Any

from local.stripe.errors import invalid
from local.stripe.params import filled, whole
from local.stripe.store import Object, World
from local.stripe.wire import route

_CLAUSE = re.compile(
    r"""(email|name|phone|metadata\[(?:'|")[^'"]+(?:'|")\]):(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")"""
)
_ACCEPTS = {"query": filled, "limit": whole(1, 100), "page": filled}


@route("GET", "/v1/customers/search", _ACCEPTS, ("query",))
def customers(world: World, params: dict[str, Any]) -> Object:
    """Customers whose fields equal the words asked for, whatever the case."""
    settings = world.settings.get("search", {"available": True, "lag": 0})
    if not settings["available"]:
        raise invalid("The search feature is temporarily unavailable in your region. Please use list instead.")
    clauses, every = _read(params["query"])
    join = all if every else any
    found = [
        customer
        for customer in world.of("customer")
        if customer["created"] <= world.now() - settings["lag"]
        and join(_value(customer, name).lower() == word for name, word in clauses)
    ]
    start = int(params["page"]) if params.get("page", "").isdigit() else 0
    end = start + params.get("limit", 10)
    more = len(found) > end
    return {
        "object": "search_result",
        "data": found[start:end],
        "has_more": more,
        "next_page": str(end) if more else None,
        "url": "/v1/customers/search",
    }


def _read(query: str) -> tuple[list[tuple[str, str]], bool]:
    """The clauses, and whether all must hold."""
    clauses, joints, position = [], set(), 0
    while match := _CLAUSE.match(query, position):
        word = match[2] if match[2] is not None else match[3]
        clauses.append((match[1], re.sub(r"\\(.)", r"\1", word).lower()))
        joint = re.compile(r"\s+(AND|OR)\s+|\s+", re.IGNORECASE).match(query, match.end())
        position = joint.end() if joint else match.end()
        if joint:
            joints.add((joint[1] or "AND").upper())
    if not clauses or position != len(query) or len(joints) > 1:
        raise invalid(
            'We were unable to parse your search query. Try using the format `metadata["key"]:"value"` to query for '
            'metadata or key:"value" to query for other fields.',
            "query",
        )
    return clauses, "OR" not in joints


def _value(customer: Object, name: str) -> str:
    if name.startswith("metadata"):
        return str(customer["metadata"].get(name[10:-2], ""))
    return customer[name] or ""
