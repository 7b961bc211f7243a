"""What the mail about an expiring card says: made from the mirror as it is now, or not at all."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from chalicelib.billing.account import Subscription
from chalicelib.billing.facts import CardFacts, Home
from chalicelib.billing.view_cards import method_label
from chalicelib.billing.view_item import item
from chalicelib.mail import messages
from chalicelib.mail.mailer import Message
from chalicelib.mail.messages import CardNews, ItemNews
from chalicelib.notices.expiry import day_at, moment
from chalicelib.notices.watching import Watched, expired_on, items_charged_after, watched
from chalicelib.settings.merchant import Settings


def letter(
    expiry: str,
    cards: Iterable[Watched],
    homes: Iterable[Home],
    now: float,
    settings: Settings,
    link_to: Callable[[str], str],
) -> Message | None:
    """The mail to the owner of these copies of one card, or None when nothing will be charged to any of them.

    It goes to the address Stripe has now. `link_to` gives an item's address, which leads there after sign-in.
    """
    wanted = set(cards)
    found = [(home, card) for home in homes for card in _still_watched(home, wanted)]
    items = [
        _news(item(facts, home, now, settings), link_to)
        for home, card in found
        for facts in items_charged_after(home, card)
    ]
    if not items:
        return None
    home, card = found[0]
    last_day = expired_on(expiry) - timedelta(days=1)
    news = CardNews(
        label=method_label(card.kind, card.brand, card.last4),
        expires=f"{card.exp_month:02d}/{card.exp_year}",
        last_day=moment(last_day),
        expired=day_at(now, settings.time_zone) > last_day,
        items=tuple(items),
    )
    return messages.card_expiring(settings, home.customer.email, news)


def _still_watched(home: Home, cards: set[Watched]) -> list[CardFacts]:
    """HOME has the last word: the list of watched cards may be a moment behind it."""
    true = {each.card for each in watched(home) & cards}
    return [card for card in home.cards if card.id in true]


def _news(shown: Subscription, link_to: Callable[[str], str]) -> ItemNews:
    upcoming = shown.next_payment
    return ItemNews(
        name=shown.name,
        link=link_to(shown.id),
        currency=shown.currency,
        next_due=upcoming.due if upcoming else None,
        next_amount=upcoming.amount if upcoming else None,
        about=upcoming.about if upcoming else False,
        is_plan=shown.is_plan,
    )
