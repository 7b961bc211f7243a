"""The world on disk: one JSON file, written whole and swapped in, so that a stop or crash loses little."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.stripe.store import World

EVERY_SECONDS = 3.0
FILE_NAME = "stripe.json"


def save(world: World, folder: Path) -> None:
    """Write the world, if it changed since it was last written."""
    with world.lock:
        if not world.dirty:
            return
        text = json.dumps(dump(world))
        world.dirty = False
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / (FILE_NAME + ".new")
    fresh.write_text(text)
    os.replace(fresh, folder / FILE_NAME)


def dump(world: World) -> dict[str, Any]:
    """The world as plain data: everything but faults in wait and the request log."""
    return {
        "offset": world.clock.offset,
        "objects": list(world.objects.values()),
        "hidden": {id: world.hidden(id) for id in world.objects if world.hidden(id)},
        "schedule": [[kind, id, moment] for (kind, id), moment in world.schedule.items()],
        "deliveries": world.deliveries.all,
        "mode": world.deliveries.mode,
        "replies": world.replies.dump(),
        "settings": world.settings,
    }


def load(world: World, folder: Path) -> bool:
    """Take up the saved world, if there is one."""
    path = folder / FILE_NAME
    if not path.exists():
        return False
    data = json.loads(path.read_text())
    with world.lock:
        world.reset()
        world.clock.offset = data["offset"]
        for obj in data["objects"]:
            world.put(obj, data["hidden"].get(obj["id"]))
        world.schedule = {(kind, id): moment for kind, id, moment in data["schedule"]}
        world.deliveries.load(data["deliveries"])
        world.deliveries.mode = data["mode"]
        world.replies.load(data["replies"])
        world.settings = data["settings"]
        world.dirty = False
    return True


class Keeper:
    """A background thread that does what falls due as time passes, and saves every few seconds."""

    def __init__(self, world: World, folder: Path | None) -> None:
        self._world, self._folder = world, folder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="due and saving", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, saving once more."""
        self._stop.set()
        self._thread.join()
        if self._folder is not None:
            save(self._world, self._folder)

    def _run(self) -> None:
        saved = time.monotonic()
        while not self._stop.wait(0.5):
            self._do_due()
            if self._folder is not None and time.monotonic() - saved >= EVERY_SECONDS:
                save(self._world, self._folder)
                saved = time.monotonic()

    def _do_due(self) -> None:
        """The outermost boundary of this thread: what fails is reported, and time goes on."""
        try:
            self._world.run_due()
        except Exception:  # noqa: BLE001
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
