"""Stripe or DynamoDB fails at any moment: every page says what is so, nothing happens twice, and later all is shown.

Waits of the client libraries between two tries are shortened; nothing else of them is touched.
"""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from chalicelib import config, wiring
from chalicelib.billing import stripe_calls
from local.stripe.webhooks import signature
from local.stripe_process import WEBHOOK_SECRET
from tests.functional.actions import UNTOUCHED, WAITING, Actions, Try
from tests.functional.document import Document
from tests.functional.neighbours import Neighbours, routes
from tests.functional.page_rules import faults as page_faults
from tests.functional.throttling import throttled
from tests.functional.traces import changes, rows, traces
from tests.functional.visitor import Visitor
from tests.functional.wire import Wire
from tests.shop import Shop
from tests.stack import TestStack

pytestmark = pytest.mark.root_only
TWICE = 2  # the client's own tries of one call
Call = tuple[str, str]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Stripe client tries again at once."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    monkeypatch.setattr(stripe_calls, "PAUSE", 0.001)


@pytest.fixture
def held(stack: TestStack) -> Iterator[None]:
    """Events wait until all has been tried, so that no worker mends meanwhile what a page got wrong."""
    yield
    stack.stripe.call("POST", "deliveries/mode", {})


def hold(stack: TestStack) -> None:
    """From now on; and only those that these pages depend on, for each takes its time."""
    url, told = f"{stack.portal_url}/webhooks/stripe", ["customer.subscription.updated", "invoice.paid"]
    stack.stripe.call("POST", "webhook_endpoints", {"url": url, "secret": WEBHOOK_SECRET, "enabled_events": told})
    stack.stripe.call("POST", "deliveries/mode", {"hold": True})


def let_go(stack: TestStack) -> None:
    """All that was held arrives, and the sweep runs."""
    stack.stripe.call("POST", "deliveries/mode", {})
    stack.stripe.call("POST", "deliveries/release", {})
    stack.advance("PT10M")


def calls_of(actions: Actions, one: Try) -> list[Call]:
    """What the portal asks of Stripe when nothing fails: method and path, ids as patterns."""
    stripe_ = actions.stack.stripe
    before = stripe_.call("GET", "requests.json")[-1]["number"]
    page = actions.press(one)
    assert actions.lies(one, page) == []
    made = stripe_.call("GET", f"requests.json?after={before}")
    return [(call["method"], re.sub(r"\b(sub|in|pi)_\w+", r"\1_\\w+", call["path"])) for call in made]


def spoil(stack: TestStack, calls: list[Call], number: int, **trouble: Any) -> None:
    """Trouble for one of these calls, the ones before it untouched."""
    method, path = calls[number]
    earlier = calls[:number].count(calls[number])
    if earlier:
        stack.stripe.call("POST", "faults", {"method": method, "path": f"^{path}$", "times": earlier})
    stack.stripe.call("POST", "faults", {"method": method, "path": f"^{path}$", **trouble})


Troubles = dict[str, tuple[str, list[dict[str, Any]]]]
TROUBLES: Troubles = {
    "both replies lost": (".*", [{"drop": True, "times": TWICE}]),
    "one reply lost": ("POST", [{"drop": True}]),
    "done, but an error said": ("POST", [{"status": 500, "after": True, "times": TWICE}]),
    "an error": ("POST", [{"status": 500, "times": TWICE}]),
    "too many requests": ("POST", [{"status": 429, "times": TWICE}]),
    "reply lost, then too many requests": ("POST", [{"drop": True}, {"status": 429}]),
    "locked": ("POST", [{"status": 429, "lock": True, "times": TWICE}]),
    "key in use": ("POST", [{"status": 409, "times": TWICE}]),
}


# The others are tried at every call, too, by `make proof P=main`.
SAMPLE = ("both replies lost", "done, but an error said", "reply lost, then too many requests")


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("wanted", [{"cancel": 9, "undo": 9}, {"pay": 13}, {"card": 20}])
def test_trouble_at_any_call_to_stripe_is_told_as_it_is_and_mended_later(
    stack: TestStack, shop: Shop, visitor: Visitor, wanted: dict[str, int]
) -> None:
    told_and_mended(Actions(stack, shop, visitor, **wanted), {words: TROUBLES[words] for words in SAMPLE})


def told_and_mended(actions: Actions, troubles_of: Troubles) -> None:
    """Each trouble, at each call it can befall, for each action."""
    stack, tried, wrong = actions.stack, [], []
    hold(stack)
    waiting = {action: [one for one in actions.tries() if one.action == action] for action in actions.items}
    for action, ones in waiting.items():
        calls = calls_of(actions, ones.pop())
        for words, (methods, troubles) in troubles_of.items():
            for number in [n for n, (method, _) in enumerate(calls) if re.fullmatch(methods, method)]:
                one = ones.pop()
                for trouble in troubles:
                    spoil(stack, calls, number, **trouble)
                page = actions.press(one)
                stack.stripe.call("DELETE", "faults")
                what = f"{action}, {words} at {number} {calls[number][0]} {calls[number][1]}"
                tried.append((what, one))
                wrong += [f"{what}: {lie}" for lie in actions.lies(one, page)]
                if words == "one reply lost" and actions.state(one.item) != actions.aim(one):
                    wrong.append(f"{what}: not done")
    let_go(stack)
    wrong += [f"{what}, later: {untrue}" for what, one in tried for untrue in actions.untrue(one)]
    wrong += actions.charged_twice()
    for what, one in tried:
        if actions.state(one.item) == one.before:
            actions.press(actions.form(one.action, one.item))
            wrong += [] if actions.state(one.item) == actions.aim(one) else [f"{what}: cannot be done any more"]
    assert wrong + actions.charged_twice() == []


# Stripe out of reach, or too slow


@pytest.fixture
def elsewhere(stack: TestStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Lets the portal look for Stripe at another address."""

    def look(address: str) -> None:
        monkeypatch.setenv("STRIPE_API_BASE", address)
        configured_anew()

    yield look
    monkeypatch.undo()
    configured_anew()


def configured_anew() -> None:
    """The portal reads its environment again, as a new deployment does."""
    config.load.cache_clear()
    wiring.use(wiring.Portal())


def nobodys_address() -> str:
    """Where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_while_stripe_is_out_of_reach_pages_open_and_actions_say_that_nothing_was_done(
    stack: TestStack, shop: Shop, wire: Wire, elsewhere: Callable[[str], None]
) -> None:
    here = Neighbours(stack, shop, wire)
    list(here.pages(here.ada))
    before, form = traces(stack), here.form(here.ada)
    elsewhere(nobodys_address())
    for page in here.pages(here.ada):
        assert page.status == 200, page.path
    for route in routes(stack, "customer_post"):
        if "item" not in route.names or route.pattern.endswith(NOTHING_TO_DO):
            continue
        answer = here.wire.post(route.path(here.own(here.ada)), here.ada.session, form)
        assert answer.status == 503, route
        assert answer.headers["retry-after"] == "60"
        assert b"Nothing was changed and nothing was charged." in answer.body
    elsewhere(stack.stripe.url)
    assert [name for name in changes(before, traces(stack)) if name != "rows"] == []
    assert all(row["state"]["S"] == "released" for row in rows(stack, "INTENT#").values())


# nothing is overdue, canceled or ticked, so the portal refuses by itself or has nothing to ask
NOTHING_TO_DO = (
    *("/pay", "/pay/return", "/pay-off", "/pay-off/return", "/pay-next", "/pay-next/return"),
    *("/resume", "/undo", "/card/elsewhere"),
)


@pytest.mark.usefixtures("held")
def test_when_stripe_is_too_slow_to_answer_the_page_waits_no_longer_and_nothing_is_done_twice(
    stack: TestStack, shop: Shop, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_calls, "READ", 1.5)
    configured_anew()
    actions, wrong = Actions(stack, shop, visitor, cancel=1, pay=1, card=1), []
    hold(stack)
    tries = list(actions.tries())
    for one in tries:
        stack.stripe.call("POST", "faults", {"method": "POST", "delay": 3.0, "times": 9})
        page = actions.press(one)
        stack.stripe.call("DELETE", "faults")
        wrong += [] if WAITING in page.text else [f"{one.action}: {page.text[60:200]}"]
    wait_for_slow_calls(stack)
    let_go(stack)
    wrong += [untrue for one in tries for untrue in actions.untrue(one)]
    assert wrong + actions.charged_twice() == []


def wait_for_slow_calls(stack: TestStack) -> None:
    """What the portal gave up on still happens at Stripe."""
    deadline = time.monotonic() + 30
    while any(call["status"] == 0 and call["fault"] for call in stack.stripe.call("GET", "requests.json")):
        assert time.monotonic() < deadline
        time.sleep(0.1)


# DynamoDB has too much to do


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(("action", "most", "calls"), [("cancel", 18, ".*"), ("pay", 14, "Put.*|Update.*|Transact.*")])
def test_when_storage_has_too_much_to_do_from_any_moment_on_nothing_is_left_half_done(
    stack: TestStack, shop: Shop, visitor: Visitor, action: str, most: int, calls: str
) -> None:
    actions, tried, wrong = Actions(stack, shop, visitor, **{action: most}), [], []
    hold(stack)
    tries = list(actions.tries())
    with throttled() as undisturbed:
        actions.press(tries.pop())
    for number in [n for n, call in enumerate(undisturbed.calls, 1) if re.fullmatch(calls, call)]:
        one = tries.pop()
        tried.append((f"{action}, from call {number} on", one))
        with throttled(number) as storage:
            page = actions.press(one)
        wrong += [f"{number}: {lie}" for lie in actions.lies(one, page)]
        if (page.status, page.headers.get("retry-after")) != (503, "30"):
            wrong.append(f"{number}: {page.status} after {storage.calls}")
    let_go(stack)
    wrong += [f"{what}, later: {untrue}" for what, one in tried for untrue in actions.untrue(one)]
    for what, one in tried:
        if actions.state(one.item) == one.before:
            actions.press(actions.form(action, one.item))
            wrong += [] if actions.state(one.item) == actions.aim(one) else [f"{what}: cannot be done any more"]
    assert wrong + actions.charged_twice() == []


def test_storage_that_refuses_twice_and_then_takes_it_is_not_even_noticed(
    stack: TestStack, shop: Shop, visitor: Visitor
) -> None:
    actions = Actions(stack, shop, visitor, cancel=18)
    hold(stack)
    tries = list(actions.tries())
    with throttled() as undisturbed:
        actions.press(tries.pop())
    for number in range(1, len(undisturbed.calls) + 1):
        one = tries.pop()
        with throttled(number, times=2):
            page = actions.press(one)
        assert (page.status, actions.lies(one, page), actions.state(one.item)) == (200, [], actions.aim(one)), number


def test_every_page_is_a_branded_503_while_storage_has_too_much_to_do(stack: TestStack, shop: Shop, wire: Wire) -> None:
    here = Neighbours(stack, shop, wire)
    here.wire.get("/", here.ada.session)
    with throttled(1) as storage:
        for route in routes(stack, "customer"):
            before = len(storage.calls)
            answer = here.wire.get(route.path(here.own(here.ada)), here.ada.session)
            assert (answer.status, answer.headers["retry-after"]) == (503, "30"), route
            assert "Northlight Studio" in answer.body.decode()
            assert UNTOUCHED[0] not in answer.body.decode()
            assert len(storage.calls) - before == 3, "not tried again, or too often"
        assert here.wire.get("/nothing").status == 404
        assert here.wire.get("/sign-in").status == 200
        delivered = here.wire.send("POST", "/webhooks/stripe", *signed_event(stack, shop))
        assert (delivered.status, delivered.headers["retry-after"]) == (503, "30")
    assert here.wire.get("/", here.ada.session).status == 200
    assert here.wire.send("POST", "/webhooks/stripe", *signed_event(stack, shop)).status == 200


def signed_event(stack: TestStack, shop: Shop) -> tuple[dict[str, str], bytes]:
    """Headers and body of a delivery."""
    body = json.dumps(shop.v1.events.list({"limit": 1}).data[0].to_dict(), default=str).encode()
    header = signature(WEBHOOK_SECRET, body, int(stack.clock.now()))
    return {"Content-Type": "application/json", "Stripe-Signature": header}, body


def test_a_process_that_could_not_even_read_the_settings_says_so_in_plain_words(
    stack: TestStack, visitor: Visitor, wire: Wire
) -> None:
    configured_anew()
    with throttled(1):
        answers = [wire.get(path) for path in ("/", "/sign-in", "/static/1/portal.css")]
        page = Document(answers[1].body.decode())
    for answer in answers:
        assert (answer.status, answer.headers["retry-after"]) == (503, "30")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert page_faults(page, answers[1].headers, visitor.portal_url, signed_in=False) == []
    assert wire.get("/sign-in").status == 200
