"""Whether mails leave, arrive, and are nobody's tracking pixels."""

import re
from collections.abc import Iterator
from typing import Any

from ops.finding import Finding, fine, wrong
from ops.patient import Patient

TRACKED = {"OPEN", "CLICK"}
# https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html
SANDBOX = "ask AWS for production access, in the SES console under Account dashboard"


def sending(patient: Patient) -> Iterator[Finding]:
    """SES sends to everybody."""
    account = patient.client("sesv2").get_account()
    if not account["ProductionAccessEnabled"]:
        yield wrong("SES is in its sandbox: it only mails addresses you verified", SANDBOX)
    elif not account["SendingEnabled"]:
        state = account.get("EnforcementStatus", "")
        yield wrong(f"SES has stopped sending ({state})", "read what AWS mailed you, and answer in the SES console")
    else:
        yield fine("SES sends to everybody")


def sender(patient: Patient) -> Iterator[Finding]:
    """The sender is verified and signs."""
    found = identity(patient)
    dkim = found.get("DkimAttributes", {}).get("Status", "")
    records = "add the three DKIM records that the SES console shows for it to your DNS"
    if not found["VerifiedForSendingStatus"]:
        yield wrong(f"SES has not verified {patient.sender}", records)
    elif dkim != "SUCCESS":
        yield wrong(f"mails from {patient.sender} are not signed (DKIM is {dkim})", records)
    else:
        yield fine(f"{patient.sender} is verified and its mails are signed (DKIM)")


def spf(patient: Patient) -> Iterator[Finding]:
    """SPF names SES."""
    # RFC 7208; the envelope's domain is asked, which is the sender's own only where MAIL FROM was set up
    domain = identity(patient).get("MailFromAttributes", {}).get("MailFromDomain") or patient.sender
    records = [text for text in patient.texts(domain) if re.match(r"v=spf1(\s|$)", text, re.IGNORECASE)]
    if len(records) > 1:
        yield wrong(f"{domain} has {len(records)} SPF records, and so none that counts", "make them one TXT record")
    elif not records:
        yield wrong(f"{domain} has no SPF record", 'add the TXT record "v=spf1 include:amazonses.com ~all"')
    elif "include:amazonses.com" not in records[0].lower():
        yield wrong(f"SPF of {domain} does not name SES", "add include:amazonses.com to its TXT record, before …all")
    else:
        yield fine(f"SPF of {domain} names SES")


def dmarc(patient: Patient) -> Iterator[Finding]:
    """DMARC says what to do with forgeries."""
    # RFC 7489, 6.6.3: the domain itself, then the one it belongs to; which that is we only know by trying
    labels = patient.sender.split(".")
    for start in range(len(labels) - 1):
        domain = ".".join(labels[start:])
        if any(re.match(r"v=DMARC1\s*;", text) for text in patient.texts(f"_dmarc.{domain}")):
            yield fine(f"DMARC is set for {domain}")
            return
    record = f'"v=DMARC1; p=none; rua=mailto:postmaster@{patient.sender}"'
    yield wrong(f"{patient.sender} has no DMARC record", f"add the TXT record {record} at _dmarc.{patient.sender}")


def tracking(patient: Patient) -> Iterator[Finding]:
    """No mail is tracked."""
    # https://docs.aws.amazon.com/ses/latest/dg/configure-custom-open-click-domains.html
    own = patient.stage.config_set
    names = dict.fromkeys((own, identity(patient).get("ConfigurationSetName") or own))
    tracking_sets = [name for name in names if tracks(patient, name)]
    for name in tracking_sets:
        how = "turn off Open and Click in its event destinations, and engagement tracking, in the SES console"
        yield wrong(f"the SES configuration set {name} rewrites links to count opens and clicks", how)
    if not tracking_sets:
        yield fine("no opens or clicks are tracked; links in mails stay as they are")


def tracks(patient: Patient, config_set: str) -> bool:
    """By an event destination, or by the engagement metrics of the Virtual Deliverability Manager."""
    client = patient.client("sesv2")
    found = client.get_configuration_set_event_destinations(ConfigurationSetName=config_set)
    published = {
        kind for each in found.get("EventDestinations", []) if each["Enabled"] for kind in each["MatchingEventTypes"]
    }
    options = client.get_configuration_set(ConfigurationSetName=config_set).get("VdmOptions", {})
    general = client.get_account().get("VdmAttributes", {}).get("DashboardAttributes", {})
    metrics = options.get("DashboardOptions", {}).get("EngagementMetrics") or general.get("EngagementMetrics")
    return bool(published & TRACKED) or metrics == "ENABLED"


def identity(patient: Patient) -> dict[str, Any]:
    """What SES knows of the sender."""
    found: dict[str, Any] = patient.client("sesv2").get_email_identity(EmailIdentity=patient.sender)
    return found
