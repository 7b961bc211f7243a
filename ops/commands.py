"""What each command does, as a sequence of lines for the terminal."""

from argparse import Namespace
from collections.abc import Callable, Iterator
from typing import Any

from ops import timers
from ops.aws import Account
from ops.configuration import Choices, Configuration
from ops.deploy import chalice_deploy
from ops.destroy import Destroy
from ops.finish import Finish
from ops.provision import Provision, Wishes
from ops.secret_store import STRIPE_KEY, SecretStore, asked_for
from ops.stage import Stage, Trouble
from ops.webhook_endpoint import register


def provision(options: Namespace) -> Iterator[str]:
    """Make what the stage needs before it is deployed; --plan only says what that is."""
    account = Account()
    wishes = Wishes(
        options.sender or "",
        options.publishable_key or "",
        options.architecture or "",
        options.domain or "",
        options.certificate or "",
        options.tracing or "",
    )
    work = Provision(account, account.stage(options.stage), wishes)
    if options.plan:
        planned = [f"  {line}" for line in work.plan()]
        yield from planned
        yield "that is the plan; nothing was changed yet" if planned else "nothing is to be done"
        return
    yield from work.apply()


def secret(options: Namespace) -> Iterator[str]:
    """Keep the Stripe key of the running portal; asked for without echo, or read from standard input."""
    account, stage, choices = known_stage(options)
    SecretStore(account, stage).write(STRIPE_KEY, asked_for(choices.publishable_key))
    yield "the running portal uses this key within five minutes"


def deploy(options: Namespace) -> Iterator[str]:
    """Provision, deploy and finish, in one go."""
    account, stage, _ = known_stage(options)
    yield from Provision(account, stage, Wishes()).apply()
    yield from chalice_deploy(stage)
    yield from finish(options)


def finish(options: Namespace) -> Iterator[str]:
    """Set what Chalice cannot; needed after every `chalice deploy`."""
    account, stage, choices = known_stage(options)
    work = Finish(account, stage, choices, options.public_url or "")
    yield from work.apply()
    yield from register(SecretStore(account, stage), stage, work.public_url, choices.publishable_key)


def run(options: Namespace) -> Iterator[str]:
    """Run a timer now: sweep, reconcile or expiring."""
    account, stage, _ = known_stage(options)
    yield f"{options.timer}: {timers.run(account, stage, options.timer)}"


def import_(options: Namespace) -> Iterator[str]:
    """Fill the mirror from Stripe for all customers; goes on where it was stopped."""
    from ops.dns_texts import look_up
    from ops.importing import Import
    from ops.patient import Patient

    if options.rate is not None and options.rate <= 0:
        raise Trouble("--rate takes a number of calls above 0")
    stage = Patient(*known_stage(options), look_up)
    yield from Import(stage.config_with_key, options.rate).apply()


def settings(options: Namespace) -> Iterator[str]:
    """Apply settings.STAGE.yaml."""
    account, stage, choices = known_stage(options)
    applied = Finish(account, stage, choices, options.public_url or "").settings()
    yield f"{applied.company.name}: customers see the new settings within ten seconds"


def destroy(options: Namespace) -> Iterator[str]:
    """Remove the deployed portal; the data stays unless --data-too."""
    account, stage, choices = known_stage(options)
    yield from Destroy(account, stage, choices).apply(options.data_too, options.yes)


def doctor(options: Namespace) -> Iterator[str]:
    """Look at everything, and say what is to be done."""
    from ops.dns_texts import look_up
    from ops.doctor import screen
    from ops.patient import Patient

    yield from screen(Patient(*known_stage(options), look_up))


def known_stage(options: Namespace) -> tuple[Account, Stage, Choices]:
    """The stage and what was chosen for it. Raises Trouble when it was never provisioned."""
    account = Account()
    stage = account.stage(options.stage)
    choices = Configuration().choices(stage)
    if choices is None:
        raise Trouble(f"{stage.name!r} is not provisioned here yet: python -m ops provision {stage.name} --from …")
    return account, stage, choices


ALL: dict[str, Callable[[Namespace], Iterator[str]]] = {
    "provision": provision,
    "secret": secret,
    "deploy": deploy,
    "finish": finish,
    "run": run,
    "import": import_,
    "settings": settings,
    "doctor": doctor,
    "destroy": destroy,
}
PUBLIC_URL = ("--public-url", {"help": "where customers reach the portal, if not by API Gateway's own address"})
OPTIONS: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "provision": (
        ("--from", {"dest": "sender", "metavar": "ADDRESS", "help": "mails come from here; alarms go there"}),
        ("--publishable-key", {"metavar": "pk_…", "help": "the Stripe account and mode"}),
        ("--architecture", {"choices": ("arm64", "x86_64"), "help": "of the functions; arm64 costs less"}),
        ("--domain", {"help": "the portal's own host name"}),
        ("--certificate", {"metavar": "ARN", "help": "its certificate in ACM"}),
        ("--tracing", {"choices": ("on", "off"), "help": "AWS X-Ray times requests and functions; off at first"}),
        ("--plan", {"action": "store_true", "help": "say what would be done, and do nothing"}),
    ),
    "deploy": (PUBLIC_URL,),
    "finish": (PUBLIC_URL,),
    "run": (("timer", {"choices": timers.TIMERS}),),
    "import": (
        (
            "--rate",
            {"type": float, "metavar": "CALLS", "help": "calls to Stripe a second at most; 100, or 25 in test mode"},
        ),
    ),
    "settings": (PUBLIC_URL,),
    "destroy": (
        ("--data-too", {"action": "store_true", "help": "table, receipts and secrets as well"}),
        ("--yes", {"action": "store_true", "help": "do not ask"}),
    ),
}
