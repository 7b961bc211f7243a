"""What happens around every request."""

import base64
import logging
from typing import Any

import pytest

from chalicelib.web.middleware import Portal

ASKED: dict[str, Any] = {
    "requestContext": {
        "httpMethod": "GET",
        "resourcePath": "/",
        "path": "/",
        "identity": {"sourceIp": "192.0.2.1"},
        "requestId": "request-1",
    },
    "headers": {"Accept": "text/html"},
    "multiValueHeaders": {"Accept": ["text/html"]},
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "stageVariables": None,
    "body": None,
    "isBase64Encoded": False,
}


def test_a_failure_outside_every_page_is_still_a_page_that_says_nothing_of_it(caplog: pytest.LogCaptureFixture) -> None:
    portal = Portal(app_name="broken", debug=False, configure_logs=False)

    def fails(event: Any, get_response: Any) -> Any:
        raise RuntimeError("sk_test_secret")

    portal.register_middleware(fails, "all")
    portal.route("/")(lambda: "never")
    with caplog.at_level(logging.ERROR):
        answer = portal(ASKED, None)
    body = base64.b64decode(answer["body"]).decode()
    assert answer["statusCode"] == 500
    assert answer["headers"]["Content-Type"].startswith("text/html")
    assert answer["headers"]["Content-Security-Policy"] == "default-src 'none'"
    assert answer["headers"]["X-Content-Type-Options"] == "nosniff"
    assert "Something went wrong" in body
    assert "request-1" in body
    assert "secret" not in body
    assert "sk_test_secret" in caplog.text
