"""The application's own routes as an OpenAPI description: what may be asked of each, with values that there are.

A description is of the values that lead somewhere, or of any text: what is answered and what is refused are both tried.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collector.web.assets import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.applications import Starlette

_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")

KNOWN: Mapping[str, tuple[str, ...]] = {
    "framework": ("played:1",),
    "control": ("1.1", "played:1/1.1"),
    "check": ("played_member_mfa", "played_org_two_owners"),
    "source": ("code",),
    "kind": ("played.member",),
    ".kind": ("csv", "xlsx", "json"),
    "key": ("member-001", "member-001.raw"),
    "which": ("exceptions", "actions"),
    "in": ("acme",),
    "resource": ("member-001",),
    "as_of": ("2026-03-01",),
    "from": ("2026-01-01",),
    "to": ("2026-02-28",),
    "verdict": ("fail", "accepted", "unknown", "pass", "not_applicable"),
    "severity": ("critical", "low"),
    "scope": ("in", "elsewhere"),
    "age": ("0-7", "over-180"),
    "seen": ("lost",),
    "account": ("code: acme",),
    "group": ("check", "resource", "control", "none"),
    "sort": ("severity", "age"),
    "n": ("25", "500"),
    "before": ("1",),
    "state": ("failing", "unknown", "open"),
    "theme": ("First theme",),
    "fw": ("played:1",),
    "inconsistent": ("yes",),
    "blind": ("yes",),
    "open": ("yes",),
    "late": ("yes",),
    "outcome": ("complete", "denied"),
    "q": ("member", "verdict:fail severity:critical,high", 'text:"'),
    "next": ("/controls", "//example.org", "https://example.org"),
}
"""Values that lead somewhere, by the name of the parameter; `.kind` is the ending of a list as a file."""

_QUERY = (*(name for name in KNOWN if not name.startswith(".")), "after")

ODD = (
    "",
    "-1",
    "9" * 30,
    "0001-01-01T00:00+14:00",
    "9999-12-31",
    "\x00",
    "//",
    "..",
    "%",
    "AAAA",
    "1e9",
    "\ud7ff\u202e",
)
"""Texts that something may stumble over, beside any text."""

_NEEDED = frozenset({"in", "resource"})
"""What a finding or a stored resource cannot be found without."""

FORM: Mapping[str, tuple[str, ...]] = {
    "do": ("answer", "accept", "return", "comment", "withdraw", "approve"),
    "text": ("Who may read it?",),
    "control": ("1.1", "8.3"),
    "due": ("2026-12-31",),
    "records": ("1", "1, 2"),
    "after": ("0", "1"),
    "ask": ("1.1-a",),
    "document-version": ("1",),
    "obtained-from": ("the wiki",),
    "by": ("Ann", "source"),
    "role": ("owner",),
    "approved-on": ("2026-01-01",),
    "valid-until": ("2027-01-01",),
    "from": ("2026-01-01",),
    "to": ("2026-03-31",),
    "head": ("1",),
    "size": ("2", "-1"),
    "nonce": ("words",),
    "items": ("member-001",),
    "id": ("EX-1",),
    "token": ("x",),
}
"""Fields of the forms that people post, all in one: a form takes those that it knows."""

_ANY = {"anyOf": [{"type": "string", "enum": list(ODD)}, {"type": "string", "maxLength": 40}]}


def described(app: Starlette, *, is_known: bool) -> dict[str, Any]:
    """Return the description of every route but the style sheet, the script and the icon.

    `is_known`: with the values that lead somewhere; otherwise with any text in their place.
    """
    paths: dict[str, dict[str, Any]] = {}
    for route in app.routes:
        path = str(getattr(route, "path", ""))
        if path.startswith(PREFIX):
            continue
        named: dict[str, str] = dict(_PARAMETER.findall(path))
        of_path = [
            _parameter(name, "path", is_known=is_known, is_number=sort == "int", is_ending=f".{{{name}}}" in path)
            for name, sort in named.items()
        ]
        query = [_parameter(name, "query", is_known=is_known) for name in _QUERY if name not in named]
        for method in sorted(getattr(route, "methods", None) or ()):
            operation: dict[str, Any] = {"parameters": [*of_path, *query], "responses": {"200": {"description": ""}}}
            if method == "POST":
                form = _form(is_known=is_known)
                operation["parameters"] = of_path
                operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
            paths.setdefault(_PARAMETER.sub(r"{\1}", path), {})[method.lower()] = operation
    return {"openapi": "3.0.3", "info": {"title": "annexd", "version": "1"}, "paths": paths}


def _parameter(
    name: str, place: str, *, is_known: bool, is_number: bool = False, is_ending: bool = False
) -> dict[str, Any]:
    values = KNOWN.get(f".{name}" if is_ending else name, ())
    schema = {"type": "integer", "minimum": 0} if is_number else _schema(values, is_known=is_known)
    is_needed = place == "path" or (is_known and name in _NEEDED)
    return {"name": name, "in": place, "required": is_needed, "schema": schema}


def _schema(values: Iterable[str], *, is_known: bool) -> dict[str, Any]:
    known = list(values)
    return {"type": "string", "enum": known} if known and is_known else _ANY


def _form(*, is_known: bool) -> dict[str, Any]:
    properties = {name: _schema(values, is_known=is_known) for name, values in FORM.items()}
    return {"type": "object", "properties": properties, "required": ["text", "do", "nonce", "id"] if is_known else []}
