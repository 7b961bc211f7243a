"""The only place where real parts are built, each on first use, and swapped in tests by `use`."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring_pages import PageParts

if TYPE_CHECKING:
    from chalicelib.access.answering import Answering
    from chalicelib.access.asking import Asking
    from chalicelib.access.entrance import Entrance
    from chalicelib.access.rights import MailboxRights
    from chalicelib.access.throttle import Counters
    from chalicelib.billing.desk import Desk
    from chalicelib.billing.inbox import Inbox, Queue
    from chalicelib.billing.ports import Gateway, Mirror
    from chalicelib.billing.runner import Runner
    from chalicelib.billing.secrets import Secrets
    from chalicelib.billing.sync import Sync
    from chalicelib.events.mails import Confirmations
    from chalicelib.events.outbox import Outbox
    from chalicelib.mail.mailer import Mailer
    from chalicelib.notices.mailings import Mailings
    from chalicelib.receipts.counter import Counter
    from chalicelib.receipts.issue import Vault
    from chalicelib.storage.mailboxes import DynamoMailboxes


class Portal(PageParts):
    """One stack's parts. Nothing is built, imported or connected before it is first asked for."""

    @cached_property
    def mirror(self) -> "Mirror":
        """What we know of Stripe, to be written as well."""
        self._connect()
        from chalicelib.storage.mirror import DynamoMirror

        return DynamoMirror()

    @cached_property
    def gateway(self) -> "Gateway":
        """Stripe itself; the client is imported and built by its first call."""
        from chalicelib.billing.stripe_gateway import StripeGateway

        return StripeGateway(self.config, self.secrets)

    @cached_property
    def secrets(self) -> "Secrets":
        """Keys; read when first needed."""
        from chalicelib.storage.secrets import secrets_of

        return secrets_of(self.config)

    @cached_property
    def queue(self) -> "Queue":
        """The work queue."""
        from chalicelib.storage.queue import SqsQueue

        return SqsQueue(self.config)

    @cached_property
    def inbox(self) -> "Inbox":
        """Stripe's events seen."""
        self._connect()
        from chalicelib.storage.inbox import DynamoInbox

        return DynamoInbox()

    @cached_property
    def outbox(self) -> "Outbox":
        """Our own billing events on their way out."""
        self._connect()
        from chalicelib.storage.outbox import DynamoOutbox

        return DynamoOutbox()

    @cached_property
    def sync(self) -> "Sync":
        """Keeps the mirror up to date."""
        from chalicelib.billing.plans import classify
        from chalicelib.billing.sync import Sync

        settings = self.settings
        return Sync(self.gateway, self.mirror, self.rights, lambda facts, plan: classify(facts, plan, settings()))

    @cached_property
    def runner(self) -> "Runner":
        """Carries out customers' actions."""
        self._connect()
        from chalicelib.billing.runner import Runner
        from chalicelib.storage.intents import DynamoIntents

        return Runner(DynamoIntents(), self.queue)

    @cached_property
    def desk(self) -> "Desk":
        """What actions work with."""
        from chalicelib.billing.desk import Desk

        return Desk(self.gateway, self.mirror, self.sync, self.runner, self.settings)

    @cached_property
    def vault(self) -> "Vault":
        """Receipt PDFs and the logo."""
        from chalicelib.storage.vault import S3Vault

        return S3Vault(self.config)

    @cached_property
    def receipts(self) -> "Counter":
        """Where customers get their receipts."""
        self._connect()
        from chalicelib.receipts.counter import Counter
        from chalicelib.storage.receipts import DynamoReceipts

        return Counter(self.mirror, DynamoReceipts(), self.vault, self.settings)

    @cached_property
    def mailboxes(self) -> "DynamoMailboxes":
        """Who may see which holders, and who is signed in."""
        self._connect()
        from chalicelib.storage.mailboxes import DynamoMailboxes

        return DynamoMailboxes()

    @cached_property
    def rights(self) -> "MailboxRights":
        """Moves a holder between mailboxes when its address changes."""
        from chalicelib.access.rights import MailboxRights

        return MailboxRights(self.mailboxes)

    @cached_property
    def asking(self) -> "Asking":
        """Takes wishes for sign-in mails."""
        from chalicelib.access.asking import Asking
        from chalicelib.access.throttle import Throttle

        return Asking(Throttle(self.counters), self.queue)

    @cached_property
    def entrance(self) -> "Entrance":
        """Lets people in by link or code."""
        from chalicelib.access.entrance import Entrance
        from chalicelib.access.throttle import Throttle
        from chalicelib.storage.links import DynamoLinks

        return Entrance(self.mailboxes, DynamoLinks(), Throttle(self.counters))

    @cached_property
    def answering(self) -> "Answering":
        """Decides which wishes for sign-in mails are answered, and mails."""
        from chalicelib.access.answering import Answering
        from chalicelib.access.customers import MirrorImporter, StripeCustomers
        from chalicelib.access.links import Desk
        from chalicelib.access.mailboxes import Directory
        from chalicelib.access.throttle import Pace
        from chalicelib.storage.links import DynamoLinks

        customers, importer = StripeCustomers(self.gateway, self.mirror), MirrorImporter(self.sync, self.queue)
        directory = Directory(self.mailboxes, customers, importer, Pace(self.counters))
        return Answering(directory, Desk(DynamoLinks()), self.mailer)

    @cached_property
    def mailer(self) -> "Mailer":
        """Sends mails; SES is connected by the first."""
        from chalicelib.mail.ses import SesMailer

        return SesMailer(self.config.region, self.config.ses_endpoint)

    @cached_property
    def counters(self) -> "Counters":
        """How often things happened."""
        self._connect()
        from chalicelib.storage.throttle import DynamoCounters

        return DynamoCounters()

    @cached_property
    def confirmations(self) -> "Confirmations":
        """Mails customers what they did."""
        from chalicelib.events.mails import Confirmations

        return Confirmations(self.mirror, self.mailer)

    @cached_property
    def mailings(self) -> "Mailings":
        """Mails customers what nobody asked for."""
        from chalicelib.notices.mailings import Mailings
        from chalicelib.storage.failed_bills import DynamoFailedBills
        from chalicelib.storage.notices import DynamoNotices

        return Mailings(DynamoNotices(), DynamoFailedBills(), self.mirror, self.mailer, self.queue)


_portal = Portal()


def portal() -> Portal:
    """The parts in use."""
    return _portal


def use(parts: Portal) -> None:
    """Swap all parts at once (tests, local stack)."""
    global _portal
    _portal = parts
