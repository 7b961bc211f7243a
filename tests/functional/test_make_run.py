"""`python -m local` as a person meets it: starts, refuses clearly, stops everything, keeps the data."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
import requests

from tests.stack import three_free_ports

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60


@pytest.fixture
def port() -> int:
    """The first of three free ports."""
    return three_free_ports(29000)


def command(port: int, data: Path) -> dict[str, str]:
    """The environment `make run` starts it with."""
    nothing = dict.fromkeys(("FRESH", "PREFIX", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"), "")
    return {**os.environ, **nothing, "PORT": str(port), "DATA": str(data)}


@contextmanager
def running(port: int, data: Path, people: bool = False, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A started stack that has said it is ready. Its output so far is in `said`."""
    with subprocess.Popen(
        [sys.executable, "-m", "local", *([] if people else ["--no-people"])],
        cwd=ROOT,
        env={**command(port, data), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout
            process.said = until_ready(process.stdout)  # type: ignore[attr-defined]
            yield process
        finally:
            process.kill()


def until_ready(output: IO[str]) -> str:
    """All it says up to the line that starts with `ready`."""
    said = ""
    for line in output:
        said += line
        if line.startswith("ready: "):
            return said
    raise AssertionError(f"ended before it was ready: {said}")


def refused(port: int, data: Path, **more: str) -> list[str]:
    """The lines a start that fails says. It exits with 1."""
    done = subprocess.run(
        [sys.executable, "-m", "local"],
        cwd=ROOT,
        env={**command(port, data), **more},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr.strip().splitlines()


def all_free(port: int) -> bool:
    """Whether nothing listens on the three ports any more."""
    for candidate in range(port, port + 3):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", candidate)) == 0:
                return False
    return True


def eventually_free(port: int) -> bool:
    """The same, given a few seconds."""
    end = time.monotonic() + 10
    while not all_free(port) and time.monotonic() < end:
        time.sleep(0.05)
    return all_free(port)


def test_it_says_where_it_is_and_stops_everything_when_asked(port: int, tmp_path: Path) -> None:
    with running(port, tmp_path) as process:
        assert f"ready: http://127.0.0.1:{port}\n" in process.said  # type: ignore[attr-defined]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0

    assert all_free(port)


def test_data_is_there_at_the_next_start_wherever_that_listens_and_gone_with_fresh(port: int, tmp_path: Path) -> None:
    customers = f"http://127.0.0.1:{port + 1}/v1/customers"
    key = ("sk_test_local", "")
    with running(port, tmp_path) as process:
        made = requests.post(customers, auth=key, data={"email": "kept@mail.example"}, timeout=5).json()["id"]
        requests.post(f"http://127.0.0.1:{port}/_local/clock", json={"advance": "P2D"}, timeout=30)
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)

    with running(port, tmp_path) as process:
        assert requests.get(f"{customers}/{made}", auth=key, timeout=5).status_code == 200
        now = requests.get(f"http://127.0.0.1:{port}/_local/clock", timeout=5).json()["now"]
        assert now - time.time() > 2 * 86400 - 60
        process.terminate()
        process.wait(PATIENCE)

    with running(port, tmp_path, PREFIX="/api") as process:
        assert f"ready: http://127.0.0.1:{port}/api\n" in process.said  # type: ignore[attr-defined]
        endpoints = requests.get(f"http://127.0.0.1:{port + 1}/v1/webhook_endpoints", auth=key, timeout=5).json()[
            "data"
        ]
        assert [each["url"] for each in endpoints] == [f"http://127.0.0.1:{port}/api/webhooks/stripe"]
        process.terminate()
        process.wait(PATIENCE)

    with running(port, tmp_path, people=True, FRESH="1") as process:
        assert requests.get(f"{customers}/{made}", auth=key, timeout=5).status_code == 404
        assert requests.get(customers, auth=key, timeout=5).json()["data"], "the demo people are there"
        people = requests.get(f"http://127.0.0.1:{port}/_local/scenarios.json", timeout=5).json()
        assert all(person["mailbox"] in process.said for person in people)  # type: ignore[attr-defined]


def test_no_child_outlives_it_even_when_it_is_killed(port: int, tmp_path: Path) -> None:
    with running(port, tmp_path) as process:
        process.kill()
        process.wait(PATIENCE)

        assert eventually_free(port)


@pytest.mark.parametrize("offset", [0, 1, 2])
def test_a_taken_port_is_named_with_what_to_do(port: int, tmp_path: Path, offset: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + offset))
        taken.listen()

        (line,) = refused(port, tmp_path)

    assert str(port + offset) in line
    assert "PORT=" in line


def test_demo_data_of_another_version_is_named_and_not_shown(port: int, tmp_path: Path) -> None:
    (tmp_path / "seeded").touch()
    started = subprocess.run(
        [sys.executable, "-m", "local", "--no-people"],
        cwd=ROOT,
        env=command(port, tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert started.returncode == 1
    assert started.stderr.count("\n") == 1
    assert "FRESH=1 make run" in started.stderr


def test_two_stacks_never_share_data(port: int, tmp_path: Path) -> None:
    with running(port, tmp_path):
        (line,) = refused(port + 3, tmp_path)

    assert "DATA=" in line


@pytest.mark.parametrize("wrong", ["abc", "80", "65535", "-1"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, wrong: str) -> None:
    (line,) = refused(0, tmp_path, PORT=wrong)

    assert wrong in line


def test_an_old_python_is_told_what_is_needed() -> None:
    """The check runs on a Python that cannot read our code, so the file is read here as that Python would."""
    old = (
        "import runpy, sys; sys.version_info = (3, 9, 0); runpy.run_path('local/environments.py', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", old], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.strip() == "✗ Tillkey needs Python 3.11 or newer, this is 3.9: PYTHON=python3.11 make run"
