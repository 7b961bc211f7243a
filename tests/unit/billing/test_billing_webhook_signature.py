"""Only what Stripe signed gets in, however the rest is mangled."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chalicelib.billing import inbox, webhook_signature
from chalicelib.errors import BadRequest, NotConfigured

SECRET, NOW = "whsec_of_this_stack", 1_800_000_000
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "invoice.paid",
    "livemode": False,
    "created": NOW,
    "data": {"object": {"id": "in_1", "object": "invoice", "customer": "cus_1"}},
}
BODY = json.dumps(EVENT, indent=2).encode()


def signed(body: bytes, at: int = NOW, secret: str = SECRET) -> str:
    """The header Stripe would send with these bytes."""
    return f"t={at},v1={hmac.new(secret.encode(), b'%d.' % at + body, hashlib.sha256).hexdigest()}"


GOOD = signed(BODY)
V1 = GOOD.partition(",")[2]


def accepted(body: bytes, header: str, secret: str = SECRET, now: float = NOW) -> bool:
    """Whether it got in. Any error but BadRequest is a failure of the test."""
    try:
        return bool(webhook_signature.verified(body, header, secret, now))
    except BadRequest:
        return False


def test_what_stripe_signed_gets_in() -> None:
    assert webhook_signature.verified(BODY, GOOD, SECRET, NOW) == EVENT
    assert accepted(BODY, f"{GOOD},v0=whatever")
    assert accepted(BODY, f" {GOOD} , ")


@pytest.mark.parametrize("away", [300, 299.5, 1, 0, -1, -299.5, -300])
def test_five_minutes_old_or_ahead_is_near_enough(away: float) -> None:
    assert accepted(BODY, GOOD, now=NOW + away)


@pytest.mark.parametrize("away", [300.001, 301, 10**6, -300.001, -301, -(10**6), 10**12])
def test_more_than_five_minutes_either_way_is_refused(away: float) -> None:
    assert not accepted(BODY, GOOD, now=NOW + away)


def test_one_right_signature_among_several_is_enough() -> None:
    wrong = "v1=" + "0" * 64
    assert accepted(BODY, f"t={NOW},{wrong},{V1}")
    assert accepted(BODY, f"t={NOW},{V1},{wrong}")
    assert not accepted(BODY, f"t={NOW},{wrong},{wrong}")


def test_while_a_secret_is_replaced_both_count() -> None:
    assert accepted(BODY, GOOD, secret=f"whsec_new {SECRET}")
    assert accepted(BODY, signed(BODY, secret="whsec_new"), secret=f"whsec_new  {SECRET} ")
    assert not accepted(BODY, signed(BODY, secret="whsec_older"), secret=f"whsec_new {SECRET}")


@pytest.mark.parametrize("secret", ["", " ", "   "])
def test_without_a_secret_the_door_is_closed(secret: str) -> None:
    for header in (GOOD, signed(BODY, secret=""), signed(BODY, secret=secret)):
        with pytest.raises(NotConfigured):
            webhook_signature.verified(BODY, header, secret, NOW)


def test_a_stray_space_lets_no_empty_secret_in() -> None:
    for secret in (f"{SECRET} ", f" {SECRET}", f"{SECRET}   other"):
        assert not accepted(BODY, signed(BODY, secret=""), secret=secret)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=",
        "v1=",
        f"t={NOW}",
        V1,
        f"t={NOW},t={NOW},{V1}",
        f"t=0{'0' * 20}{NOW},{V1}",
        f"t=-{NOW},{V1}",
        f"t=+{NOW},{V1}",
        f"t={NOW}.0,{V1}",
        f"t=1_800_000_000,{V1}",
        f"t= {NOW},{V1}",
        "t=１８０００００００００,v1=0",
        f"t={NOW},v1={'é' * 32}",
        f"t={NOW},v1=\udcff\ud800",
        f"T={NOW},V1={V1[3:]}",
        f"t={NOW},v0={V1[3:]}",
        f"t={NOW},v1={V1[3:].upper()}",
        f"t={NOW},v1={V1[3:]}0",
        f"t={NOW};{V1}",
        GOOD.encode().hex(),
        "," * 10_000,
    ],
)
def test_a_mangled_header_is_refused(header: str) -> None:
    assert not accepted(BODY, header)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"event"',
        b"1",
        b"{",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"id":"evt_1","id":"evt_2"}',
        b'{"data":{"object":{"id":"in_1","id":"in_2"}}}',
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        b"[" * 200_000,
        b'{"a":' * 50_000,
        b'{"a":' + b"9" * 5000 + b"}",
        b" " * (webhook_signature.LIMIT + 1),
    ],
)
def test_a_body_that_is_no_plain_json_object_is_refused_even_signed(body: bytes) -> None:
    assert not accepted(body, signed(body))


PIECES = st.one_of(st.binary(max_size=40), st.sampled_from([BODY, BODY[:-1], BODY + b" ", b"{}", b"\x00", b"1."]))
HEADS = st.one_of(
    st.text(max_size=90),
    st.builds("t={},v1={}".format, st.integers(), st.text("0123456789abcdef", min_size=64, max_size=64)),
    st.builds("{}{}".format, st.sampled_from([GOOD, V1, f"t={NOW},"]), st.text(max_size=20)),
    st.builds(lambda at, cut: GOOD[:at] + cut + GOOD[at + 1 :], st.integers(0, len(GOOD)), st.text(max_size=2)),
)


@settings(max_examples=1000, deadline=None, database=None)
@given(body=st.one_of(PIECES, st.builds(lambda *b: b"".join(b), PIECES, PIECES)), header=HEADS, secret=st.just(SECRET))
@example(body=BODY, header=GOOD.replace("t=18", "t=28"), secret=SECRET)
def test_nothing_mutated_gets_in_and_nothing_breaks(body: bytes, header: str, secret: str) -> None:
    parts = [part.strip() for part in header.split(",")]
    assume(not (body == BODY and f"t={NOW}" in parts and V1 in parts))
    assert not accepted(body, header, secret)


@settings(max_examples=1000, deadline=None, database=None)
@given(at=st.integers(0, len(BODY) * 8 - 1))
def test_one_bit_changed_in_the_body_is_enough_to_be_refused(at: int) -> None:
    mutated = bytearray(BODY)
    mutated[at // 8] ^= 1 << at % 8
    assert not accepted(bytes(mutated), GOOD)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None, database=None)
@given(data=st.data())
def test_a_signed_event_of_any_shape_is_followed_or_refused_but_breaks_nothing(data: Any) -> None:
    event: dict[str, Any] = json.loads(BODY)
    for path in data.draw(st.lists(st.sampled_from([*EVENT, "data.object", "id of", "customer of"]), max_size=3)):
        value = data.draw(ODD)
        if path.endswith(" of"):
            event["data"] = {"object": {**EVENT["data"]["object"], path[:-3]: value}}  # type: ignore[index, dict-item]
        elif path == "data.object":
            event["data"] = {"object": value}
        else:
            event[path] = value
    try:
        hint = inbox.hint_from_event(event, livemode=False)
    except BadRequest:
        return
    texts = [hint.id, hint.type, hint.object, hint.object_id, hint.customer]
    assert all(text.isascii() and len(text) <= 255 for text in texts), "would break the table’s keys"
    assert hint.id.startswith("evt_")
    assert 0 <= hint.created < 10**12


def test_an_event_of_the_other_mode_is_refused() -> None:
    for mode, ours in ((True, False), (False, True), (None, False), (0, False), ("false", False)):
        with pytest.raises(BadRequest):
            inbox.hint_from_event({**EVENT, "livemode": mode}, livemode=ours)
