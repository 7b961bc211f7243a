"""Any text made safe to print: what a font cannot show is simplified, or marked where it stood."""

import unicodedata
from collections.abc import Container
from typing import Final

MARK: Final = "\N{WHITE SQUARE}"
# Controls, bidirectional and other invisible marks, halves of characters, combining marks left over.
INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Mn", "Me"})


def printable(text: str, known: Container[int]) -> str:
    """The text on one line, in characters whose code points are in `known`.

    A character the font lacks becomes its plain form (Ａ → A, ﬁ → fi) where that is known, else `MARK`.
    Line breaks and tabs become spaces; marks that reorder text are dropped (Unicode TR 36, section 3).
    """
    composed = unicodedata.normalize("NFC", text)
    shown = (character if ord(character) in known else _instead(character, known) for character in composed)
    return " ".join("".join(shown).split())


def _instead(character: str, known: Container[int]) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in INVISIBLE:
        return ""
    plain = "".join(
        part for part in unicodedata.normalize("NFKD", character) if unicodedata.category(part) not in INVISIBLE
    )
    return plain if plain and all(ord(part) in known for part in plain) else MARK
