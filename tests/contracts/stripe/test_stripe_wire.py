"""What holds for every call: keys, parameters, idempotency, expansion, errors, trouble on demand."""

from __future__ import annotations

import threading
import time

import pytest
import requests
import stripe

SECRET = {"Authorization": "Bearer sk_test_x"}


@pytest.fixture
def v1(local_stripe):
    """The API, by the real client."""
    return local_stripe.client.v1


def call(local_stripe, method, path, form=None, **headers):
    """A bare HTTP call with the secret key."""
    return requests.request(method, local_stripe.url + path, data=form, headers={**SECRET, **headers}, timeout=10)


def test_every_reply_names_its_request_and_the_api_version(local_stripe):
    answer = call(local_stripe, "GET", "/v1/customers")
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == stripe.api_version
    assert call(local_stripe, "GET", "/v1/customers", **{"Stripe-Version": "2020-08-27"}).status_code == 400


@pytest.mark.parametrize(
    ("key", "status"), [("", 401), ("sk_live_abcdefghijkl", 401), ("nonsense", 401), ("pk_test_x", 403)]
)
def test_a_key_that_is_missing_live_unknown_or_publishable_is_refused(local_stripe, key, status):
    answer = requests.get(local_stripe.url + "/v1/customers", headers={"Authorization": f"Bearer {key}"}, timeout=10)
    assert answer.status_code == status
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert "abcdefgh" not in answer.text


def test_restricted_keys_and_basic_authentication_are_taken(local_stripe):
    assert requests.get(local_stripe.url + "/v1/customers", auth=("rk_test_x", ""), timeout=10).status_code == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/nothing"), ("DELETE", "/v1/customers"), ("GET", "/v1/")])
def test_an_unknown_route_is_a_json_404(local_stripe, method, path):
    answer = call(local_stripe, method, path)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith(f"Unrecognized request URL ({method}: {path})")


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"nickname": "Al"}, "nickname"),
        ({"address[planet]": "Mars"}, "address[planet]"),
        ({"shipping[address][planet]": "Mars", "shipping[name]": "A"}, "shipping[address][planet]"),
        ({"]": "x"}, "]"),
    ],
)
def test_an_unknown_parameter_is_refused_by_name_at_any_depth(local_stripe, form, param):
    error = call(local_stripe, "POST", "/v1/customers", form).json()["error"]
    assert (error["code"], error["param"]) == ("parameter_unknown", param)
    assert error["doc_url"].endswith("/parameter-unknown")
    assert error["request_log_url"].startswith(local_stripe.url)


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"balance": "much"}, "balance"),
        ({"tax_exempt": "maybe"}, "tax_exempt"),
        ({"preferred_locales": "en"}, "preferred_locales"),
        ({"address": "here"}, "address"),
        ({"metadata[a][b]": "c"}, "metadata"),
        ({"shipping[name]": "A"}, "shipping[address]"),
        ({"payment_method": ""}, "payment_method"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_a_parameter_of_the_wrong_kind_is_refused(local_stripe, form, param):
    answer = call(local_stripe, "POST", "/v1/customers", form)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_bytes_that_are_no_text_are_refused(local_stripe):
    assert call(local_stripe, "POST", "/v1/customers", "name=%ff").status_code == 400


def test_a_key_gives_the_first_answer_again(v1, local_stripe):
    first = call(local_stripe, "POST", "/v1/customers", {"name": "Ada"}, **{"Idempotency-Key": "k"})
    again = call(local_stripe, "POST", "/v1/customers", {"name": "Ada"}, **{"Idempotency-Key": "k"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert len(v1.customers.list().data) == 1


def test_a_key_gives_a_decline_again_too(v1, local_stripe):
    intent = v1.setup_intents.create({"payment_method_types": ["card"]})
    form = {"payment_method": "pm_card_chargeDeclined"}
    path = f"/v1/setup_intents/{intent.id}/confirm"
    first, again = (call(local_stripe, "POST", path, form, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (402, 402)
    assert again.content == first.content
    assert local_stripe.event_types().count("setup_intent.setup_failed") == 1


def test_a_key_with_other_parameters_or_path_is_refused(v1):
    v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError) as caught:
        v1.customers.create({"name": "Bob"}, {"idempotency_key": "k"})
    assert caught.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError):
        v1.products.create({"name": "Ada"}, {"idempotency_key": "k"})


def test_a_call_refused_for_its_parameters_does_not_spend_its_key(v1):
    with pytest.raises(stripe.InvalidRequestError):
        v1.prices.create({"unit_amount": 1}, {"idempotency_key": "k"})
    given = {"unit_amount": 1, "currency": "gbp", "product_data": {"name": "A"}}
    assert v1.prices.create(given, {"idempotency_key": "k"}).unit_amount == 1


def test_a_key_is_forgotten_after_a_day(v1, local_stripe):
    v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    local_stripe.fake("POST", "clock", advance="P1D")
    v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    assert len(v1.customers.list().data) == 2


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ({"status": 429}, stripe.RateLimitError, "rate_limit"),
        ({"status": 429, "lock": True}, stripe.RateLimitError, "lock_timeout"),
        ({"status": 500}, stripe.APIError, None),
        ({"status": 409}, stripe.APIError, "idempotency_key_in_use"),
    ],
)
def test_the_next_call_fails_on_demand_and_its_key_is_not_spent(v1, local_stripe, fault, error, code):
    local_stripe.fake("POST", "faults", method="POST", path="/customers$", **fault)
    assert v1.customers.list().data == []
    with pytest.raises(error) as caught:
        v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    assert (caught.value.http_status, caught.value.error.code) == (fault["status"], code)
    assert v1.customers.list().data == []
    assert v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"}).name == "Ada"


@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 500, "after": True}])
def test_a_reply_lost_after_the_effect_is_found_again_by_its_key(v1, local_stripe, fault):
    local_stripe.fake("POST", "faults", **fault)
    with pytest.raises((stripe.APIConnectionError, stripe.APIError)):
        v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    assert len(v1.customers.list().data) == 1
    v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    assert len(v1.customers.list().data) == 1


def test_a_key_in_use_by_a_slow_call_is_a_conflict(local_stripe):
    local_stripe.fake("POST", "faults", delay=1.0)
    form, key = {"name": "Ada"}, {"Idempotency-Key": "k"}
    slow = threading.Thread(target=call, args=(local_stripe, "POST", "/v1/customers", form), kwargs=key)
    slow.start()
    time.sleep(0.3)
    second = call(local_stripe, "POST", "/v1/customers", form, **key)
    slow.join()
    assert (second.status_code, second.json()["error"]["code"]) == (409, "idempotency_key_in_use")


def test_faults_are_counted_down_shown_and_cleared(local_stripe):
    local_stripe.fake("POST", "faults", status=500, times=2)
    assert [call(local_stripe, "GET", "/v1/customers").status_code for _ in range(3)] == [500, 500, 200]
    assert local_stripe.fake("POST", "faults", status=429)[0]["times"] == 1
    assert local_stripe.fake("DELETE", "faults") == []
    refused = requests.post(f"{local_stripe.url}/_fake/faults", json={"status": 418}, timeout=10)
    assert refused.status_code == 400


def test_calls_are_counted_and_logged(v1, local_stripe):
    customer = v1.customers.create({"name": "Ada"})
    v1.customers.retrieve(customer.id)
    assert local_stripe.fake("GET", "counters") == {"POST /v1/customers": 1, "GET /v1/customers/<id>": 1}
    first, second = local_stripe.fake("GET", "requests.json")
    assert (first["method"], first["path"], first["status"]) == ("POST", "/v1/customers", 200)
    assert local_stripe.fake("GET", f"requests.json?after={first['number']}") == [second]


def test_an_expansion_replaces_ids_by_objects(v1):
    customer = v1.customers.create()
    method = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    path = "invoice_settings.default_payment_method.customer"
    deep = v1.customers.retrieve(customer.id, {"expand": [path]})
    assert deep.invoice_settings.default_payment_method.customer.id == customer.id
    listed = v1.customers.list({"expand": ["data.invoice_settings.default_payment_method"]})
    assert listed.data[0].invoice_settings.default_payment_method.card.last4 == "4242"
    assert v1.customers.retrieve(customer.id).invoice_settings.default_payment_method == method.id


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("data.a.b.c.d", "more than 4 levels"),
        ("invoice_settings", "data.invoice_settings"),
        ("data.email", "cannot be expanded"),
        ("data.nothing", "cannot be expanded"),
        ("data.metadata", "cannot be expanded"),
    ],
)
def test_an_expansion_that_cannot_be_is_refused(v1, path, words):
    v1.customers.create()
    with pytest.raises(stripe.InvalidRequestError, match=words):
        v1.customers.list({"expand": [path]})


def test_a_browser_of_another_origin_may_ask_first(local_stripe):
    answer = requests.options(local_stripe.url + "/v1/payment_methods", timeout=10)
    assert answer.status_code == 204
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


def test_the_control_api_takes_no_form_that_a_foreign_page_could_post(local_stripe):
    answer = requests.post(f"{local_stripe.url}/_fake/reset", data={"keep": "x"}, timeout=10)
    assert answer.status_code == 400
