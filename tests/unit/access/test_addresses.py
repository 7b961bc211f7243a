"""Which spellings are one mailbox, which are not, and what is no address at all."""

import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.access.addresses import canonical, matches, ref
from chalicelib.mail.addresses import BadAddress, deliverable

STORED = "ada.lovelace+shop@bücher.example"
# characters that look like, normalise to, hide between or lower-case to plain ones
STRANGE = (
    "аеорсхуіјѕԁɡ①ａＡ＠．。ＫKſıİßẞﬁµΑΕΟ"
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u0301\u0308\u202e\x00\n\r\t\"'`<>()[],;:\\ "
)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada@Example.COM \n", "ada@example.com"),
        ("ADA+Shop@example.com", "ada+shop@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("ada@Bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),
        ("ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("ada@пример.example", "ada@xn--e1afmkfd.example"),
    ],
)
def test_spellings_of_one_mailbox_have_one_key(typed: str, key: str) -> None:
    assert canonical(typed) == key
    assert canonical(canonical(typed)) == key


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@example..com",
        "ada@.example.com",
        "ada@example.com.",
        "ada@-example.com",
        "ada@exam_ple.com",
        "ada@@example.com",
        "ada@example.com@evil.example",
        'ada"x"@example.com',
        '"ada"@example.com',
        "ada lovelace@example.com",
        "Ada <ada@example.com>",
        "ada@example.com,eve@evil.example",
        "ada@example.com\nBcc: eve@evil.example",
        "ada\x00@example.com",
        "a\u200bda@example.com",
        "ada@exam\u200bple.com",
        "ada@exam\u00adple.com",
        "adа@example.com",
        "ada@[127.0.0.1]",
        "ada＠example.com",
        "ada@example。com",
        "ada@ｅxample.com",
        "ada@\u212aelvin.example",
        "\u212aate@example.com",
        "ada@\u017fhop.example",
        "ada@\u212aüche.example",
        "ada@µm.example",
        "x" * 65 + "@example.com",
        "ada@" + "x" * 64 + ".com",
        "ada@" + ".".join(["x" * 60] * 5) + ".com",
    ],
)
def test_what_cannot_be_an_address_is_refused(typed: str) -> None:
    with pytest.raises(BadAddress):
        canonical(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.com", "adа@example.com"),
        ("ada@example.com", "ada@exаmple.com"),
        ("ada@strasse.example", "ada@straße.example"),
        ("ada@example.com", "ada+shop@example.com"),
        ("ada@example.com", "a.da@example.com"),
        ("kate@example.com", "\u212aate@example.com"),
        ("fin@example.com", "ﬁn@example.com"),
        ("ada@istanbul.example", "ada@ıstanbul.example"),
    ],
)
def test_look_alikes_never_meet(one: str, other: str) -> None:
    assert not matches(other, canonical(one))


def test_a_stored_address_that_is_none_matches_nothing() -> None:
    assert not matches("", "ada@example.com")
    assert not matches("Ada Lovelace <ada@example.com>", "ada@example.com")


def test_a_mail_keeps_the_spelling_before_the_at_and_writes_the_domain_for_servers() -> None:
    assert deliverable("Ada.L@Bücher.example") == "Ada.L@xn--bcher-kva.example"


def test_a_ref_tells_nothing_and_fits_a_key() -> None:
    assert len(ref("ada@example.com")) == 64
    assert "ada" not in ref("ada@example.com")
    assert ref("ada@example.com") != ref("eve@example.com")


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """The stored address with a few characters put in, taken out, swapped, or turned into strange ones."""
    text = list(STORED)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        odd = draw(st.sampled_from(STRANGE) | st.characters(exclude_categories=["Cs"]))
        change = draw(st.sampled_from(["insert", "replace", "remove", "upper", "decompose"]))
        if change == "insert":
            text.insert(at, odd)
        elif at < len(text):
            text[at : at + 1] = {
                "replace": [odd],
                "remove": [],
                "upper": [text[at].upper()],
                "decompose": list(unicodedata.normalize("NFD", text[at])),
            }[change]
    return "".join(text)


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutations())
@example("ADA.LOVELACE+SHOP@BÜCHER.EXAMPLE")
@example("ada.lovelace+shop@bu\u0308cher.example")
@example("ada.lovelace+shop@b\u200bücher.example")
def test_a_mutated_address_is_the_same_mailbox_only_if_it_differs_by_case_blanks_around_or_normal_form(
    typed: str,
) -> None:
    try:
        key = canonical(typed)
    except BadAddress:
        return
    assert canonical(key) == key
    assert key.isascii()
    assert key == key.lower()
    assert key.count("@") == 1
    local, _, domain = typed.strip().rpartition("@")
    harmless = local.isascii() and unicodedata.normalize("NFC", domain.lower()) == "bücher.example"
    same = harmless and local.lower() == "ada.lovelace+shop"
    assert (key == canonical(STORED)) == same
