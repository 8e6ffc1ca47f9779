"""Every route with whatever may be sent to it, by schemathesis: nothing breaks, and nothing says what is inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from tests.web.people.conftest import HOST, PEOPLE, House
from tests.web.people.described_routes import described
from tests.web.people.provider import SECRET

if TYPE_CHECKING:
    import httpx
    from schemathesis import Case
    from starlette.testclient import TestClient

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}
LEADING = (
    "/",
    "/findings",
    "/findings/{check}/{source}",
    "/evidence/{source}/{kind}/{key}",
    "/controls.{kind}",
    "/log",
)
"""Routes that have to be answered and not only refused, or else nothing was tried."""
INSIDE = ("Traceback (most recent call last)", ".py&#34;, line", '.py", line', "site-packages", SECRET, "sqlite3.")
"""What a page may not have: the stack of an error, and secrets."""


def asked(browser: TestClient, case: Case[Any], token: str) -> httpx.Response:
    """Send what schemathesis made, as a browser does, with a token of the session or without."""
    sent: dict[str, Any] = {"params": list(_pairs(case.query))}
    if case.method == "POST":
        body = case.body if isinstance(case.body, dict) else {}
        sent = {"data": body | {"csrf": token}, "headers": {"origin": HOST}}
    answer: httpx.Response = browser.request(case.method, case.formatted_path, **sent)
    return answer


def _pairs(query: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, str(value))
        for name, values in query.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def _token(browser: TestClient) -> str:
    page: str = browser.get("/methods").text
    return page.partition('name="csrf" value="')[2].partition('"')[0]


def _wrong(house: House, answer: httpx.Response) -> list[str]:
    """Return what an answer has that none may have."""
    headers = answer.headers
    found = [f"{name}: {headers.get(name)}" for name, value in HEADERS.items() if headers.get(name) != value]
    if not headers.get("content-security-policy", "").startswith("default-src 'none'; "):
        found.append("no policy")
    if answer.status_code >= 500 and "retry-after" not in headers:  # a list that is being made is asked for again
        found.append(f"status {answer.status_code}")
    # A body that is asked for as it was stored is evidence, and a file to save.
    if "attachment" not in headers.get("content-disposition", ""):
        text = answer.text
        found += [text[max(text.find(inside) - 80, 0) :][:200] for inside in INSIDE if inside in text]
        found += [
            str(folder)
            for folder in (house.access.parent, house.site.app.config.file.path.parent)
            if str(folder) in text
        ]
    return found


def _tried(house: House, role: str | None, examples: int, *, is_known: bool) -> dict[str, list[str]]:
    """Return the addresses of which an answer is wrong, with what is."""
    browser = house.browser() if role is None else house.sign_in(PEOPLE[role])
    token, wrong = "" if role is None else _token(browser), {}
    schema = schemathesis.openapi.from_dict(described(house.app, is_known=is_known))
    answered: dict[str, set[int]] = {}
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if operation.path == "/logout":
            continue  # it ends the session that the others are asked with

        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), has_token=st.booleans())
        def every(case: Case[Any], has_token: bool) -> None:
            answer = asked(browser, case, token if has_token else "another")
            if found := _wrong(house, answer):
                wrong[f"{case.method} {answer.request.url}"] = found
            elif case.method == "POST" and not has_token and answer.status_code not in {401, 403, 404, 429}:
                wrong[f"{case.method} {answer.request.url}"] = [f"status {answer.status_code} without a token"]
            answered.setdefault(case.operation.path, set()).add(answer.status_code)

        every()
    assert answered.keys() == {path for path in schema.raw_schema["paths"] if path != "/logout"}
    if is_known and role in {"contributor", "admin"}:
        # What leads nowhere proves nothing.
        assert {path for path in LEADING if 200 not in answered[path]} == set()
    return wrong


@pytest.mark.parametrize(
    ("role", "is_known"),
    [*((role, True) for role in (None, *PEOPLE)), ("auditor", False)],
)
def test_no_route_breaks(house: House, role: str | None, is_known: bool) -> None:
    """No stack of an error, no status of one, no secret; the headers of every answer; no form without its token."""
    assert _tried(house, role, 2, is_known=is_known) == {}


@pytest.mark.deep
@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("role", [None, *PEOPLE])
def test_no_route_breaks_with_many_more(house: House, role: str | None, is_known: bool) -> None:
    """The same with many more values."""
    assert _tried(house, role, 25, is_known=is_known) == {}
