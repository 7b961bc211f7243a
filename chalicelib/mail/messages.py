"""Every mail the portal sends: one function per message, given plain values, made from `templates/mail/<message>/`."""

from typing import Any

from msgspec import Struct

from chalicelib import templating
from chalicelib.mail.mailer import Attachment, Message
from chalicelib.settings import colours
from chalicelib.settings.merchant import Settings


class ItemNews(Struct, frozen=True):
    """What mails say of a subscription or plan. `ends` and `next_due` are UTC epoch seconds, amounts minor units;
    `instalments` are those a resumed plan still has."""

    name: str
    link: str
    currency: str
    ends: int | None = None
    next_due: int | None = None
    next_amount: int | None = None
    card: str = ""
    is_plan: bool = False
    about: bool = False
    instalments: int = 0


class CardNews(Struct, frozen=True):
    """What mails say of a card: "Visa •••• 4242", "12/2026", the last day it is good (midnight UTC, epoch seconds)
    and the items that are charged to it, at least one."""

    label: str
    expires: str
    last_day: int
    expired: bool
    items: tuple[ItemNews, ...]


class FailureNews(Struct, frozen=True):
    """What the mail about a failed bill says.

    `amount` is to be paid since `since`, `in_all` is what the item owes when that is more; `reason` and `advice` are
    sentences; `next_try` is None when nobody tries again by itself; an instalment is number so and so `of` so many.
    """

    name: str
    link: str
    amount: int
    currency: str
    since: int
    card: str
    reason: str
    advice: str
    next_try: int | None = None
    number: int | None = None
    of: int | None = None
    in_all: int | None = None
    last: bool = False


def sign_in_link(settings: Settings, to: str, link: str, code: str, minutes: int) -> Message:
    """What somebody who asked to sign in gets: a link for the asking browser and a code, good for `minutes`."""
    return compose("sign_in", settings, to, {"link": link, "code": code, "minutes": minutes})


def subscription_canceling(settings: Settings, to: str, item: ItemNews) -> Message:
    """Proof of a cancellation: what stops, until when it runs, how to take it back."""
    return compose("subscription_canceling", settings, to, {"item": item})


def subscription_canceled(settings: Settings, to: str, item: ItemNews) -> Message:
    """Proof of a cancellation that took effect at once."""
    return compose("subscription_canceled", settings, to, {"item": item})


def subscription_kept(settings: Settings, to: str, item: ItemNews) -> Message:
    """A cancellation was taken back: what it costs from here on, and when."""
    return compose("subscription_kept", settings, to, {"item": item})


def plan_resumed(settings: Settings, to: str, item: ItemNews) -> Message:
    """Proof that a plan goes on: how many instalments, how much, from when."""
    return compose("plan_resumed", settings, to, {"item": item})


def card_changed(settings: Settings, to: str, item: ItemNews) -> Message:
    """The card of one item was changed; whoever did not do that should say so."""
    return compose("card_changed", settings, to, {"item": item})


def card_expiring(settings: Settings, to: str, card: CardNews) -> Message:
    """A card expires soon, or just did, and something will be charged to it afterwards."""
    return compose("card_expiring", settings, to, {"card": card})


def payment_failed(settings: Settings, to: str, bill: FailureNews) -> Message:
    """A renewal or an instalment couldn't be charged: how much, why, what happens next, and where to fix it."""
    return compose("payment_failed", settings, to, {"bill": bill})


def compose(
    name: str, settings: Settings, to: str, values: dict[str, Any], attachments: tuple[Attachment, ...] = ()
) -> Message:
    """A message from the three templates of `name`, which also know `settings`, `logo` and `on_brand`."""
    known = {
        "settings": settings,
        "logo": f"{settings.public_url}/{settings.brand.logo}" if settings.brand.logo else "",
        "on_brand": colours.readable_on(settings.brand.colour),
    }
    subject, text, html = (
        templating.render(f"mail/{name}/{part}", {**known, **values})
        for part in ("subject.txt", "body.txt", "body.html")
    )
    company = settings.company
    return Message(to, company.name, company.support_email, subject.strip(), text, html, attachments)
