"""Which handler answers at which address. A room is imported by the first request for it, so none pays for the others.

The addresses are in `links.ROUTES`. Who may come in stands on the handler itself (`guard`).
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from chalice import Chalice, Response

from chalicelib.web import forms
from chalicelib.web.links import ROUTES

PAGES = {
    "home": "home.home",
    "item": "items.show",
    "card": "cards.choose",
    "card_new": "cards.start_again",
    "card_return": "cards.returned",
    "card_elsewhere": "elsewhere.choose",
    "pay_all": "paying_all.ask",
    "pay": "paying_plan.preview",
    "resume": "paying_plan.preview",
    "pay_next": "paying_next.preview",
    "pay_off": "paying_off.preview",
    "cancel": "cancelling.ask",
    "wallet": "wallet.show",
    "card_remove": "wallet.ask",
    "payments": "payments.history",
    "order": "payments.show_order",
    "receipt": "receipts.show",
    "receipt_pdf": "receipts.download",
    "logo": "static_files.logo",
    "static": "static_files.asset",
}
# Mail scanners ask for the head alone, which must use up nothing.
DOORS = {"sign_in": "signin.ask_page", "sign_in_code": "signin.code_page", "sign_in_link": "signin.landing_page"}
FORMS = {
    "sign_in": "signin.ask",
    "sign_in_code": "signin.use_code",
    "sign_in_link": "signin.use_link",
    "sign_out": "signin.sign_out",
    "sign_out_everywhere": "signin.sign_out_everywhere",
    "card": "cards.use",
    "card_new": "cards.enter",
    "card_finish": "cards.finish",
    "card_elsewhere": "elsewhere.use",
    "pay_all": "paying_all.pay_them",
    "pay": "paying_plan.pay",
    "pay_return": "items.confirmed",
    "resume": "paying_plan.resume",
    "pay_next": "paying_next.pay",
    "pay_next_return": "paying_off.confirmed",
    "pay_off": "paying_off.pay",
    "pay_off_return": "paying_off.confirmed",
    "cancel": "cancelling.stop",
    "undo": "cancelling.keep",
    "card_remove": "wallet.remove",
}
OTHERS = ["OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
ANYTHING = ["*/*"]


class Handler:
    """A view by its name in a room, `room.view`."""

    def __init__(self, name: str) -> None:
        self.__name__ = name
        self._room, _, self._view = name.partition(".")

    def __call__(self, **params: str) -> Response:
        return self.view(**params)

    @property
    def view(self) -> Callable[..., Response]:
        """The function itself; its room is imported now."""
        found: Callable[..., Response] = getattr(import_module(f"chalicelib.web.{self._room}"), self._view)
        return found

    @property
    def guard(self) -> Any:
        """Who may come in."""
        return self.view.guard  # type: ignore[attr-defined]


def declare(app: Chalice) -> None:
    """Tell the app all addresses."""
    for name, handler in PAGES.items():
        app.route(ROUTES[name], methods=["GET"])(Handler(handler))
    for name, handler in DOORS.items():
        app.route(ROUTES[name], methods=["GET", "HEAD"])(Handler(handler))
    for name, handler in FORMS.items():
        app.route(ROUTES[name], methods=["POST"], content_types=forms.TYPES)(Handler(handler))
    app.route(ROUTES["webhook"], methods=["POST"], content_types=["application/json"])(Handler("webhooks.stripe_event"))
    app.route("/", methods=["HEAD", *OTHERS], content_types=ANYTHING)(Handler("unknown.unknown"))
    app.route("/{proxy+}", methods=["GET", "HEAD", *OTHERS], content_types=ANYTHING)(Handler("unknown.unknown"))
