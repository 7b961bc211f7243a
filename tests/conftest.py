"""What all tests share: one stack per process, both prefixes, and no test that is skipped."""

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from local.portal import QUEUE
from tests.chromium import ADVICE, FLAGS, find
from tests.stack import TestStack, Troubles, place_for

PREFIXES = ["", "/api"]

# a slow machine is no finding
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# app.py reads the name of its queue when it is imported, which some tests do before the stack is there
os.environ.setdefault("QUEUE", QUEUE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The proof runs what `make test` has no time for."""
    parser.addoption("--everywhere", action="store_true", help="all browser tests at the root as well")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Everything that talks to the portal runs at the root and below a stage, as behind API Gateway's own address.

    Of the browser tests only the life stories do, unless `--everywhere`: the others run below a stage.
    """
    if "prefix" in metafunc.fixturenames:
        places = prefixes(metafunc)
        metafunc.parametrize("prefix", places, ids=["api" if place else "root" for place in places])


def prefixes(metafunc: pytest.Metafunc) -> list[str]:
    """Where a test runs."""
    if metafunc.definition.get_closest_marker("root_only"):
        return PREFIXES[:1]
    a_detail = "browser" in metafunc.fixturenames and not metafunc.definition.get_closest_marker("life_story")
    return PREFIXES[1:] if a_detail and not metafunc.config.getoption("everywhere") else PREFIXES


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """A skipped or expected failure is a failure: nothing passes without having been run."""
    report = yield
    if report.skipped:
        report.outcome, report.longrepr = "failed", f"tests here are never skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """The same for whole modules."""
    report = yield
    if report.outcome == "skipped":
        report.outcome, report.longrepr = "failed", f"tests here are never skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium per test process, for all tests: Playwright's plain interface can be started only once."""
    path = find()
    assert path, ADVICE
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def whole_stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[TestStack]:
    """The stack of this test process, started on first use."""
    stack = TestStack(place_for(worker_id, tmp_path_factory.mktemp("stack")))
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def stack(whole_stack: TestStack, prefix: str, troubles: Troubles) -> TestStack:
    """An empty stack serving at the prefix."""
    whole_stack.reset(prefix)
    return whole_stack


@pytest.fixture
def table(whole_stack: TestStack) -> TestStack:
    """The emulated AWS with an empty table: for tests of the stores alone."""
    whole_stack.empty_aws()
    return whole_stack


@pytest.fixture
def portal_url(stack: TestStack) -> str:
    """The address all pages of the portal lie under."""
    return stack.portal_url


@pytest.fixture
def troubles() -> Iterator[Troubles]:
    """Errors logged during the test. Those left in `seen` at its end fail it."""
    collector = Troubles()
    logging.getLogger().addHandler(collector)
    yield collector
    logging.getLogger().removeHandler(collector)
    assert not collector.seen, "\n".join(collector.seen)
