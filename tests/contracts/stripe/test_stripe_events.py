"""Events, their signed deliveries, and time."""

from __future__ import annotations

import http.server
import json
import threading
import time

import pytest
import requests
import stripe

from local.stripe import store
from local.stripe.server import Server

SECRET = "whsec_contracts"


class Receiver:
    """A webhook endpoint with a memory. It answers with the statuses in `answers`, then 200."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, str]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((body, self.headers["Stripe-Signature"]))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/hook"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def types(self) -> list[str]:
        """The types of the events received, in order."""
        return [json.loads(body)["type"] for body, _ in self.received]

    def names(self) -> list[str]:
        """The names of the customers received, in order."""
        return [json.loads(body)["data"]["object"]["name"] for body, _ in self.received]


@pytest.fixture
def receiver():
    """A webhook endpoint, not yet registered."""
    running = Receiver()
    yield running
    running.stop()


@pytest.fixture
def hooked(local_stripe, receiver):
    """The local Stripe, sending all events to the receiver."""
    local_stripe.fake("POST", "webhook_endpoints", url=receiver.url, secret=SECRET)
    return local_stripe


def flush(running):
    """Wait until all deliveries are tried."""
    assert running.fake("POST", "deliveries/flush")["idle"] is True


def test_an_event_arrives_signed_at_the_time_of_delivery(hooked, receiver):
    customer = hooked.client.v1.customers.create({"name": "Ada"})
    flush(hooked)
    body, header = receiver.received[0]
    event = stripe.Webhook.construct_event(body.decode(), header, SECRET)
    assert (event.type, event.data.object.id) == ("customer.created", customer.id)
    assert event.api_version == stripe.api_version
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body.decode(), header, "whsec_other")
    hooked.fake("POST", "clock", advance="P31D")
    hooked.fake("POST", f"events/{event.id}/resend")
    flush(hooked)
    moment = int(receiver.received[1][1].split(",")[0].removeprefix("t="))
    assert moment - event.created >= 31 * 86400


def test_an_event_shows_its_object_as_it_was_then(local_stripe):
    customers = local_stripe.client.v1.customers
    customer = customers.create({"name": "Ada", "address": {"city": "Bristol"}})
    customers.update(customer.id, {"name": "Bob", "address": {"city": "Bath"}})
    created = local_stripe.client.v1.events.list({"type": "customer.created"}).data[0].data.object
    assert (created.name, created.address.city) == ("Ada", "Bristol")


def test_pending_webhooks_fall_to_none_when_delivered(hooked, receiver):
    receiver.answers = [500]
    hooked.fake("POST", "deliveries/mode", hold=True)
    hooked.client.v1.customers.create()
    events = hooked.client.v1.events
    assert events.list().data[0].pending_webhooks == 1
    assert len(events.list({"delivery_success": False}).data) == 1
    hooked.fake("POST", "deliveries/release")
    flush(hooked)
    flush(hooked)
    assert events.list().data[0].pending_webhooks == 0
    assert len(events.list({"delivery_success": True}).data) == 1
    statuses = [attempt["status"] for attempt in hooked.fake("GET", "deliveries.json")[0]["attempts"]]
    assert statuses == [500, 200]


def test_a_failed_delivery_is_tried_again_by_itself(hooked, receiver):
    receiver.answers = [500, 302]
    hooked.client.v1.customers.create()
    deadline = time.monotonic() + 10
    while len(receiver.received) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert receiver.types() == ["customer.created"] * 3


def test_deliveries_are_doubled_reordered_held_shuffled_and_dropped_on_demand(hooked, receiver):
    def create(*names, **mode):
        receiver.received.clear()
        hooked.fake("POST", "deliveries/mode", **mode)
        for name in names:
            hooked.client.v1.customers.create({"name": name})

    create("A", duplicate=1)
    flush(hooked)
    assert receiver.names() == ["A", "A"]
    create("B", "C", reorder=True)
    flush(hooked)
    assert receiver.names() == ["C", "B"]
    create("D", "E", hold=True)
    flush(hooked)
    assert receiver.names() == []
    assert hooked.fake("POST", "deliveries/release", order="newest_first") == {"released": 2}
    flush(hooked)
    assert receiver.names() == ["E", "D"]
    create("F", drop=True)
    flush(hooked)
    assert receiver.names() == []
    event = hooked.client.v1.events.list().data[0]
    hooked.fake("POST", f"events/{event.id}/resend")
    flush(hooked)
    assert receiver.names() == ["F"]


def test_endpoints_get_the_types_they_asked_for(local_stripe, receiver):
    endpoints = local_stripe.client.v1.webhook_endpoints
    endpoint = endpoints.create({"url": receiver.url, "enabled_events": ["customer.updated"]})
    assert endpoint.secret.startswith("whsec_")
    customer = local_stripe.client.v1.customers.create()
    local_stripe.client.v1.customers.update(customer.id, {"name": "Ada"})
    flush(local_stripe)
    assert receiver.types() == ["customer.updated"]
    assert "secret" not in endpoints.retrieve(endpoint.id)
    endpoints.update(endpoint.id, {"disabled": True})
    local_stripe.client.v1.customers.update(customer.id, {"name": "Bob"})
    endpoints.delete(endpoint.id)
    flush(local_stripe)
    assert receiver.types() == ["customer.updated"]
    assert endpoints.list().data == []


def test_events_are_sent_to_this_machine_only(local_stripe):
    with pytest.raises(stripe.InvalidRequestError, match=r"127\.0\.0\.1"):
        local_stripe.client.v1.webhook_endpoints.create({"url": "http://example.com/", "enabled_events": ["*"]})


def test_events_are_listed_by_type_and_time(local_stripe):
    v1 = local_stripe.client.v1
    customer = v1.customers.create()
    v1.customers.update(customer.id, {"name": "Ada"})
    v1.products.create({"name": "A"})
    named = v1.events.list({"types": ["customer.created", "product.created"]}).data
    assert [event.type for event in named] == ["product.created", "customer.created"]
    assert v1.events.retrieve(named[0].id).data.object.name == "A"
    assert [event.type for event in v1.events.list({"type": "customer.*"}).data] == [
        "customer.updated",
        "customer.created",
    ]
    assert v1.events.list({"created": {"gt": named[0].created + 5}}).data == []
    local_stripe.fake("POST", "clock", advance="P31D")
    assert v1.events.list().data == []


def test_the_clock_moves_forward_only_and_objects_are_made_at_its_time(local_stripe):
    before = local_stripe.fake("GET", "clock")["now"]
    local_stripe.fake("POST", "clock", advance=3600)
    after = local_stripe.fake("POST", "clock", advance="P1M")
    assert after["now"] - before >= 3600 + 28 * 86400
    assert local_stripe.client.v1.customers.create().created >= after["now"]
    for body in ({"to": before}, {"advance": "soon"}, {"advance": "P"}):
        answer = requests.post(f"{local_stripe.url}/_fake/clock", json=body, timeout=10)
        assert answer.status_code == 400


@pytest.fixture
def alarm(monkeypatch):
    """A kind of thing that falls due: it marks the customer and plans itself again, three times in all.

    Gives the list of (time, id) in the order they rang.
    """
    rung = []

    def ring(world, id):
        rung.append((world.now(), id))
        customer = world.get("customer", id)
        with world.change(customer, "customer.updated"):
            customer["metadata"][str(world.now())] = "rang"
        if len(customer["metadata"]) < 3:
            world.at(world.now() + 86400, "alarm", id)

    monkeypatch.setitem(store.DUE, "alarm", ring)
    return rung


def test_what_falls_due_runs_in_order_each_at_its_own_time(local_stripe, alarm):
    ada, bob = (local_stripe.client.v1.customers.create() for _ in range(2))
    with local_stripe.world.lock:
        start, day = local_stripe.world.now() + 100, 86400
        local_stripe.world.at(start, "alarm", ada.id)
        local_stripe.world.at(start + day // 2, "alarm", bob.id)
    local_stripe.fake("POST", "clock", advance="P10D")
    assert alarm == [(start + half * day // 2, (ada, bob)[half % 2].id) for half in range(6)]
    events = local_stripe.client.v1.events.list({"type": "customer.updated"}).data[::-1]
    assert [(event.created, event.data.object.id) for event in events] == alarm
    assert events[0].request.id is None


def test_what_falls_due_runs_by_itself_as_time_passes(local_stripe, alarm):
    customer = local_stripe.client.v1.customers.create()
    with local_stripe.world.lock:
        local_stripe.world.at(local_stripe.world.now(), "alarm", customer.id)
    deadline = time.monotonic() + 5
    while local_stripe.event_types() == ["customer.created"] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert local_stripe.event_types() == ["customer.created", "customer.updated"]


def test_a_stopped_world_is_taken_up_where_it_was(tmp_path, alarm, receiver):
    def client(server):
        server.start()
        return stripe.StripeClient("sk_test_x", base_addresses={"api": server.url}, max_network_retries=0).v1

    first = Server(folder=tmp_path)
    v1 = client(first)
    endpoint = v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    first.world.deliveries.mode["hold"] = True
    customer = v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    method = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    first.world.at(first.world.now() + 3600, "alarm", customer.id)
    first.world.advance(first.world.now() + 60)
    first.stop()

    second = Server(folder=tmp_path)
    v1 = client(second)
    assert v1.customers.retrieve(customer.id).name == "Ada"
    assert v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"}).id == customer.id
    assert second.world.hidden(method.id) == {"card": "4000000000000341"}
    assert second.world.schedule == {("alarm", customer.id): second.world.schedule["alarm", customer.id]}
    assert second.world.now() - int(time.time()) >= 59
    assert second.world.deliveries.release() == 2
    assert second.world.deliveries.flush()
    body, header = receiver.received[0]
    assert stripe.Webhook.construct_event(body.decode(), header, endpoint.secret, tolerance=3600)
    second.stop()

    third = Server(folder=tmp_path, fresh=True)
    assert third.world.objects == {}
    third.start()
    third.stop()


def test_a_reset_forgets_all_but_what_is_to_be_kept(hooked, receiver):
    hooked.client.v1.customers.create()
    hooked.fake("POST", "clock", advance="P1D")
    hooked.fake("POST", "reset", keep=["webhook_endpoint"])
    assert hooked.client.v1.customers.list().data == []
    assert hooked.fake("GET", "clock")["moved_by"] == 0
    receiver.received.clear()
    hooked.client.v1.customers.create()
    flush(hooked)
    assert receiver.types() == ["customer.created"]
