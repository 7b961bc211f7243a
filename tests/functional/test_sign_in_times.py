"""When links, codes and sessions end: to the millisecond, by the portal's clock alone."""

from collections.abc import Callable, Iterator

import pytest

from chalicelib import clock
from tests.functional.signing_in import ADA, OVER, asked, mailed, pressed, typed
from tests.functional.visitor import Visitor
from tests.shop import Shop
from tests.stack import TestStack

START = 1_800_000_000.0
MINUTES_15, MINUTES_30, HOURS_8 = 900.0, 1800.0, 28_800.0
After = Callable[[float], None]


@pytest.fixture
def after(stack: TestStack, shop: Shop) -> Iterator[After]:
    """Makes the portal's time stand still, so many seconds after the start. Ada has bought here."""
    shop.v1.customers.create({"email": ADA})

    def stand(seconds: float) -> None:
        clock.use(lambda: START + seconds)

    stand(0)
    yield stand
    clock.use(stack.clock.now)


@pytest.mark.parametrize("seconds", [899.0, 899.999])
@pytest.mark.root_only
def test_link_and_code_work_until_fifteen_minutes_are_over(
    stack: TestStack, visitor: Visitor, after: After, seconds: float
) -> None:
    for enter in (lambda token, code: pressed(visitor, token), lambda token, code: typed(visitor, code)):
        visitor.cookies.clear()
        after(0 if not stack.outbox.all() else 2000)
        asked(visitor)
        secrets = mailed(stack)
        after(seconds if len(stack.mailbox(ADA)) == 1 else 2000 + seconds)
        enter(*secrets)
        assert visitor.signed_in


@pytest.mark.parametrize("seconds", [900.0, 901.0, 48 * 3600.0])
@pytest.mark.root_only
def test_link_and_code_end_with_the_fifteenth_minute_though_their_rows_are_still_there(
    stack: TestStack, visitor: Visitor, after: After, seconds: float
) -> None:
    asked(visitor)
    token, code = mailed(stack)
    after(seconds)
    for page in (pressed(visitor, token), typed(visitor, code), pressed(visitor, token, email=ADA)):
        assert (page.status, page.heading) == (410, OVER)
    assert not visitor.signed_in


@pytest.mark.root_only
def test_a_session_lives_for_half_an_hour_after_it_was_last_used(visitor: Visitor, after: After) -> None:
    visitor.sign_in(ADA)
    after(1799.999)
    assert visitor.open("/payments").path.endswith("/payments")
    after(2 * 1799.999)
    assert visitor.open("/payments").path.endswith("/payments")
    after(2 * 1799.999 + MINUTES_30)
    assert visitor.open("/payments").heading == "Manage your billing"


@pytest.mark.root_only
def test_a_session_ends_after_eight_hours_however_busy_it_was(visitor: Visitor, after: After) -> None:
    visitor.sign_in(ADA)
    for moment in range(1500, int(HOURS_8), 1500):
        after(moment)
        assert visitor.open("/payments").path.endswith("/payments")
    after(HOURS_8 - 0.001)
    assert visitor.open("/payments").path.endswith("/payments")
    after(HOURS_8)
    assert visitor.open("/payments").heading == "Manage your billing"
    assert not visitor.signed_in


@pytest.mark.root_only
def test_a_used_link_leads_on_in_the_browser_that_is_still_signed_in_by_it_and_nowhere_else(
    stack: TestStack, visitor: Visitor, another_visitor: Callable[[], Visitor], after: After
) -> None:
    asked(visitor, path="/sign-in?next=" + stack.portal_url.removeprefix(stack.place.origin) + "/payments")
    token, code = mailed(stack)
    pressed(visitor, token)
    for again in (pressed(visitor, token), typed(visitor, code)):
        assert again.path.endswith("/payments")
    stranger = another_visitor()
    assert pressed(stranger, token, email=ADA).heading == OVER
    after(MINUTES_15)
    assert pressed(visitor, token).path.endswith("/payments")
    visitor.press("Sign out")
    assert pressed(visitor, token).heading == OVER
    assert not visitor.signed_in
