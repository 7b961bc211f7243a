"""The gateway treats the app as API Gateway and Lambda would."""

import json
import threading

import pytest
from chalice import Response
from werkzeug.test import Client

from chalicelib.web.middleware import Portal
from local.gateway import BODY_LIMIT, Gateway

FORM = "application/x-www-form-urlencoded"
PDF = b"%PDF\xff\x00" * 500


def small_app() -> Portal:
    """An app with one route of each kind, answering with what it saw."""
    app = Portal("small", configure_logs=False)

    def seen(**params: str) -> Response:
        request = app.current_request
        body = {
            "resource": request.context["resourcePath"],
            "path": request.context["path"],
            "params": params,
            "query": dict(request.query_params or {}),
            "body": request.raw_body.decode("latin1"),
            "type": request.headers.get("content-type"),
        }
        headers = {"Content-Type": "application/json", "Set-Cookie": ["a=1", "b=2"]}
        return Response(json.dumps(body).encode(), headers=headers)

    @app.route("/")
    def home() -> Response:
        return seen()

    @app.route("/items/new", methods=["GET", "HEAD"])
    def new() -> Response:
        return seen()

    @app.route("/items/{item}")
    def one(item: str) -> Response:
        return seen(item=item)

    @app.route("/items/{item}", methods=["POST"], content_types=[FORM])
    def change(item: str) -> Response:
        return seen(item=item)

    @app.route("/pdf")
    def pdf() -> Response:
        return Response(PDF, headers={"Content-Type": "application/pdf"})

    @app.route("/{proxy+}", methods=["GET", "PUT"])
    def rest() -> Response:
        return seen()

    return app


@pytest.fixture
def client() -> Client:
    return Client(Gateway(small_app()))


def resource(client: Client, path: str, method: str = "GET") -> str:
    """Which route served this, or the status that refused it."""
    answer = client.open(path, method=method, content_type=FORM if method == "POST" else None)
    return str(answer.get_json()["resource"]) if answer.status_code == 200 else f"{answer.status_code}"


def test_a_literal_segment_wins_over_a_variable_and_that_over_the_rest(client: Client) -> None:
    assert resource(client, "/items/new") == "/items/new"
    assert resource(client, "/items/sub_1") == "/items/{item}"
    assert resource(client, "/items/sub_1/card/x") == "/{proxy+}"
    assert resource(client, "/") == "/"


def test_a_slash_at_the_end_makes_no_difference(client: Client) -> None:
    assert resource(client, "/items/new/") == "/items/new"


def test_a_method_nobody_declared_is_refused_by_the_gateway_itself(client: Client) -> None:
    for method in ("POST", "HEAD", "OPTIONS", "DELETE"):
        answer = client.open("/", method=method)
        assert answer.status_code == 403
        assert "Content-Security-Policy" not in answer.headers


def test_a_method_one_route_lacks_falls_to_the_route_for_the_rest(client: Client) -> None:
    assert resource(client, "/items/new", "PUT") == "/{proxy+}"
    assert resource(client, "/items/new", "POST") == "/items/{item}"
    assert resource(client, "/pdf", "POST") == "403"


def test_head_answers_without_a_body(client: Client) -> None:
    answer = client.head("/items/new")

    assert answer.status_code == 200
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) > 0


def test_everything_lies_below_the_stage_and_nothing_beside_it() -> None:
    client = Client(Gateway(small_app(), "api"))

    assert client.get("/api/items/new").get_json()["path"] == "/api/items/new"
    assert resource(client, "/api") == "/"
    assert resource(client, "/items/new") == "403"
    assert resource(client, "/apinot") == "403"


def test_form_bodies_and_queries_arrive_as_they_were_sent(client: Client) -> None:
    seen = client.post("/items/x?a=1&a=2&b=", data=b"name=%C3%A9\xff", content_type=FORM).get_json()

    assert seen["body"] == "name=%C3%A9\xff"
    assert seen["query"] == {"a": "2", "b": ""}
    assert seen["type"] == FORM
    assert seen["params"] == {"item": "x"}


def test_binary_answers_and_several_cookies_survive(client: Client) -> None:
    assert client.get("/pdf").data == PDF
    assert client.get("/").headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_large_answers_are_compressed_for_those_who_ask(client: Client) -> None:
    answer = client.get("/pdf", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 200
    assert "Content-Encoding" not in client.get("/", headers={"Accept-Encoding": "gzip"}).headers


def test_a_body_over_ten_megabytes_never_reaches_the_app(client: Client) -> None:
    answer = client.post("/items/x", data=b"a" * (BODY_LIMIT + 1), content_type=FORM)

    assert (answer.status_code, answer.get_json()) == (413, {"message": "Request Too Long"})


def test_a_request_without_an_accept_header_is_served(client: Client) -> None:
    assert client.get("/pdf", headers={}).status_code == 200


def test_many_requests_at_once_each_see_their_own() -> None:
    gateway, wrong = Gateway(small_app()), []

    def ask(number: int) -> None:
        for _ in range(20):
            seen = Client(gateway).get(f"/items/{number}").get_json()
            if seen["params"] != {"item": str(number)} or seen["path"] != f"/items/{number}":
                wrong.append(seen)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
