"""When customers may cancel by themselves, and the reasons they can choose from: in the merchant's words, checked.

Everything wrong is refused here, when settings are written; nothing is left to find out when a customer cancels.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct

# https://docs.stripe.com/api/subscriptions/object#subscription_object-cancellation_details-feedback
FEEDBACK = {
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
}
# Old prices and products can bear any id their merchant chose.
STRIPE_ID = re.compile(r"[\w.\-:]{1,255}", re.ASCII)
MOST_PERIODS = 1200
MOST_REASONS = 30
LONGEST_REASON = 100
CHOICES = "allowed, on_request, {after_periods: 6} or {from: 2027-01-31}"


class CancelRule(Struct, frozen=True):
    """When what has this price or product (`of`, a Stripe id) may be canceled by its customer.

    `after_periods`: once so many billing periods were paid. `not_before`: from that day on ("2027-01-31", in the
    merchant's time zone). `on_request`: never here. None of them: at any time.
    """

    of: str
    after_periods: int = 0
    not_before: str = ""
    on_request: bool = False

    def __post_init__(self) -> None:
        if not STRIPE_ID.fullmatch(self.of):
            raise ValueError(f"cancel_rules: “{self.of}” is not the id of a price or product")
        if not 0 <= self.after_periods <= MOST_PERIODS:
            raise ValueError(f"cancel_rules: {self.of}: after_periods must be between 1 and {MOST_PERIODS}")
        if self.not_before and not _is_date(self.not_before):
            raise ValueError(f"cancel_rules: {self.of}: from must be a date like 2027-01-31")


class CancelReason(Struct, frozen=True):
    """One reason to choose, and the value of Stripe's own list it stands for ("" for none)."""

    words: str
    feedback: str = ""

    def __post_init__(self) -> None:
        if not 0 < len(self.words) <= LONGEST_REASON:
            raise ValueError(f"cancel_reasons: “{self.words}” must have 1 to {LONGEST_REASON} letters")
        if self.feedback and self.feedback not in FEEDBACK:
            known = ", ".join(sorted(FEEDBACK))
            raise ValueError(f"cancel_reasons: {self.words}: Stripe has no “{self.feedback}”, only {known}")


REASONS = (
    CancelReason("Too expensive", "too_expensive"),
    CancelReason("I don’t use it enough", "unused"),
    CancelReason("Something is missing", "missing_features"),
    CancelReason("The quality isn’t what I expected", "low_quality"),
    CancelReason("I found something else", "switched_service"),
    CancelReason("It’s too complicated", "too_complex"),
    CancelReason("I wasn’t helped well", "customer_service"),
    CancelReason("Another reason", "other"),
)


def rules(plain: Any) -> tuple[CancelRule, ...]:
    """`cancel_rules` as written in the settings file: id → rule. Raises ValueError that names what is wrong."""
    if not isinstance(plain or {}, Mapping):
        raise ValueError("cancel_rules must be a list of lines like “price_123: on_request”")
    return tuple(_rule(str(of), given) for of, given in (plain or {}).items())


def reasons(plain: Any) -> tuple[CancelReason, ...]:
    """`cancel_reasons` as written in the settings file, in order: words, or “words: Stripe's value”.

    None is our own list, an empty one asks for no choice. Raises ValueError that names what is wrong.
    """
    if plain is None:
        return REASONS
    if not isinstance(plain, list):
        raise ValueError("cancel_reasons must be a list of lines like “- Too expensive: too_expensive”")
    found = tuple(_reason(given) for given in plain)
    if len(found) > MOST_REASONS:
        raise ValueError(f"cancel_reasons: {MOST_REASONS} at most")
    if len({reason.words for reason in found}) < len(found):
        raise ValueError("cancel_reasons: the same words stand there twice")
    return found


def _rule(of: str, given: Any) -> CancelRule:
    if given == "allowed":
        return CancelRule(of)
    if given == "on_request":
        return CancelRule(of, on_request=True)
    if isinstance(given, Mapping) and set(given) == {"after_periods"}:
        periods = given["after_periods"]
        if type(periods) is not int or periods < 1:
            raise ValueError(f"cancel_rules: {of}: after_periods must be between 1 and {MOST_PERIODS}")
        return CancelRule(of, after_periods=periods)
    if isinstance(given, Mapping) and set(given) == {"from"}:
        if not _is_date(str(given["from"])):
            raise ValueError(f"cancel_rules: {of}: from must be a date like 2027-01-31")
        return CancelRule(of, not_before=str(given["from"]))
    raise ValueError(f"cancel_rules: {of}: “{given}” is no rule, write {CHOICES}")


def _reason(given: Any) -> CancelReason:
    if isinstance(given, str):
        return CancelReason(given.strip())
    if isinstance(given, Mapping) and len(given) == 1:
        words, feedback = next(iter(given.items()))
        return CancelReason(str(words).strip(), str(feedback))
    raise ValueError(f"cancel_reasons: “{given}” is no reason, write words, or “words: too_expensive”")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
