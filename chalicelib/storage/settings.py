"""The merchant's settings in the table, seeded from a file when a stack is made, cached for seconds."""

import logging

from pynamodb.attributes import BinaryAttribute
from pynamodb.exceptions import DoesNotExist

from chalicelib import clock
from chalicelib.errors import Busy, NotConfigured
from chalicelib.settings.merchant import Settings
from chalicelib.storage.packing import pack, unpack
from chalicelib.storage.table import Row, storage_errors

log = logging.getLogger(__name__)
CACHE_SECONDS = 10
KEY = ("SETTINGS", "SETTINGS")


class SettingsRow(Row):
    """The one settings record of a stack."""

    data = BinaryAttribute(legacy_encoding=False)


class SettingsStore:
    """Reads settings at most once in ten seconds."""

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._settings: Settings | None = None

    def read(self) -> Settings:
        """The settings. Raises NotConfigured while none were ever written."""
        now = clock.now()
        if self._settings is None:
            self._settings, self._read_at = self._load(), now
        elif not 0 <= now - self._read_at < CACHE_SECONDS:
            self._read_again(self._settings, now)
        return self._settings

    def write(self, settings: Settings) -> None:
        """Replace all settings; this process sees them at once, others within ten seconds."""
        with storage_errors():
            SettingsRow(*KEY, data=pack(settings)).save()
        self._settings, self._read_at = settings, clock.now()

    def _read_again(self, known: Settings, now: float) -> None:
        try:
            self._settings = self._load()
        except Busy:
            log.warning("settings are read later, the known ones serve until then")
        self._read_at = now

    def _load(self) -> Settings:
        try:
            with storage_errors():
                return unpack(SettingsRow.get(*KEY).data, Settings)
        except DoesNotExist as error:
            raise NotConfigured("no settings yet") from error
