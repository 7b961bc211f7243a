"""Why a card was not saved, in words that fit: no payment was tried."""

import pytest

from chalicelib.billing import declines
from chalicelib.web import card_problems


def test_every_reason_is_two_sentences_of_ours() -> None:
    words = card_problems.by_code()
    assert set(declines.BY_CODE) <= set(words)
    assert all(text.endswith(".") and text[0].isupper() and "  " not in text for text in words.values())


@pytest.mark.parametrize("code", ["", "generic_decline", "lost_card", "stolen_card", "fraudulent", "a_new_code"])
def test_what_is_not_listed_or_not_to_be_told_reads_like_a_plain_refusal_of_the_card(code: str) -> None:
    said = card_problems.explain(code)
    assert said == card_problems.REFUSED
    assert "payment" not in said.what
    assert code not in card_problems.by_code() or not code


def test_a_confirmation_that_failed_speaks_of_the_card() -> None:
    assert card_problems.explain("setup_intent_authentication_failure") == card_problems.NOT_CONFIRMED


def test_an_expired_card_is_named_as_such() -> None:
    assert card_problems.explain("expired_card") == declines.EXPIRED
