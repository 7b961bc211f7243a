"""All that is mailed without anybody asking."""

from chalicelib.billing.inbox import Queue
from chalicelib.billing.ports import Mirror
from chalicelib.mail.mailer import Mailer
from chalicelib.notices.card_expiring import CardExpiring, Notices
from chalicelib.notices.payment_failed import FailedBills, PaymentFailed


class Mailings:
    """The notices, each over a store of its own."""

    def __init__(self, cards: Notices, bills: FailedBills, mirror: Mirror, mailer: Mailer, queue: Queue) -> None:
        self.failed_bills = bills
        self.card_expiring = CardExpiring(cards, mirror, mailer, queue)
        self.payment_failed = PaymentFailed(bills, mirror, mailer, queue)
