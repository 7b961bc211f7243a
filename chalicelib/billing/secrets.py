"""What billing must know in secret: the key that opens Stripe, and what Stripe signs its events with."""

from typing import Protocol


class Secrets(Protocol):
    """The stage's secrets, at most five minutes old."""

    def stripe_key(self) -> str:
        """The key calls are made with. Raises NotConfigured when there is none, Busy when it cannot be read yet."""

    def webhook(self) -> str:
        """What signs events, two of them while one replaces the other, separated by a space; "" when there is none."""

    def again(self, refused: str) -> bool:
        """This one was refused: read both again, at most once a minute for the same one. True when it was replaced."""
