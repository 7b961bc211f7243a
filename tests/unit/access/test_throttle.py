"""How often things may happen, exactly."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib import clock
from chalicelib.access.throttle import MAILS, STACK_PER_MINUTE, Limit, Pace, Throttle, network_of
from chalicelib.errors import Busy
from tests.fakes.access import FakeClock, Memory, MemoryCounters

DAY = 86400


@pytest.fixture
def throttle(memory: Memory, time: FakeClock) -> Throttle:
    return Throttle(MemoryCounters(memory))


def asks(throttle: Throttle, mailbox: str, browser: str, source: str) -> bool:
    """Whether this request may lead to a mail, as `asking` decides it."""
    known = throttle.knows(mailbox, browser)
    return (known or throttle.admits(source)) and throttle.may_mail(mailbox, browser, known)


def granted(throttle: Throttle, time: FakeClock, seconds: float, step: float) -> list[float]:
    """When a flood of one request per step, each from another network, was let through."""
    moments, end, number = [], time.now + seconds, 0
    while time.now < end:
        number += 1
        if asks(throttle, "mailbox", f"browser {number}", f"2001:db8:{number % 60000:x}::1"):
            moments.append(time.now)
        time.advance(step)
    return moments


def test_a_flood_of_ten_thousand_requests_in_an_hour_leads_to_five_mails(throttle: Throttle, time: FakeClock) -> None:
    assert len(granted(throttle, time, 3600, 0.36)) == 5


def test_no_stretch_of_time_however_it_lies_holds_more_than_the_limits_say(throttle: Throttle, time: FakeClock) -> None:
    moments = granted(throttle, time, 3 * DAY, 97)
    for limit in MAILS:
        for begin in moments:
            assert sum(begin <= m < begin + limit.seconds for m in moments) <= limit.most
    assert len(moments) == 30


def test_limits_hold_for_any_rhythm(throttle: Throttle, time: FakeClock) -> None:
    walk, moments = random.Random(3), []
    limits = (Limit(2, 10), Limit(3, 60))
    for _ in range(2000):
        time.advance(walk.expovariate(0.2))
        if throttle.allow("key", limits):
            moments.append(time.now)
    for limit in limits:
        for begin in moments:
            assert sum(begin <= m < begin + limit.seconds for m in moments) <= limit.most


def test_parallel_requests_get_no_more_than_the_limit(memory: Memory, throttle: Throttle) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: throttle.allow("key", (Limit(3, 60),)), range(64)))
    assert sum(answers) <= 3
    assert sum(answers) >= 1


def test_one_network_asks_twenty_times_an_hour_whatever_it_asks_for(throttle: Throttle, time: FakeClock) -> None:
    answers = [asks(throttle, f"mailbox {n}", f"browser {n}", "198.51.100.7") for n in range(30)]
    assert sum(answers) == 20
    assert asks(throttle, "mailbox of another", "browser", "198.51.100.8")
    time.advance(3600)
    assert asks(throttle, "mailbox 29", "browser 29", "198.51.100.7")


def test_a_refused_network_uses_up_neither_the_mailbox_nor_the_stack(throttle: Throttle, time: FakeClock) -> None:
    for n in range(20):
        asks(throttle, f"mailbox {n}", "browser", "198.51.100.7")
    for _ in range(STACK_PER_MINUTE):
        assert not asks(throttle, "victim", "browser", "198.51.100.7")
    assert asks(throttle, "victim", "browser", "203.0.113.9")


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("nonsense", "unknown"),
        ("", "unknown"),
    ],
)
def test_networks_are_counted_as_a_household_has_them(source: str, network: str) -> None:
    assert network_of(source) == network


def test_a_browser_that_was_in_before_still_gets_a_mail_during_a_flood(throttle: Throttle, time: FakeClock) -> None:
    throttle.remember("mailbox", "owner")
    granted(throttle, time, 1800, 10)
    assert not asks(throttle, "mailbox", "stranger", "203.0.113.9")
    assert asks(throttle, "mailbox", "owner", "203.0.113.9")
    assert not asks(throttle, "mailbox", "owner", "203.0.113.9")


def test_a_remembered_browser_has_limits_too(throttle: Throttle, time: FakeClock) -> None:
    throttle.remember("mailbox", "owner")
    answers = []
    for _ in range(120):
        answers.append(asks(throttle, "mailbox", "owner", "203.0.113.9"))
        throttle.remember("mailbox", "owner")
        time.advance(30)
    assert sum(answers) == 5


def test_a_whole_stack_answers_so_many_a_minute_and_says_once_that_it_is_flooded(
    throttle: Throttle, time: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    time.now = 1_790_000_040.0
    answers = [asks(throttle, f"m{n}", f"b{n}", f"2001:db8:{n:x}::1") for n in range(STACK_PER_MINUTE + 50)]
    assert sum(answers) == STACK_PER_MINUTE
    assert [record.metric for record in caplog.records if hasattr(record, "metric")] == ["SignInCeiling"]
    throttle.remember("mailbox", "owner")
    assert asks(throttle, "mailbox", "owner", "203.0.113.9")


def test_the_calls_made_are_the_same_whether_a_limit_is_reached_or_not(memory: Memory, throttle: Throttle) -> None:
    traces = []
    for _ in range(3):
        memory.calls.clear()
        asks(throttle, "mailbox", "browser", "203.0.113.9")
        traces.append(list(memory.calls))
    assert traces[0] == traces[1] == traces[2]


def test_five_look_ups_a_second_two_of_them_kept_for_mailboxes_we_know(memory: Memory, time: FakeClock) -> None:
    time.now = 1_790_000_000.0
    slept: list[float] = []
    pace = Pace(MemoryCounters(memory), sleep=slept.append)
    for _ in range(6):
        pace.wait(known=False)
    assert slept == [0, 0, 0, 1, 1, 1]
    slept.clear()
    for _ in range(2):
        pace.wait(known=True)
    assert slept == [0, 0]


def test_whoever_would_wait_too_long_comes_again_later(memory: Memory, time: FakeClock) -> None:
    pace = Pace(MemoryCounters(memory), sleep=lambda seconds: None)
    for _ in range(12):
        pace.wait(known=False)
    with pytest.raises(Busy):
        pace.wait(known=False)
    pace.wait(known=True)


def test_no_second_sees_more_than_five_look_ups(memory: Memory, time: FakeClock) -> None:
    pace, when = Pace(MemoryCounters(memory), sleep=time.advance), []
    walk = random.Random(5)
    for _ in range(300):
        pace.wait(known=walk.random() < 0.5)
        when.append(int(clock.now()))
    assert max(when.count(second) for second in when) <= 5
