"""Calls to Stripe go no faster than they may, slower after a refusal, and each endpoint by itself."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from ops.pace import Pace, Stopped, endpoint_of


def sent(pace: Pace, endpoints: list[str], seconds: float) -> Counter[str]:
    """What eight threads got through meanwhile."""
    made: Counter[str] = Counter()
    lock, end = threading.Lock(), time.monotonic() + seconds

    def send(number: int) -> None:
        endpoint = endpoints[number % len(endpoints)]
        while pace.wait(endpoint) < end:
            with lock:
                made[endpoint] += 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))
    return made


def test_neither_all_nor_one_endpoint_goes_faster_than_it_may() -> None:
    made = sent(Pace(100, 40), ["one"], 0.5)
    assert 5 <= made["one"] <= 21
    made = sent(Pace(100, 40), ["one", "two", "three", "four"], 0.5)
    assert made.total() <= 51
    assert max(made.values()) <= 21


def test_a_refusal_halves_the_rate_once_for_all_calls_sent_before_it_and_time_gives_it_back() -> None:
    pace = Pace(100)
    moment = pace.wait("one")
    for _ in range(5):
        pace.slow_down("one", "global-rate", moment)
    assert pace.refused == 5
    assert pace.rate == pytest.approx(50, abs=1)
    pace.wait("one")
    time.sleep(0.3)
    pace.wait("one")
    assert 50 < pace.rate < 60


def test_only_the_endpoint_slows_down_when_it_is_the_one_and_a_locked_object_slows_nothing() -> None:
    pace = Pace(100)
    moment = pace.wait("one")
    pace.slow_down("one", "endpoint-rate", moment)
    pace.slow_down("one", "resource-specific", pace.wait("two"))
    assert pace.rate == 100
    assert pace.rate_of("one") == pytest.approx(12.5, abs=1)
    assert pace.rate_of("two") == 25


def test_who_waits_is_let_go_when_it_stops() -> None:
    pace = Pace(0.1)
    pace.wait("one")
    threading.Timer(0.05, pace.stopped.set).start()
    with pytest.raises(Stopped):
        pace.wait("one")


def test_an_endpoint_is_a_path_without_its_ids() -> None:
    assert endpoint_of("get", "https://api.stripe.com/v1/customers?limit=100") == "GET /v1/customers"
    path = "https://api.stripe.com/v1/customers/cus_N4s9/payment_methods"
    assert endpoint_of("get", path) == "GET /v1/customers/{id}/payment_methods"
    assert endpoint_of("post", "http://127.0.0.1:1/v1/invoices/create_preview") == "POST /v1/invoices/create_preview"
