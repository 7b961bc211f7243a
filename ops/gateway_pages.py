"""Pages for what API Gateway refuses before the portal is asked, with the headers every page of ours has.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from typing import Any

from chalicelib import templating
from chalicelib.errors import BadRequest, NotFound, PortalError, Refused, TooMany
from chalicelib.web.page import ALWAYS, HTML
from ops.aws import plainly

CLOSED = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
# type → (status, whose words)
PAGES: dict[str, tuple[int, PortalError]] = {
    "DEFAULT_4XX": (400, BadRequest()),
    "DEFAULT_5XX": (503, PortalError()),
    "ACCESS_DENIED": (403, Refused()),
    "INTEGRATION_TIMEOUT": (504, PortalError()),
    "MISSING_AUTHENTICATION_TOKEN": (404, NotFound()),
    "REQUEST_TOO_LARGE": (413, BadRequest("That was more than we can take at once. Nothing was done.")),
    "RESOURCE_NOT_FOUND": (404, NotFound()),
    "THROTTLED": (429, TooMany()),
    "WAF_FILTERED": (403, Refused()),
}


def put(client: Any, api: str, stage: str, own_domain: bool) -> None:
    """Set all pages and publish them. With a domain of its own the API's default host is turned off.

    Each deployment by Chalice replaces the API's definition, so this belongs after every one of them.
    """
    with plainly("set the gateway's pages"):
        for kind, (status, words) in PAGES.items():
            client.put_gateway_response(
                restApiId=api,
                responseType=kind,
                statusCode=str(status),
                responseParameters=headers(status),
                responseTemplates={"application/json": body(words)},
            )
        off = {"op": "replace", "path": "/disableExecuteApiEndpoint", "value": str(own_domain).lower()}
        client.update_rest_api(restApiId=api, patchOperations=[off])
        client.create_deployment(restApiId=api, stageName=stage)


def body(words: PortalError) -> str:
    """The page; the gateway fills in the request's id."""
    return templating.render("errors/plain.html", {"error": words, "request_id": "$context.requestId"})


def headers(status: int) -> dict[str, str]:
    """Header values are quoted constants in the gateway's own notation."""
    known = {**ALWAYS, "Content-Security-Policy": CLOSED, "Content-Type": HTML, "Cache-Control": "no-store"}
    if status in {429, 503, 504}:
        known["Retry-After"] = "30"
    return {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in known.items()}
