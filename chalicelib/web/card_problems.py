"""Why a card could not be saved, in plain words, for the page and for the script beside Stripe's card field."""

from chalicelib.billing import declines
from chalicelib.billing.declines import Decline

REFUSED = Decline(
    "Your bank declined this card and didn’t say why.", "Use another card, or ask your bank to allow it.", False
)
NOT_CONFIRMED = Decline(
    "The card wasn’t confirmed with your bank.", "Try again and confirm it, or use another card.", True
)
UNCONFIRMED = {
    "authentication_required",
    "setup_intent_authentication_failure",
    "payment_intent_authentication_failure",
}


def explain(code: str) -> Decline:
    """Words for the code of a card that was not saved: no payment was tried, so none is spoken of."""
    if code in UNCONFIRMED:
        return NOT_CONFIRMED
    return declines.BY_CODE.get(code, REFUSED)


def by_code() -> dict[str, str]:
    """Code → sentences; "" is for every code that is not listed."""
    known = {code: explain(code) for code in [*declines.BY_CODE, *UNCONFIRMED]}
    return {code: f"{words.what} {words.do}" for code, words in {**known, "": REFUSED}.items()}
