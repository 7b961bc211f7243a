"""What Chalice says to API Gateway, in words the emulator knows.

Chalice hands over one Swagger document; the emulator takes none, but the single calls that it stands for. Chalice also
waits five seconds before it asks again whether a function is ready; here it is ready at once.
"""

import time
import types
from collections.abc import Iterator, Mapping
from typing import Any


def speak_to_the_emulator(awsclient: Any) -> None:
    """Replace the two calls that send the document, and shorten the waiting."""
    import botocore.waiter

    botocore.waiter.time = types.SimpleNamespace(sleep=lambda seconds: time.sleep(min(seconds, 0.05)))
    awsclient.TypedAWSClient.import_rest_api = import_rest_api
    awsclient.TypedAWSClient.update_api_from_swagger = update_api_from_swagger


def import_rest_api(chalice: Any, swagger_document: Mapping[str, Any], endpoint_type: str) -> str:
    """Make the API. Gives its id."""
    gateway, title = chalice._client("apigateway"), swagger_document["info"]["title"]
    binary = swagger_document["x-amazon-apigateway-binary-media-types"]
    api: str = gateway.create_rest_api(name=title, binaryMediaTypes=binary)["id"]
    replay(gateway, api, swagger_document)
    return api


def update_api_from_swagger(chalice: Any, rest_api_id: str, swagger_document: Mapping[str, Any]) -> None:
    """Make the API what this document says."""
    replay(chalice._client("apigateway"), rest_api_id, swagger_document)


def replay(gateway: Any, api: str, document: Mapping[str, Any]) -> None:
    """Make the API's resources and methods what the document says; what it does not name is removed."""
    there = {r["path"]: r["id"] for r in gateway.get_resources(restApiId=api, limit=500)["items"]}
    wanted = {"/", *(place for path in document["paths"] for place in places(path))}
    for path in sorted(there.keys() - wanted, key=len, reverse=True):
        gateway.delete_resource(restApiId=api, resourceId=there.pop(path))
    for path in sorted(wanted - there.keys(), key=len):
        parent, _, part = path.rpartition("/")
        made = gateway.create_resource(restApiId=api, parentId=there[parent or "/"], pathPart=part)
        there[path] = made["id"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            put(gateway, {"restApiId": api, "resourceId": there[path], "httpMethod": method.upper()}, operation)


def places(path: str) -> Iterator[str]:
    """The path and all above it but the root."""
    while path and path != "/":
        yield path
        path = path.rpartition("/")[0]


def put(gateway: Any, at: dict[str, str], operation: Mapping[str, Any]) -> None:
    """One method of one resource and what answers it."""
    integration = operation["x-amazon-apigateway-integration"]
    kind, uri = integration["type"].upper(), integration.get("uri", "")
    gateway.put_method(authorizationType="NONE", **at)
    gateway.put_integration(type=kind, integrationHttpMethod="POST", uri=uri, **at)
