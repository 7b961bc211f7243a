"""Sessions and what they may see right now."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Visit:
    """A live session: whose mailbox it is and which holders that mailbox may see at this moment."""

    mailbox: str
    holders: tuple[str, ...]
    session: str
    csrf: str

    def owns_token(self, token: str) -> bool:
        """True when `token` is this session's form token (constant time)."""
        raise NotImplementedError
