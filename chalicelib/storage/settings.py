"""The merchant's settings in the table, seeded from a file when a stack is made, cached for seconds."""

import logging

from chalicelib import clock
from chalicelib.errors import Busy, NotConfigured
from chalicelib.settings.merchant import Settings
from chalicelib.storage.dynamodb import client, get, storage_errors, table_name
from chalicelib.storage.packing import pack, unpack

log = logging.getLogger(__name__)
CACHE_SECONDS = 10
KEY = ("SETTINGS", "SETTINGS")


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
            item = {"pk": {"S": KEY[0]}, "sk": {"S": KEY[1]}, "data": {"B": pack(settings)}}
            client().put_item(TableName=table_name(), Item=item)
        self._settings, self._read_at = settings, clock.now()

    def _read_again(self, known: Settings, now: float) -> None:
        try:
            self._settings = self._load()
        except Busy:
            log.warning("settings are read later, the known ones serve until then")
        self._read_at = now

    def _load(self) -> Settings:
        found = get(*KEY, strong=False)
        if not found:
            raise NotConfigured("no settings yet")
        return unpack(found["data"]["B"], Settings)
