"""One tenant's stack: how everything that belongs to it is called."""

import re
from dataclasses import dataclass

NAME = re.compile(r"[a-z][a-z0-9-]{0,14}[a-z0-9]")
# Stages this repository uses for itself.
TAKEN = {"dev", "local", "test"}
# As `app.py` calls them; Chalice's own name for all routes together is api_handler.
FUNCTIONS = ("api_handler", "worker", "sweep", "reconcile", "expiring")
APP = "tillkey"


class Trouble(Exception):
    """What went wrong and what to do, in one line for the person at the terminal."""


@dataclass(frozen=True)
class Stage:
    """A stage in one AWS account and region. Raises Trouble for a name that cannot become a role's or bucket's."""

    name: str
    account: str
    region: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or "--" in self.name:
            raise Trouble(
                f"{self.name!r} cannot be a stage: use 2 to 16 lower-case letters, digits and single hyphens, "
                "beginning with a letter"
            )
        if self.name in TAKEN:
            raise Trouble(f"{self.name!r} is used by this repository itself; choose another name, such as the shop's")

    @property
    def data_stack(self) -> str:
        """The CloudFormation stack that holds the data."""
        return f"{APP}-data-{self.name}"

    @property
    def table(self) -> str:
        """The one table; also the queue's name."""
        return f"{APP}-{self.name}"

    @property
    def queue(self) -> str:
        """The work queue; dead letters lie in the one with `-dead` behind it."""
        return f"{APP}-{self.name}"

    @property
    def bucket(self) -> str:
        """Receipts and the logo. Bucket names are one per world, hence the account."""
        return f"{APP}-{self.name}-{self.account}"

    @property
    def secrets(self) -> str:
        """Below this path SSM keeps the secrets."""
        return f"/{APP}/{self.name}"

    @property
    def config_set(self) -> str:
        """The SES configuration set: no open or click tracking."""
        return f"{APP}-{self.name}"

    def function(self, name: str) -> str:
        """What Lambda calls a function of `app.py`."""
        return f"{APP}-{self.name}" if name == "api_handler" else f"{APP}-{self.name}-{name}"

    def arn(self, service: str, rest: str) -> str:
        """An ARN in this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"
