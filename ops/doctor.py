"""Looking at everything once more: one screen, a line for each thing, and what to do about it."""

import re
from collections.abc import Callable, Iterator, Sequence

from botocore.exceptions import ClientError

from ops import checks_aws, checks_mail, checks_portal, checks_stripe
from ops.aws import code_of, plainly
from ops.finding import FINE, WRONG, Finding, unseen, wrong
from ops.patient import Patient
from ops.stage import Trouble

GONE = re.compile("NotFound|NonExistent|DoesNotExist|NoSuch")
# The first line of its docstring names what could not be seen when a check fails.
Check = Callable[[Patient], Iterator[Finding]]
PROVISIONED: tuple[Check, ...] = (
    checks_aws.stack,
    checks_aws.table,
    checks_aws.logs,
    checks_aws.queue,
    checks_aws.dead_letters,
    checks_aws.alarms,
    checks_mail.sending,
    checks_mail.sender,
    checks_mail.spf,
    checks_mail.dmarc,
    checks_mail.tracking,
    checks_stripe.stripe_key,
    checks_stripe.plans,
    checks_stripe.own_mails,
)
DEPLOYED: tuple[Check, ...] = (
    checks_portal.versions,
    checks_portal.package,
    checks_portal.partial_batches,
    checks_portal.settings,
    checks_portal.reachable,
    checks_portal.default_host,
    checks_stripe.webhook_secret,
    checks_stripe.endpoint,
    checks_stripe.deliveries,
    checks_stripe.mirror,
)


def screen(patient: Patient) -> Iterator[str]:
    """All findings, line by line. Raises Trouble at the end when something is to be done."""
    to_do = 0
    for finding in examine(patient):
        yield str(finding)
        to_do += finding.sign == WRONG
    if to_do:
        raise Trouble("one thing is to be done" if to_do == 1 else f"{to_do} things are to be done")


def examine(patient: Patient) -> Iterator[Finding]:
    """What every check finds; what needs a deployed portal only when there is one."""
    yield from outcomes(PROVISIONED, patient)
    there = list(outcomes([checks_portal.deployed], patient))
    yield from there
    if all(finding.sign == FINE for finding in there):
        yield from outcomes(DEPLOYED, patient)


def outcomes(checks: Sequence[Check], patient: Patient) -> Iterator[Finding]:
    """What these find. One that fails says so in its own line and keeps none of the others from looking."""
    for check in checks:
        try:
            with plainly("look at this"):
                yield from check(patient)
        except Exception as error:  # noqa: BLE001 - the outermost boundary of a check: whatever it met is its finding
            yield failure((check.__doc__ or check.__name__).splitlines()[0].rstrip("."), error)


def failure(subject: str, error: Exception) -> Finding:
    """What a check that could not go on tells: something it looks at is gone, or it cannot be seen from here."""
    cause = error.__cause__
    if isinstance(cause, ClientError) and GONE.search(code_of(cause)):
        how = "let CloudFormation detect the drift of the data stack; docs/guide.md tells of restoring"
        return wrong(f"{subject}: AWS no longer has it ({cause.operation_name}, {code_of(cause)})", how)
    return unseen(subject, " ".join(str(error).split()) or type(error).__name__)
