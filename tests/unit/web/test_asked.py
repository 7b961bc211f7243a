"""What a request asks for is checked by its shape before anything is looked up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import BadRequest, NotFound
from chalicelib.web import asked

SAFE = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:-")


@pytest.mark.parametrize("value", ["sub_1L6ZgwzrsdbsXSFXAqlhdA5g", "in_1-2", "guest:1a2b", "x", "x" * 100])
def test_ids_pass_unchanged(value: str) -> None:
    assert asked.object_id(value) == value


@pytest.mark.parametrize(
    "value", ["", "x" * 101, "sub_1/..", "sub 1", "sub_1\n", "sub_ä", "a%2Fb", "<b>", "a.b", "a@b"]
)
def test_what_cannot_be_an_id_is_not_found(value: str) -> None:
    with pytest.raises(NotFound):
        asked.object_id(value)


@given(st.text())
def test_no_id_holds_anything_but_plain_characters(value: str) -> None:
    try:
        assert set(asked.object_id(value)) <= SAFE
    except NotFound:
        assert not value or len(value) > 100 or set(value) - SAFE


def test_a_new_attempt_passes_its_own_check_and_is_never_the_same() -> None:
    keys = {asked.new_attempt() for _ in range(50)}
    assert len(keys) == 50
    assert all(asked.attempt({"attempt": key}) == key for key in keys)


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "x" * 20 + "/", "x" * 20 + "\n", "ключ" * 5])
def test_an_attempt_we_did_not_make_is_a_bad_request(key: str) -> None:
    with pytest.raises(BadRequest):
        asked.attempt({"attempt": key})


def test_a_form_without_attempt_is_a_bad_request() -> None:
    with pytest.raises(BadRequest):
        asked.attempt({})
