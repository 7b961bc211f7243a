"""What a check found: a sign, and one line for the person at the terminal."""

from dataclasses import dataclass

FINE, WRONG, UNSEEN = "✓", "✗", "?"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's screen."""

    sign: str
    words: str

    def __str__(self) -> str:
        return f"{self.sign} {self.words}"


def fine(words: str) -> Finding:
    """All is as it should be."""
    return Finding(FINE, words)


def wrong(words: str, to_do: str) -> Finding:
    """What is not as it should be, and what to do."""
    return Finding(WRONG, f"{words}: {to_do}")


def counted(number: int, what: str) -> str:
    """Such as "1 message" or "3 messages"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def unseen(words: str, reason: str) -> Finding:
    """What cannot be told from here, and why or where to look."""
    return Finding(UNSEEN, f"{words}: {reason}")
