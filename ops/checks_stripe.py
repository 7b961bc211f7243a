"""Keys, events, and whether the portal shows what Stripe has."""

import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import stripe

from chalicelib import clock
from chalicelib.billing import status, translate
from chalicelib.billing.wanted_events import WANTED
from ops.finding import Finding, counted, fine, unseen, wrong
from ops.patient import Patient
from ops.secret_store import STRIPE_KEY, WEBHOOK_SECRET
from ops.webhook_endpoint import PATH, made_for

DAY, UNDER_WAY = 86400, 300
# Stripe takes at most so many types at once: https://docs.stripe.com/api/events/list
TYPES = 20
SAMPLE, LOOKED_THROUGH, PAUSE = 5, 100, 3
PLANS_OF, NAMED = 2000, 5


def stripe_key(patient: Patient) -> Iterator[Finding]:
    """The portal’s Stripe key works."""
    key, mode = patient.secrets.read(STRIPE_KEY), patient.choices.publishable_key.split("_")[1]
    if not key:
        yield wrong("no Stripe key is stored", patient.command("secret"))
    elif f"_{mode}_" not in key:
        yield wrong(f"the stored Stripe key is not for {mode} mode", patient.command("secret"))
    else:
        try:
            patient.stripe.v1.customers.list({"limit": 1})
        except stripe.AuthenticationError:
            yield wrong("Stripe refuses the stored key", f"make a new one, then {patient.command('secret')}")
        except stripe.PermissionError:
            yield wrong("the stored Stripe key may not read customers", "docs/stripe-permissions.md says what it needs")
        else:
            unrestricted = ", though a restricted one would do" if key.startswith("sk_") else ""
            yield fine(f"the portal’s Stripe key works ({mode} mode{unrestricted})")


def webhook_secret(patient: Patient) -> Iterator[Finding]:
    """Events can be verified."""
    stored = len(patient.secrets.read(WEBHOOK_SECRET).split())
    if not stored:
        yield wrong("no webhook secret is stored, so every event is refused", patient.command("finish"))
    elif stored > 1:
        later = f"an hour after the deployment, {patient.command('finish')}"
        yield wrong("the webhook secret is being replaced and both still hold", later)
    else:
        yield fine("events can be verified")


def endpoint(patient: Patient) -> Iterator[Finding]:
    """Stripe sends its events here."""
    ours, url = list(made_for(patient.stage, patient.operator.v1.webhook_endpoints)), patient.settings.public_url + PATH
    trouble = trouble_with(ours, url)
    if trouble:
        yield wrong(trouble, patient.command("finish"))
    elif len(ours) > 1:
        yield wrong(
            "an older webhook endpoint sends as well", f"an hour after the deployment, {patient.command('finish')}"
        )
    else:
        yield fine(f"Stripe sends exactly our events to {url}, version {stripe.api_version}")


def trouble_with(ours: list[Any], url: str) -> str:
    """What is wrong with the newest endpoint, or ""."""
    if not ours:
        return "Stripe has no webhook endpoint for this stage"
    newest = ours[0]
    if newest.url != url:
        return f"Stripe sends its events to {newest.url}, not to {url}"
    if newest.api_version != stripe.api_version:
        return f"Stripe sends events of version {newest.api_version}, not {stripe.api_version}"
    if newest.status != "enabled":
        return "the webhook endpoint is switched off at Stripe"
    if sorted(newest.enabled_events) != sorted(WANTED):
        return "Stripe sends other events than we follow"
    return ""


def deliveries(patient: Patient) -> Iterator[Finding]:
    """Events arrived in the last day."""
    now, missed = int(clock.now()), []
    for start in range(0, len(WANTED), TYPES):
        span = {"gte": now - DAY, "lt": now - UNDER_WAY}
        types = list(WANTED[start : start + TYPES])
        wanted: Any = {"delivery_success": False, "types": types, "created": span, "limit": 100}
        missed += patient.operator.v1.events.list(wanted).data
    if missed:
        hours = (now - min(event.created for event in missed)) / 3600
        events = counted(len(missed), "event")
        yield wrong(
            f"{events} of the last day did not arrive everywhere, the oldest {hours:.1f} hours ago",
            "Stripe’s dashboard, Developers → Webhooks, shows which and why; the portal catches up every hour",
        )
    else:
        yield fine("all events of the last day arrived")


def mirror(patient: Patient) -> Iterator[Finding]:
    """The portal shows what Stripe has."""
    compared = list(islice(known_customers(patient), SAMPLE))
    differing = [holder for holder in compared if patient.sync.differences(holder)]
    if differing:
        time.sleep(PAUSE)  # what changed a moment ago may be on its way
    found = {holder: differ for holder in differing if (differ := patient.sync.differences(holder))}
    if found:
        reconcile = patient.stage.function("reconcile")
        what = "; ".join(f"{holder}: {', '.join(differ[:NAMED])}" for holder, differ in found.items())
        how = f"put right what is wrong with events, then aws lambda invoke --function-name {reconcile} /dev/stdout"
        yield wrong(f"the portal shows otherwise than Stripe ({what})", how)
    elif compared:
        yield fine(f"the portal shows what Stripe has (compared: {counted(len(compared), 'customer')})")
    else:
        yield fine("nobody has signed in yet whose account could be compared with Stripe")


def known_customers(patient: Patient) -> Iterator[str]:
    """The newest at Stripe that were once read whole."""
    newest = patient.stripe.v1.customers.list({"limit": 100}).auto_paging_iter()
    for customer in islice(newest, LOOKED_THROUGH):
        home = patient.mirror.home(customer.id, fresh=True)
        if home and home.compared_at:
            yield customer.id


def plans(patient: Patient) -> Iterator[Finding]:
    """Payment plans end at Stripe."""
    rows = patient.stripe.v1.subscriptions.list({"limit": 100, "expand": ["data.schedule"]}).auto_paging_iter()
    looked_at = [row.to_dict() for row in islice(rows, PLANS_OF)]
    endless = [row for row in looked_at if goes_on(row)]
    if endless:
        names = ", ".join(f"{row['id']} of {row['customer']}" for row in endless[:NAMED])
        more = f" and {len(endless) - NAMED} more" if endless[NAMED:] else ""
        yield wrong(
            f"Stripe would never stop charging {counted(len(endless), 'payment plan')} ({names}{more})",
            "set an end there",
        )
    else:
        newest = f", among the newest {PLANS_OF}" if len(looked_at) == PLANS_OF else ""
        yield fine(f"every payment plan has an end at Stripe{newest}")


def goes_on(row: dict[str, Any]) -> bool:
    """Whether a subscription is marked as a plan and would be charged for ever."""
    facts, schedule = translate.subscription(row), row.get("schedule")
    driven_by = translate.schedule(schedule) if schedule else None
    return facts.mark == "plan" and not status.has_ended(facts) and status.ends_at(facts, driven_by) is None


def own_mails(patient: Patient) -> Iterator[Finding]:
    """Stripe’s own mails."""
    where = "Settings → Billing → Subscriptions and emails, https://dashboard.stripe.com/settings/billing/automatic"
    yield unseen("whether Stripe mails customers about expiring cards and failed payments, too", f"look at {where}")
