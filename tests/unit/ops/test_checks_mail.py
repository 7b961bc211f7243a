"""What the emulated SES never says: a sender that signs or is not verified, sending stopped, a default that tracks."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from ops import checks_mail
from ops.finding import Finding

Check = Callable[[Any], Iterator[Finding]]
VERIFIED: dict[str, Any] = {"VerifiedForSendingStatus": True, "DkimAttributes": {"Status": "SUCCESS"}}
RUNNING = {"ProductionAccessEnabled": True, "SendingEnabled": True}
OPENS = {"Enabled": True, "MatchingEventTypes": ["SEND", "OPEN"]}


class Ses:
    """SES with one identity; configuration sets by name."""

    def __init__(self, identity: dict[str, Any] = VERIFIED, account: dict[str, Any] = RUNNING, **sets: Any) -> None:
        self.identity, self.account, self.sets = identity, account, {"tillkey-shop": [], **sets}

    def get_email_identity(self, EmailIdentity: str) -> dict[str, Any]:
        assert EmailIdentity == "northlight.example"
        return self.identity

    def get_account(self) -> dict[str, Any]:
        return self.account

    def get_configuration_set(self, ConfigurationSetName: str) -> dict[str, Any]:
        return {"ConfigurationSetName": ConfigurationSetName}

    def get_configuration_set_event_destinations(self, ConfigurationSetName: str) -> dict[str, Any]:
        return {"EventDestinations": self.sets[ConfigurationSetName]}


def said(check: Check, ses: Ses, records: tuple[str, ...] = ()) -> str:
    """The one line a check says."""
    patient = SimpleNamespace(
        client=lambda service: ses,
        sender="northlight.example",
        stage=SimpleNamespace(config_set="tillkey-shop"),
        texts=lambda name: records if name == "bounce.northlight.example" else (),
    )
    (finding,) = check(patient)
    return str(finding)


@pytest.mark.parametrize(
    ("check", "ses", "line"),
    [
        (checks_mail.sender, Ses(), "✓ northlight.example is verified and its mails are signed (DKIM)"),
        (checks_mail.sender, Ses({**VERIFIED, "VerifiedForSendingStatus": False}), "✗ SES has not verified"),
        (checks_mail.sender, Ses({**VERIFIED, "DkimAttributes": {"Status": "PENDING"}}), "✗ mails from northlight"),
        (checks_mail.sending, Ses(account={**RUNNING, "SendingEnabled": False}), "✗ SES has stopped sending"),
        (checks_mail.tracking, Ses(), "✓ no opens or clicks are tracked"),
        (
            checks_mail.tracking,
            Ses({**VERIFIED, "ConfigurationSetName": "marketing"}, marketing=[OPENS]),
            "✗ the SES configuration set marketing",
        ),
        (
            checks_mail.tracking,
            Ses({**VERIFIED, "ConfigurationSetName": "marketing"}, marketing=[{**OPENS, "Enabled": False}]),
            "✓ no opens or clicks are tracked",
        ),
        (
            checks_mail.tracking,
            Ses(account={**RUNNING, "VdmAttributes": {"DashboardAttributes": {"EngagementMetrics": "ENABLED"}}}),
            "✗ the SES configuration set tillkey-shop",
        ),
    ],
)
def test_it_says(check: Check, ses: Ses, line: str) -> None:
    assert said(check, ses).startswith(line)


@pytest.mark.parametrize(
    ("records", "sign"), [((), "✗"), (("v=spf10",), "✗"), (("v=spf1 INCLUDE:amazonses.com -all",), "✓")]
)
def test_with_an_envelope_domain_of_its_own_that_ones_spf_counts(records: tuple[str, ...], sign: str) -> None:
    ses = Ses({**VERIFIED, "MailFromAttributes": {"MailFromDomain": "bounce.northlight.example"}})
    assert said(checks_mail.spf, ses, records).startswith(sign)
