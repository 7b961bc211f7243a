"""The parts that pages read with: the first half of the wiring. They need no models, for models cost a cold start."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib import clock
from chalicelib.config import Config, load
from chalicelib.settings.merchant import Settings

if TYPE_CHECKING:
    from chalicelib.access.sessions import Sessions, SessionStore
    from chalicelib.billing.account import Account
    from chalicelib.billing.reading import MirrorReader
    from chalicelib.storage.settings import SettingsStore


class PageParts:
    """What every page needs. Nothing is built, imported or connected before it is first asked for."""

    @cached_property
    def config(self) -> Config:
        """Environment of this stack."""
        return load()

    def settings(self) -> Settings:
        """The merchant's settings, at most a few seconds old."""
        return self.settings_store.read()

    @cached_property
    def settings_store(self) -> "SettingsStore":
        """Where settings are kept."""
        self._read()
        from chalicelib.storage.settings import SettingsStore

        return SettingsStore()

    @cached_property
    def books(self) -> "MirrorReader":
        """What we know of Stripe, to read in."""
        self._read()
        from chalicelib.storage.mirror_reads import MirrorReads

        return MirrorReads()

    def account(self, visit: Any, fresh: bool = False) -> "Account":
        """Everything this visit may see; `fresh` shows the customer their own change at once."""
        from chalicelib.billing.reading import read_account

        return read_account(self.books, visit.mailbox, visit.holders, clock.now(), self.settings(), fresh)

    @cached_property
    def sessions(self) -> "Sessions":
        """Who is asking."""
        from chalicelib.access.sessions import Sessions
        from chalicelib.storage.mailbox_reads import MailboxReads

        self._read()
        return Sessions(MailboxReads(), self._session_store)

    def _session_store(self) -> "SessionStore":
        self._connect()
        from chalicelib.storage.sessions import DynamoSessions

        return DynamoSessions()

    def _read(self) -> None:
        """For what only reads: no models."""
        from chalicelib.storage import dynamodb

        dynamodb.connect(self.config)

    def _connect(self) -> None:
        from chalicelib.storage import table

        table.connect(self.config)
