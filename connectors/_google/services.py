"""Google's operations, and the requests that its client builds for them from the descriptions that come with it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from connectors._http.adapters.google import BuiltRequest, build_request, no_http

_READING_POSTS = frozenset({"getAncestry", "getIamPolicy", "list", "testIamPermissions"})
"""Methods that Google has as POST although they change nothing; a policy is read with options in a body."""

_KEPT_OF_METHODS = ("id", "path", "flatPath", "httpMethod", "parameterOrder", "request", "response")
_KEPT_OF_PARAMETERS = ("type", "required", "location", "repeated", "pattern", "enum", "format", "default")

_BUILDING = threading.Lock()


@dataclass(frozen=True)
class Operation:
    """One method of an API: `Operation("compute", "v1", "compute.instances.aggregatedList")`.

    `api` and `version` name the description that comes with Google's client, `id` is Google's name of the method.
    `query` adds parameters that Google documents and its description lacks.
    """

    api: str
    version: str
    id: str
    query: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.id

    def built(self, *, endpoint: str = "", **arguments: Any) -> BuiltRequest:
        """Return a request, with Google's own names of the arguments; `endpoint` replaces the address of the API.

        Raises TypeError for an argument that the method does not have, and for a method that there is not or that
        could change something.
        """
        built: BuiltRequest = _method(self, endpoint)(prettyPrint=False, **arguments)
        return replace(built, uri=f"{built.uri}&{urlencode(self.query)}") if self.query else built


@lru_cache(maxsize=1024)
def _method(operation: Operation, endpoint: str) -> Callable[..., Any]:
    """Return the bound method of an operation. To look it up costs more than a hundred times what a call of it does."""
    from googleapiclient.discovery import fix_method_name  # noqa: PLC0415  the SDK is imported only when it is used

    service, places = _service(operation.api, operation.version, endpoint)
    if operation.id not in places:
        message = f"{operation.api} {operation.version} has no method {operation.id} that only reads"
        raise TypeError(message)
    *resources, name = places[operation.id]
    found = service
    for resource in resources:
        found = getattr(found, fix_method_name(resource))()
    method: Callable[..., Any] = getattr(found, fix_method_name(name))
    return method


def _service(api: str, version: str, endpoint: str) -> tuple[Any, Mapping[str, tuple[str, ...]]]:
    with _BUILDING:  # sixteen threads begin with the same API, and each object takes some megabytes
        return _built_service(api, version, endpoint)


@lru_cache(maxsize=256)
def _built_service(api: str, version: str, endpoint: str) -> tuple[Any, Mapping[str, tuple[str, ...]]]:
    """Return the service object of an API, without credentials, and where in it each method is."""
    from googleapiclient.discovery import build_from_document  # noqa: PLC0415  the SDK is imported only when it is used

    document = reading_part(description(api, version))
    if endpoint:
        document["rootUrl"] = f"{endpoint.rstrip('/')}/"
        document.pop("mtlsRootUrl", None)
    service = build_from_document(document, http=no_http, requestBuilder=build_request)
    return service, {found["id"]: place for place, found in methods(document)}


def description(api: str, version: str) -> dict[str, Any]:
    """Return the description of an API (its discovery document). Raises TypeError where the client has none."""
    from googleapiclient.discovery_cache import get_static_doc  # noqa: PLC0415  the SDK is imported only when used

    text = get_static_doc(api, version)
    if text is None:
        message = f"Google's client has no description of {api} {version}"
        raise TypeError(message)
    found: dict[str, Any] = json.loads(text)
    return found


def methods(described: Mapping[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every method of a description, with the names that lead to it."""
    for name, method in described.get("methods", {}).items():
        yield (*place, name), method
    for name, resource in described.get("resources", {}).items():
        yield from methods(resource, (*place, name))


def reading_part(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description without what changes anything, and without its prose: a third of the memory."""
    kept = {name: value for name, value in document.items() if name not in {"schemas", "resources", "methods"}}
    named = {found[key]["$ref"] for _, found in methods(document) for key in ("request", "response") if key in found}
    schemas = {name: {"id": name, "type": "object", "properties": {}} for name in named}
    return {
        **kept,
        "parameters": _short(document.get("parameters", {})),
        "schemas": schemas,
        **_reading_resource(document),
    }


def _reading_resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    reading = {
        name: {
            **{key: method[key] for key in _KEPT_OF_METHODS if key in method},
            "parameters": _short(method.get("parameters", {})),
        }
        for name, method in resource.get("methods", {}).items()
        if method["httpMethod"] == "GET" or name in _READING_POSTS
    }
    below = {name: _reading_resource(found) for name, found in resource.get("resources", {}).items()}
    return {"methods": reading, "resources": below}


def _short(parameters: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        name: {key: value for key, value in parameter.items() if key in _KEPT_OF_PARAMETERS}
        for name, parameter in parameters.items()
    }
