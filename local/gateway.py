"""What API Gateway and Lambda do around the Chalice app, as a WSGI application: routing, events, limits.

Rules kept (REST API, Lambda proxy integration): a literal segment wins over `{name}`, that over `{name+}`; a method a
route lacks falls to `{proxy+}` or is 403; nothing answers HEAD or OPTIONS unless a route declares it; bodies travel as
base64; 10 MB are the most a request may bring.
"""

import base64
import contextvars
import gzip
import json
import re
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import responses
from typing import Any
from urllib.parse import parse_qs

BODY_LIMIT = 10 * 1024 * 1024
REQUEST: contextvars.ContextVar[Any] = contextvars.ContextVar("request", default=None)
CONTEXT: contextvars.ContextVar[Any] = contextvars.ContextVar("context", default=None)
Headers = list[tuple[str, str]]
Start = Callable[[str, Headers], Any]


class PerRequest:
    """Chalice keeps the request on the app object, fit for one at a time; here each thread sees its own."""

    @property
    def current_request(self) -> Any:
        """The request this thread is serving."""
        return REQUEST.get()

    @current_request.setter
    def current_request(self, value: Any) -> None:
        REQUEST.set(value)

    @property
    def lambda_context(self) -> Any:
        """The context of this thread's call."""
        return CONTEXT.get()

    @lambda_context.setter
    def lambda_context(self, value: Any) -> None:
        CONTEXT.set(value)


class LambdaContext:
    """What a function may ask of its surroundings."""

    function_version, memory_limit_in_mb = "$LATEST", 512
    log_group_name = log_stream_name = "local"
    identity = client_context = None

    def __init__(self, function: str = "tillkey-local", seconds: float = 29) -> None:
        self.function_name = function
        self.invoked_function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
        self.aws_request_id = str(uuid.uuid4())
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function would be stopped."""
        return int((self._end - time.monotonic()) * 1000)


@dataclass(frozen=True)
class Resource:
    """One route pattern as API Gateway matches it."""

    pattern: str
    methods: frozenset[str]
    regex: re.Pattern[str]
    rank: tuple[int, ...]

    @classmethod
    def of(cls, pattern: str, methods: Iterable[str]) -> "Resource":
        """Compile `/items/{item}/card` or `/{proxy+}`."""
        parts = [_segment(s) for s in pattern.split("/") if s]
        regex = re.compile("".join("/" + part for _, part in parts) or "/")
        return cls(pattern, frozenset(methods), regex, tuple(rank for rank, _ in parts))


def _segment(text: str) -> tuple[int, str]:
    """Rank (lower matches first) and regular expression of one path segment."""
    if text.endswith("+}"):
        return 2, f"(?P<{text[1:-2]}>(?s:.+))"
    if text.startswith("{"):
        return 1, f"(?P<{text[1:-1]}>[^/]+)"
    return 0, re.escape(text)


class Gateway:
    """Serves one Chalice app, at the root or below a stage such as `api`."""

    def __init__(self, app: Any, stage: str = "", compress_over: int | None = 1024) -> None:
        if not isinstance(app, PerRequest):
            app.__class__ = type("Local", (PerRequest, type(app)), {})
        self.app, self.stage, self.compress_over = app, stage, compress_over
        resources = [Resource.of(pattern, methods) for pattern, methods in app.routes.items()]
        self.resources = sorted(resources, key=lambda resource: resource.rank)

    def __call__(self, environ: dict[str, Any], start: Start) -> list[bytes]:
        status, headers, body = self.answer(environ)
        if self._compresses(environ, body):
            body, headers = gzip.compress(body), [*headers, ("Content-Encoding", "gzip")]
        start(f"{status} {responses.get(status, '')}", [*headers, ("Content-Length", str(len(body)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def answer(self, environ: dict[str, Any]) -> tuple[int, Headers, bytes]:
        """Status, headers and body, from the app or from the gateway itself."""
        path, method = self._path(environ), environ["REQUEST_METHOD"]
        found = self._match(method, path) if path else None
        if not found:
            return _own(403, "Missing Authentication Token")
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > BODY_LIMIT:
            return _own(413, "Request Too Long")
        event = self._event(environ, path, *found, body=environ["wsgi.input"].read(length))
        answer = contextvars.copy_context().run(self.app, event, LambdaContext())
        return answer["statusCode"], _headers(answer), _body(answer)

    def _path(self, environ: dict[str, Any]) -> str:
        """Path below the stage, or "" when it is not below it."""
        path = environ.get("PATH_INFO", "/").encode("latin1").decode("utf8", "replace")
        if not self.stage:
            return path or "/"
        inside = (path + "/").startswith(f"/{self.stage}/")
        return (path[len(self.stage) + 1 :] or "/") if inside else ""

    def _match(self, method: str, path: str) -> tuple[Resource, dict[str, str]] | None:
        plain = path.rstrip("/") or "/"
        for resource in self.resources:
            hit = resource.regex.fullmatch(plain)
            if hit and method in resource.methods:
                return resource, hit.groupdict()
        return None

    def _event(
        self, environ: dict[str, Any], path: str, resource: Resource, params: dict[str, str], body: bytes
    ) -> dict[str, Any]:
        headers = _request_headers(environ)
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True) or None
        method = environ["REQUEST_METHOD"]
        return {
            "resource": resource.pattern,
            "path": path,
            "httpMethod": method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": query and {name: values[-1] for name, values in query.items()},
            "multiValueQueryStringParameters": query,
            "pathParameters": params or None,
            "stageVariables": None,
            "body": base64.b64encode(body).decode() or None,
            "isBase64Encoded": bool(body),
            "requestContext": {
                "resourcePath": resource.pattern,
                "httpMethod": method,
                "path": (f"/{self.stage}" if self.stage else "") + path,
                "stage": self.stage or "local",
                "requestId": str(uuid.uuid4()),
                "domainName": environ.get("HTTP_HOST", ""),
                "identity": {"sourceIp": environ.get("REMOTE_ADDR"), "userAgent": headers.get("User-Agent")},
            },
        }

    def _compresses(self, environ: dict[str, Any], body: bytes) -> bool:
        accepts = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
        return self.compress_over is not None and accepts and len(body) >= self.compress_over


def _request_headers(environ: dict[str, Any]) -> dict[str, str]:
    headers = {k[5:].replace("_", "-").title(): v for k, v in environ.items() if k.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    return headers


def _headers(answer: dict[str, Any]) -> Headers:
    single = [(name, str(value)) for name, value in (answer.get("headers") or {}).items()]
    many = [(name, v) for name, values in (answer.get("multiValueHeaders") or {}).items() for v in values]
    headers = single + many
    if any(name.lower() == "content-type" for name, _ in headers):
        return headers
    return [*headers, ("Content-Type", "application/json")]


def _body(answer: dict[str, Any]) -> bytes:
    body: str = answer["body"]
    return base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()


def _own(status: int, message: str) -> tuple[int, Headers, bytes]:
    """An answer of the gateway itself, which never asked the app."""
    return status, [("Content-Type", "application/json")], json.dumps({"message": message}).encode()
