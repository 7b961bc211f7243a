"""Chromium for the browser tests: `python -m tests.chromium` finds it or installs it, and prints where it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "google-chrome", "chromium-browser")
ADVICE = "No Chromium: install one (Debian: apt-get install chromium) or set CHROMIUM to the path of yours."

# no sandbox: containers run tests as root. The rest keeps Chromium's own background traffic off.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # nothing outside this machine can be reached, whatever a page asks for
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def find() -> str:
    """Path of an installed Chromium: `CHROMIUM`, one on the path, or Playwright's own; "" when there is none."""
    given = os.environ.get("CHROMIUM", "")
    if given:
        return given if os.access(given, os.X_OK) else ""
    return next(filter(None, map(shutil.which, NAMES)), "") or _playwrights_own()


def _playwrights_own() -> str:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else ""


def install() -> None:
    """Try the ways that need no question: Debian's package as root, else Playwright's download."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        subprocess.run([*quiet, "update"], env=env, check=False)
        subprocess.run(
            [*quiet, "install", "-y", "--no-install-recommends", "chromium"],
            env=env,
            check=False,
            stdout=subprocess.DEVNULL,
        )
    if not find():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    """Print the path; exit 1 with advice when there is no way to get one."""
    if not find() and not os.environ.get("CHROMIUM"):
        print("Installing Chromium for the browser tests …", flush=True)
        install()
    path = find()
    if not path:
        given = os.environ.get("CHROMIUM")
        sys.exit(f"✗ CHROMIUM={given} cannot be run" if given else f"✗ {ADVICE}")
    print(f"browser tests use {path}")


if __name__ == "__main__":
    main()
