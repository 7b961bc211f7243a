"""Addresses and their handlers: each has one, and none is imported before it is asked for."""

import subprocess
import sys

from chalicelib.web import routes
from chalicelib.web.links import ROUTES

AFTER_START = "import app, sys; print(*(name for name in sys.modules if name.startswith('chalicelib')))"


def test_every_address_is_answered() -> None:
    assert {*routes.PAGES, *routes.DOORS, *routes.FORMS, "webhook"} == set(ROUTES)


def test_starting_the_app_imports_no_room() -> None:
    done = subprocess.run([sys.executable, "-c", AFTER_START], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    rooms = {f"chalicelib.web.{name.partition('.')[0]}" for name in {**routes.PAGES, **routes.DOORS}.values()}
    assert "chalicelib.web.routes" in loaded
    assert not rooms & loaded
    assert not {name for name in loaded if name.startswith(("chalicelib.billing.", "chalicelib.storage."))}
