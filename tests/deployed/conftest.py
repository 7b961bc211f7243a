"""Two merchants' portals, deployed once for all tests of this folder, which run in one process and in a fixed order."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from local.stripe_process import StripeProcess
from tests.deployed import people
from tests.deployed.emulator import Emulator
from tests.deployed.people import Cast
from tests.deployed.tenant import Tenant
from tests.functional.visitor import Visitor
from tests.shop import Shop
from tests.stack import three_free_ports

# The last ones judge what all others did, and take everything away.
ORDER = ("customers", "functions", "isolation", "redeploy", "permissions", "destroy")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by ORDER."""
    items.sort(key=lambda item: ORDER.index(item.path.stem.removeprefix("test_")))


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The account both merchants deploy to."""
    emulator = Emulator(three_free_ports(31000), tmp_path_factory.mktemp("aws"))
    emulator.wait()
    yield emulator
    emulator.stop()


@pytest.fixture(scope="session")
def tenants(aws: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tenant, Tenant]]:
    """Provisioned, deployed and finished, side by side."""
    with ExitStack() as running, ThreadPoolExecutor() as both:
        found = [made(stage, aws, tmp_path_factory.mktemp(stage)) for stage in ("north", "south")]
        for tenant in found:
            running.callback(tenant.stop)
        list(both.map(opened, found))
        yield found[0], found[1]


def made(stage: str, aws: Emulator, folder: Path) -> Tenant:
    """A merchant with a Stripe account and a checkout, and nothing on AWS yet."""
    stripe = StripeProcess(three_free_ports(28000 if stage == "north" else 29000), folder / "stripe")
    return Tenant(stage, aws, stripe, folder / "checkout")


def opened(tenant: Tenant) -> None:
    """From nothing to a portal that serves."""
    tenant.stripe.wait()
    tenant.cast = people.move_in(tenant)
    tenant.provision()
    tenant.deploy()
    tenant.hurry()


@pytest.fixture(scope="session")
def north(tenants: tuple[Tenant, Tenant]) -> Tenant:
    """The first merchant's portal."""
    return tenants[0]


@pytest.fixture(scope="session")
def south(tenants: tuple[Tenant, Tenant]) -> Tenant:
    """The second merchant's portal, in the same account."""
    return tenants[1]


@pytest.fixture
def cast(north: Tenant) -> Cast:
    """The first merchant's customers."""
    return north.cast


@pytest.fixture
def shop(north: Tenant) -> Shop:
    """The first merchant's side of Stripe."""
    return Shop(north)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def ada(north: Tenant) -> Visitor:
    """Ada, signed in with the code from her mail."""
    visitor = Visitor(north)  # type: ignore[arg-type]
    visitor.sign_in(people.ADA)
    return visitor


@pytest.fixture
def visitor(north: Tenant) -> Visitor:
    """Somebody at the first merchant's portal, with an empty cookie jar."""
    return Visitor(north)  # type: ignore[arg-type]


@pytest.fixture
def visitor_of() -> Callable[[Tenant], Visitor]:
    """Makes people at either portal."""
    return Visitor  # type: ignore[return-value]
