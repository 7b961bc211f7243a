"""Why a customer leaves: what they chose and wrote, cleaned. Never asked twice, never a reason to refuse."""

import unicodedata
from collections.abc import Mapping

from msgspec import Struct

from chalicelib.settings.merchant import Settings

LONGEST = 500
BREAKS = {"Cc", "Zl", "Zp"}
UNSEEN = {"Cf", "Cs", "Co"}


class Reason(Struct, frozen=True):
    """For Stripe: `feedback` is a value of its list or "", `comment` what the customer wrote, or the merchant's words.

    https://docs.stripe.com/api/subscriptions/object#subscription_object-cancellation_details
    """

    feedback: str = ""
    comment: str = ""

    def __bool__(self) -> bool:
        return bool(self.feedback or self.comment)


def params(settings: Settings, chosen: str, text: str) -> dict[str, str]:
    """What an attempt keeps of it: the chosen words if they are the merchant's, Stripe's name for them, the text."""
    reason = next((one for one in settings.cancel_reasons if one.words == chosen), None)
    return {
        "feedback": reason.feedback if reason else "",
        "reason": reason.words if reason else "",
        "comment": tidy(text),
    }


def of(kept: Mapping[str, str]) -> Reason:
    """For Stripe, out of what an attempt keeps. Words Stripe has no name for go before the text."""
    feedback, text = kept.get("feedback", ""), kept.get("comment", "")
    words = "" if feedback else kept.get("reason", "")
    return Reason(feedback, ": ".join(part for part in (words, text) if part))


def tidy(text: str) -> str:
    """On one line, in composed letters, without anything that cannot be seen, and not too long."""
    seen = "".join(" " if unicodedata.category(letter) in BREAKS else letter for letter in text)
    composed = unicodedata.normalize("NFC", seen)
    shown = "".join(letter for letter in composed if unicodedata.category(letter) not in UNSEEN)
    return " ".join(shown.split())[:LONGEST].strip()
