"""The list of calls merchants make a restricted key from is the list of calls the code makes."""

import re
from pathlib import Path

METHODS = {"ask": "POST", "write": "POST", "delete": "DELETE", "read": "GET", "pages": "GET", "refused_or": "GET"}
CALL = re.compile(rf"calls\.({'|'.join(METHODS)})\(\s*f?\"([^\"]+)\"")
INDIRECT = re.compile(r"path = f?\"(/v1/[^\"]+)\"\s+self\.calls\.(\w+)\(path")


def made() -> set[str]:
    """Method and path of every call in the gateway's sources."""
    source = "".join(path.read_text() for path in Path("chalicelib/billing").glob("stripe_*.py"))
    found = [(method, path) for method, path in CALL.findall(source)]
    found += [(method, path) for path, method in INDIRECT.findall(source)]
    assert source.count("calls.") - source.count("def calls") <= len(found) + 2, "a call this test does not understand"
    return {f"{METHODS[method]} {re.sub(r'{[^}]+}', '{id}', path)}" for method, path in found}


def listed() -> list[str]:
    """Those in the document."""
    return re.findall(r"`((?:GET|POST|DELETE) /v1/[^`]+)`", Path("docs/stripe-permissions.md").read_text())


def test_the_list_holds_every_call_and_no_other() -> None:
    assert sorted(listed()) == sorted(made())


def test_no_call_is_listed_twice() -> None:
    assert len(listed()) == len(set(listed()))
