"""Many customers at once: copies of one, with all that belongs to them, under new ids and without events."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from local.stripe.store import random_text

if TYPE_CHECKING:
    from local.stripe.store import World

SHARED = {"coupon", "event", "price", "product", "promotion_code", "tax_rate", "webhook_endpoint"}
LETTERS = 8


def make(world: World, customer: str, times: int) -> list[str]:
    """Copy a customer so often. Gives the new customers' ids; their e-mail addresses carry the end of the id."""
    belonging = _belonging(world, customer)
    text = json.dumps([[world.objects[id], world.hidden(id)] for id in belonging])
    due = [(kind, id, moment) for (kind, id), moment in world.schedule.items() if id in belonging]
    ids = re.compile("|".join(map(re.escape, belonging)))
    made = []
    for _ in range(times):
        end = random_text(LETTERS)
        for obj, hidden in json.loads(ids.sub(lambda found, end=end: found[0] + end, text)):  # type: ignore[misc]
            if obj["object"] == "customer" and obj["email"]:
                obj["email"] = f"{end}-{obj['email']}".lower()
            world.put(obj, hidden)
        for kind, id, moment in due:
            world.schedule[kind, id + end] = moment
        made.append(customer + end)
    world.dirty = True
    return made


def _belonging(world: World, customer: str) -> list[str]:
    """Ids of the customer and of every object that names one of theirs, longest first."""
    world.get("customer", customer)
    texts = {id: json.dumps(obj) for id, obj in world.objects.items() if obj["object"] not in SHARED}
    found: set[str] = set()
    new: Any = {customer}
    while new:
        found |= new
        names = re.compile("|".join(f'"{re.escape(id)}"' for id in new))
        new = {id for id, text in texts.items() if id not in found and names.search(text)}
    return sorted(found, key=lambda id: (-len(id), id))
