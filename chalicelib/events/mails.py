"""Which mail a billing event sends to the customer: one table, one small function each."""

from collections.abc import Callable

from chalicelib import clock
from chalicelib.billing.account import Subscription
from chalicelib.billing.intents import BillingEvent
from chalicelib.billing.ports import Mirror
from chalicelib.billing.reading import read_account
from chalicelib.mail import messages
from chalicelib.mail.mailer import Mailer, Message
from chalicelib.mail.messages import ItemNews
from chalicelib.settings.merchant import Settings

Compose = Callable[[Settings, str, ItemNews], Message]

NUMBERS = ("ends", "first", "amount", "instalments")

# Events that are not named here send no mail.
MAIL_FOR: dict[str, Compose] = {
    "subscription.canceling": messages.subscription_canceling,
    "subscription.canceled": messages.subscription_canceled,
    "subscription.kept": messages.subscription_kept,
    "plan.resumed": messages.plan_resumed,
    "card.changed": messages.card_changed,
}


class Confirmations:
    """Mails the customer what they did, to the address Stripe has for that customer, never to a typed one."""

    def __init__(self, mirror: Mirror, mailer: Mailer) -> None:
        self._mirror = mirror
        self._mailer = mailer

    def tell(self, event: BillingEvent, settings: Settings, link: str) -> None:
        """Send the mail of this event, if it has one and the item still exists. Raises MailUnavailable.

        `link` leads to the item's page, after sign-in.
        """
        compose = MAIL_FOR.get(event.type)
        home = self._mirror.home(event.holder, fresh=True)
        if compose is None or home is None or not home.customer.email:
            return
        account = read_account(self._mirror, event.mailbox, (event.holder,), clock.now(), settings, fresh=True)
        item = account.item(event.item)
        if item:
            self._mailer.send(compose(settings, home.customer.email, news(event, item, link)))


def news(event: BillingEvent, item: Subscription, link: str) -> ItemNews:
    """An item in the plain words of a mail. What the event says is as it was then, whatever came since."""
    upcoming, told = item.next_payment, {name: int(event.data.get(name) or 0) for name in NUMBERS}
    return ItemNews(
        name=item.name,
        link=link,
        currency=item.currency,
        ends=told["ends"] or item.ends,
        next_due=told["first"] or (upcoming.due if upcoming else None),
        next_amount=told["amount"] or (upcoming.amount if upcoming else None),
        instalments=told["instalments"],
        card=item.card.label if item.card else "",
        is_plan=item.is_plan,
    )
