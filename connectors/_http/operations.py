"""An operation in the platform's words, such as `GET /orgs/{org}/members`, and the request that it stands for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import httpx

from collector.core.errors import Unexpected
from connectors._http.origins import origin_of

# {org}, {+name} for one that holds slashes of its own, as Google writes it, and /:id as GitLab writes it.
_PLACE = re.compile(r"\{(?P<keep>\+?)(?P<braces>\w+)\}|(?<=/):(?P<colon>\w+)")
_LONGEST_VALUE = 128
_SECRET_NAME = re.compile(
    r"(?i)(?:token|secret|password|passwd|assertion|signature|credential|authorization|(?:^|[_-])(?:key|sig|code))s?$"
)

Query = Mapping[str, Any]
"""Values are text, numbers, booleans, or lists of these; None leaves a parameter out."""


def address(base: httpx.URL, operation: str, places: Mapping[str, str], query: Query) -> httpx.URL:
    """Return the address of an operation, its placeholders filled and quoted.

    An operation may have a query of its own, as `GET /policies?type=PASSWORD`; `query` is added to it. Raises TypeError
    for a placeholder without a value and for a value without a placeholder, and Unexpected for a value that would lead
    to another path: an empty one, `.` or `..`.
    """
    _, _, path = operation.partition(" ")
    left = dict(places)

    def filled(found: re.Match[str]) -> str:
        name = found["braces"] or found["colon"]
        if name not in places:
            message = f"{operation} has no value for {name}"
            raise TypeError(message)
        left.pop(name, None)
        value = str(places[name])
        if not {"", ".", ".."}.isdisjoint(value.split("/") if found["keep"] else [value]):
            raise Unexpected(f"{operation} cannot be asked for {name} = {value[:60]!r}")
        return quote(value, safe="/" if found["keep"] else "")

    path = _PLACE.sub(filled, path)
    if left:
        message = f"{operation} has no place for {', '.join(left)}"
        raise TypeError(message)
    text = f"{str(base).rstrip('/')}{path}"
    encoded = urlencode(_spelled(query), doseq=True)
    return httpx.URL(f"{text}{'&' if '?' in path else '?'}{encoded}" if encoded else text)


def _spelled(query: Query) -> dict[str, Any]:
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else value
        for name, value in query.items()
        if value is not None
    }


def recorded(places: Mapping[str, str], url: httpx.URL, body: bytes | None = None) -> dict[str, str]:
    """Return the parameters of a request as they are kept: no secret, and no value that is longer than people read.

    Such a value becomes its digest, so that two pages still differ. A body is kept as its digest only.
    """
    found = {**places, **dict(parse_qsl(url.query.decode("ascii", "replace"), keep_blank_values=True))}
    kept = {
        name: _digest(value) if len(value) > _LONGEST_VALUE or _SECRET_NAME.search(name) else value
        for name, value in ((name, str(value)) for name, value in found.items())
    }
    if body is not None:
        kept["body"] = _digest(body)
    return kept


def _digest(value: str | bytes) -> str:
    return f"sha256:{hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()}"


def next_address(current: httpx.URL, link: str, operation: str) -> httpx.URL:
    """Return the address of the next page. Raises Unexpected where it is on another host, port or scheme."""
    try:
        url = current.join(link).copy_with(fragment=None)
    except httpx.InvalidURL as error:
        raise Unexpected(f"{operation}: the next page has no valid address") from error
    if origin_of(url) != origin_of(current) or url.userinfo:
        raise Unexpected(f"{operation}: the next page is elsewhere, at {origin_of(url)}, and was not asked for")
    return url
