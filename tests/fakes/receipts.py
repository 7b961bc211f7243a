"""A vault and a book of receipts that remember, for tests."""

import msgspec

from chalicelib.receipts.receipt import Receipt


class MemoryVault:
    """Files by key. `puts` lists every key written, in order; `links` what was handed out, by address."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.puts: list[str] = []
        self.links: dict[str, tuple[str, str, int]] = {}

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.files[key] = content
        self.types[key] = content_type
        self.puts.append(key)

    def exists(self, key: str) -> bool:
        return key in self.files

    def get(self, key: str) -> bytes | None:
        return self.files.get(key)

    def link(self, key: str, filename: str, seconds: int = 60) -> str:
        address = f"https://vault.example/{len(self.links) + 1}"
        self.links[address] = (key, filename, seconds)
        return address

    def lose(self, key: str) -> bytes:
        """Forget a file, as a careless hand in the bucket would; gives what it was."""
        return self.files.pop(key)


class MemoryRecords:
    """Receipts as JSON by key, the first one kept; what comes back went through the same coding as in a table."""

    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}

    def freeze(self, key: str, receipt: Receipt) -> Receipt:
        row = self.rows.setdefault(key, msgspec.json.encode(receipt))
        return msgspec.json.decode(row, type=Receipt)

    def get(self, key: str) -> Receipt | None:
        row = self.rows.get(key)
        return None if row is None else msgspec.json.decode(row, type=Receipt)
