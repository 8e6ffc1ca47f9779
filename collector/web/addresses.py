"""The addresses of single things, and how pages name them. A name of a platform's is quoted, whatever is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from collector.core.scopes import show_scope
from collector.pages.page_words import STATE_WORDS, VERDICT_WORDS, resource_name

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import HTTPConnection

    from collector.core.scopes import Scope

_ONLY_DOTS = frozenset({"", ".", ".."})
"""Names that a browser takes for a folder, however they are quoted."""


def finding_address(check: str, source: str, scope: Scope, subject: str, as_of: str = "") -> str:
    """Return the address of a finding."""
    return _with(f"/findings/{_part(check)}/{_part(source)}", scope, [("resource", subject), ("as_of", as_of)])


def evidence_address(source: str, kind: str, scope: Scope, key: str, *, check: str = "", as_of: str = "") -> str:
    """Return the address of a stored resource; `check` marks the fields that it reads."""
    more = [("check", check), ("as_of", as_of)]
    folder = f"/evidence/{_part(source)}/{_part(kind)}"
    if key in _ONLY_DOTS:
        return _with(folder, scope, [("key", key), *more])
    return _with(f"{folder}/{_part(key)}", scope, more)


def control_address(framework: str, control: str, as_of: str = "") -> str:
    """Return the address of a control."""
    return _with(f"/controls/{_part(framework)}/{_part(control)}", (), [("as_of", as_of)])


def list_address(path: str, as_of: str = "", **filters: str) -> str:
    """Return the address of a list with filters."""
    return _with(path, (), [*filters.items(), ("as_of", as_of)])


def named_address(path: str, name: str, as_of: str = "") -> str:
    """Return the address of one thing of a list, by its name in the company's own files."""
    return _with(f"{path}/{_part(name)}", (), [("as_of", as_of)])


def at_moment(address: str, as_of: str) -> str:
    """Return an address of the same moment that a page is of."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'as_of': as_of})}" if as_of else address


def scope_of(params: Any) -> Scope:  # noqa: ANN401  the parameters of a request
    """Return the scope that an address names."""
    return tuple(params.getlist("in"))


def path_of(request: HTTPConnection) -> str:
    """Return the path of a request as it was sent, quoted: it leads to the same page again."""
    path: str = request.scope["raw_path"].decode("ascii", "backslashreplace")
    return f"/%2F{path[2:]}" if path.startswith("//") else path  # two would begin the name of another host


def address_of(request: HTTPConnection) -> str:
    """Return path and query of a request as they were sent."""
    query = request.scope["query_string"].decode("ascii", "backslashreplace")
    return f"{path_of(request)}?{query}" if query else path_of(request)


def _with(path: str, scope: Scope, more: list[tuple[str, str]]) -> str:
    pairs = [*(("in", part) for part in scope), *((name, value) for name, value in more if value)]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _part(text: str) -> str:
    return quote(text, safe=":")


def day(moment: datetime) -> str:
    """Return the day of a moment, in UTC."""
    return moment.date().isoformat()


LINKS: dict[str, Any] = {
    "finding_address": finding_address,
    "evidence_address": evidence_address,
    "control_address": control_address,
    "list_address": list_address,
    "named_address": named_address,
    "at_moment": at_moment,
    "resource_name": resource_name,
    "place": show_scope,
    "day": day,
    "verdict_words": VERDICT_WORDS,
    "state_words": STATE_WORDS,
}
"""What every template may use."""
