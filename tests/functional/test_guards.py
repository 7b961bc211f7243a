"""Nobody gets in who should not: every route of the app is asked, those that do not exist yet included."""

from collections.abc import Callable
from typing import Any

import pytest
from chalice import Response
from msgspec.structs import replace

from chalicelib.access.card_tries import CardTries
from chalicelib.access.sessions import Visit
from chalicelib.billing import pay
from chalicelib.billing.account import Account
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.web import cards, guard
from chalicelib.wiring import portal
from tests.functional.guard_checks import (
    FROM_ELSEWHERE,
    WITHOUT_TOKEN,
    id_fields,
    in_forms,
    in_paths,
    obeyed,
    served_of_others,
    served_without_session,
)
from tests.functional.neighbours import ADA, Neighbours, routes
from tests.functional.traces import changes, traces
from tests.functional.visitor import SESSION, Visitor
from tests.functional.wire import Wire, session_of
from tests.shop import Shop
from tests.stack import TestStack

OPEN_TO_ALL = {
    "GET /sign-in",
    "HEAD /sign-in",
    "GET /sign-in/code",
    "HEAD /sign-in/code",
    "GET /sign-in/link",
    "HEAD /sign-in/link",
    "POST /sign-in",
    "POST /sign-in/code",
    "POST /sign-in/link",
    "POST /webhooks/stripe",
    "GET /static/{version}/{name}",
    "GET /brand/{file}",
}
CARD_IS_CHECKED_TOO = {f"POST /items/{{item}}/card{rest}" for rest in ("", "/finish", "/elsewhere")}
Restored = pytest.MonkeyPatch


@pytest.fixture
def here(stack: TestStack, shop: Shop, wire: Wire) -> Neighbours:
    """Ada and Eve, each with one of everything."""
    return Neighbours(stack, shop, wire)


@pytest.mark.root_only
def test_only_these_routes_are_open_to_everybody(stack: TestStack) -> None:
    found = {str(route) for route in routes(stack, "visitor", "visitor_post", "machine")}
    assert {each for each in found if not each.endswith(("/{proxy+}", " /"))} == OPEN_TO_ALL
    assert len(routes(stack, "customer")) >= 10
    assert len(routes(stack, "customer_post")) >= 8


def test_every_page_of_a_customer_needs_a_session(here: Neighbours) -> None:
    assert served_without_session(here) == []
    assert served_without_session(here, "x" * 64 + "." + "y" * 43) == []
    eves = here.eve.session.partition(".")[2]
    assert served_without_session(here, here.ada.session.partition(".")[0] + "." + eves) == []


@pytest.mark.root_only
def test_what_is_somebody_elses_is_the_same_404_as_what_never_was(here: Neighbours) -> None:
    assert served_of_others(here) == []


@pytest.mark.root_only
def test_no_form_is_obeyed_that_our_own_page_did_not_send(
    here: Neighbours, another_visitor: Callable[[], Visitor]
) -> None:
    phone, earlier = another_visitor(), another_visitor()
    here.stack.clock.move_to(here.stack.clock.later("PT2M"))
    phone.sign_in(ADA)
    here.stack.clock.move_to(here.stack.clock.later("PT2M"))
    earlier.sign_in(ADA)
    over = session_of(earlier)[1]
    earlier.press("Sign out")
    tokens = {"Eve’s token": here.eve.csrf, "a token of Ada’s phone": session_of(phone)[1], "a token from before": over}
    assert len(FROM_ELSEWHERE) + len(WITHOUT_TOKEN) + len(tokens) >= 12
    assert obeyed(here, tokens) == []


@pytest.mark.root_only
def test_a_session_ends_after_half_an_hour_of_silence(here: Neighbours) -> None:
    move(here.stack, "PT29M")
    assert here.wire.get("/", here.ada.session).status == 200
    move(here.stack, "PT29M")
    assert here.wire.get("/", here.ada.session).status == 200
    move(here.stack, "PT30M")
    assert served_without_session(here, here.ada.session) == []


@pytest.mark.root_only
def test_a_session_ends_after_eight_hours_however_busy(here: Neighbours) -> None:
    for _ in range(23):
        move(here.stack, "PT20M")
        assert here.wire.get("/", here.ada.session).status == 200
    move(here.stack, "PT19M")
    assert here.wire.get("/", here.ada.session).status == 200
    move(here.stack, "PT2M")
    assert served_without_session(here, here.ada.session) == []


@pytest.mark.root_only
def test_nothing_can_be_read_with_the_cookie_of_a_session_that_was_signed_out(
    here: Neighbours, another_visitor: Callable[[], Visitor]
) -> None:
    phone = another_visitor()
    move(here.stack, "PT2M")
    phone.sign_in(ADA)
    phones = phone.cookies[SESSION]
    here.ada.visitor.open("/")
    here.ada.visitor.press("Sign out")
    assert served_without_session(here, here.ada.session) == []
    assert here.wire.get("/", phones).status == 200
    phone.press("Sign out on all devices")
    assert served_without_session(here, phones) == []


# The checks themselves: each defect planted once must be noticed.


@pytest.mark.root_only
def test_a_route_without_its_guard_would_be_noticed(here: Neighbours, monkeypatch: Restored) -> None:
    entries: Any = here.stack.app.routes
    entry = entries["/payments"]["GET"]
    inside: Any = entry.view_function
    plain = lambda **params: Response(b"all of Ada's payments")  # noqa: E731
    plain.guard = inside.guard  # type: ignore[attr-defined]
    monkeypatch.setattr(entry, "view_function", plain)
    assert served_without_session(here) == ["GET /payments: 200 None"]


@pytest.mark.root_only
def test_a_look_up_that_forgets_whose_it_is_would_be_noticed(here: Neighbours, monkeypatch: Restored) -> None:
    eves = portal().account(Visit(here.eve.mailbox, (here.eve.ids["customer"],), "", ""))
    asked = Account.item
    monkeypatch.setattr(Account, "item", lambda self, item: asked(self, item) or asked(eves, item))
    served = {words for words, answer in in_paths(here) if answer.status != 404}
    for route in routes(here.stack, "customer", "customer_post"):
        if "item" in route.names and str(route) not in CARD_IS_CHECKED_TOO:
            assert f"{route} of Eve’s subscription" in served


@pytest.mark.root_only
def test_a_foreign_card_taken_for_ones_own_would_be_noticed(here: Neighbours, monkeypatch: Restored) -> None:
    fields, ada = id_fields(here), here.ada.ids["customer"]
    card, setup = StripeGateway.card, StripeGateway.card_setup
    before = traces(here.stack)
    monkeypatch.setattr(StripeGateway, "card", lambda self, id: claimed(card(self, id), customer=ada))
    for_this = {"customer": ada, "purpose": here.ada.ids["subscription"]}
    monkeypatch.setattr(StripeGateway, "card_setup", lambda self, id: claimed(setup(self, id), **for_this))
    # what is asked before Stripe is
    monkeypatch.setattr(CardTries, "look_at_form", lambda self, holder, item, setup: None)
    monkeypatch.setattr(cards, "charge_to", pay.change_card)
    served = {words for words, answer in in_forms(here, fields) if answer.status != 404}
    assert {words.partition(" ")[0] for words in served} == {"card", "setup_intent"}
    assert "written at Stripe" in changes(before, traces(here.stack))


def claimed(found: Any, **values: str) -> Any:
    """A fact that says it belongs to somebody else."""
    return replace(found, **values) if found else None


@pytest.mark.root_only
def test_checks_of_forms_that_are_not_made_would_be_noticed(here: Neighbours, monkeypatch: Restored) -> None:
    posts = {str(route) for route in routes(here.stack, "customer_post")}
    with monkeypatch.context() as without_origin:
        without_origin.setattr(guard, "same_origin", lambda: None)
        assert {fault.partition(",")[0] for fault in obeyed(here, {})} >= posts
    with monkeypatch.context() as without_token:
        without_token.setattr(Visit, "owns_token", lambda self, token: True)
        assert {fault.partition(",")[0] for fault in obeyed(here, {})} & posts


def move(stack: TestStack, duration: str) -> None:
    """Let time pass without any timed job."""
    stack.clock.move_to(stack.clock.later(duration))
    stack.settle()
