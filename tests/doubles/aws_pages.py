"""Makes the AWS double answer in pages, for every operation that the SDK has a paginator for.

moto answers few lists in pages, and truncates one (s3:ListBuckets) without a token. The whole answer is read with the
SDK's parser, cut by the SDK's paginator description, and written again by the service's model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.parsers import create_parser

from collector.demo.aws.wire import Call, Reply, answer, operation_model, protocol_of, recognise
from collector.demo.in_process import Answer, Application, Environ, StartResponse, ask, replace_body

_LOADER = Loader()


# Services that name what is in a JSON body otherwise than the SDK does.
REST_JSON = frozenset({"guardduty", "inspector2", "securityhub"})


@dataclass(frozen=True)
class Paging:
    """How one operation pages: the names of its token and limit, and of the lists that are cut."""

    token_in: str
    token_out: str
    limit: str | None
    more: str | None
    lists: tuple[str, ...]


# What the SDK has no paginator for, by the API references of S3 Control and Secrets Manager.
_NOT_DESCRIBED = {
    ("s3control", "ListAccessPoints"): Paging("NextToken", "NextToken", "MaxResults", None, ("AccessPointList",)),
    ("s3control", "ListMultiRegionAccessPoints"): Paging(
        "NextToken", "NextToken", "MaxResults", None, ("AccessPoints",)
    ),
    ("ssm", "DescribeDocumentPermission"): Paging("NextToken", "NextToken", "MaxResults", None, ("AccountIds",)),
    ("wafv2", "ListLoggingConfigurations"): Paging(
        "NextMarker", "NextMarker", "Limit", None, ("LoggingConfigurations",)
    ),
    ("wafv2", "ListWebACLs"): Paging("NextMarker", "NextMarker", "Limit", None, ("WebACLs",)),
    ("secretsmanager", "ListSecretVersionIds"): Paging("NextToken", "NextToken", "MaxResults", None, ("Versions",)),
}


@cache
def paging(service: str, operation: str) -> Paging | None:
    """Return the SDK's description of an operation's pages; None where it has no paginator with a single token."""
    if (service, operation) in _NOT_DESCRIBED:
        return _NOT_DESCRIBED[service, operation]
    try:
        described = _LOADER.load_service_model(service, "paginators-1")["pagination"].get(operation)
    except UnknownServiceError:
        return None
    if described is None or isinstance(described["input_token"], list):
        return None
    lists = described["result_key"]
    return Paging(
        token_in=described["input_token"],
        token_out=described["output_token"],
        limit=described.get("limit_key"),
        more=described.get("more_results"),
        lists=tuple(lists) if isinstance(lists, list) else (lists,),
    )


def token_of(place: int) -> str:
    """Return the token of the page that begins at a place, no shorter than any service wants it."""
    return f"{place:03}"


class Pager:
    """Wraps moto, and answers at most `size` items per page, whatever limit the client sends."""

    def __init__(self, behind: Application, *, size: int) -> None:
        self._behind = behind
        self.size = size
        self.pages: dict[str, int] = {}  # how many were given, by service:operation

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a page of a list of moto's; pass other calls on."""
        call = recognise(environ)
        how = None if call is None else paging(call.service, call.operation)
        if call is None or how is None:
            return self._behind(environ, start_response)
        token, limit = _take(environ, call, how)
        answered = ask(self._behind, environ)
        if answered.status != 200:  # an error has no pages
            return Reply(answered.status, tuple(answered.headers.items()), answered.body)(start_response)
        name, whole = f"{call.service}:{call.operation}", parsed(call.service, call.operation, answered)
        self.pages[name] = self.pages.get(name, 0) + 1
        page = _cut(whole, how, start=int(token or 0), size=min(self.size, limit or self.size))
        return answer(call.service, call.operation, page)(start_response)


def parsed(service: str, operation: str, answered: Answer) -> dict[str, Any]:
    """Return a page as the SDK reads it."""
    described = operation_model(service, operation)
    assert described.output_shape is not None, f"{service}:{operation} lists nothing"
    parser = create_parser(protocol_of(service))
    response = {"status_code": answered.status, "headers": answered.headers, "body": answered.body}
    page: dict[str, Any] = parser.parse(response, described.output_shape)
    page.pop("ResponseMetadata", None)
    return page


def _take(environ: Environ, call: Call, how: Paging) -> tuple[str | None, int | None]:
    """Remove token and limit from a request, so that moto answers the whole list, and return them."""
    names = {member: on_the_wire(call, member) for member in (how.token_in, how.limit) if member is not None}
    params: dict[str, Any] = {member: call.params.get(name) for member, name in names.items()}
    kept = {name: value for name, value in call.params.items() if name not in names.values()}
    if environ.get("HTTP_X_AMZ_TARGET"):
        replace_body(environ, json.dumps(kept).encode())
    elif "x-www-form-urlencoded" in environ.get("CONTENT_TYPE", ""):
        replace_body(environ, urlencode(kept).encode())
    else:
        query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        environ["QUERY_STRING"] = urlencode([(name, value) for name, value in query if name not in names.values()])
    limit = params.get(how.limit or "")
    return params[how.token_in], None if limit is None else int(limit)


def on_the_wire(call: Call, member: str) -> str:
    """Return the name that a parameter has in a request."""
    shape = operation_model(call.service, call.operation).input_shape
    assert shape is not None, f"{call.operation} has a paginator and no input"
    where: Mapping[str, Any] = shape.members[member].serialization
    named_apart = where.get("location") == "querystring" or call.service in REST_JSON
    return str(where.get("name", member)) if named_apart else member


def _cut(whole: dict[str, Any], how: Paging, *, start: int, size: int) -> dict[str, Any]:
    """Return a page of an answer; its lists are cut as if they were one."""
    page, skip, room, left = dict(whole), start, size, 0
    for name in how.lists:
        items = whole.get(name, [])
        page[name] = items[skip : skip + room]
        left += max(0, len(items) - skip - room)
        skip, room = max(0, skip - len(items)), room - len(page[name])
    page.pop(how.token_out, None)
    if how.more is not None:
        page[how.more] = left > 0
    if left > 0:
        page[how.token_out] = token_of(start + size)
    return page
