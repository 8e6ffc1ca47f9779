"""The client that collections of GitHub use: requests for one organization or repository, and complete lists."""

from __future__ import annotations

import re
import threading
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from collector.core.errors import Denied, Unexpected
from collector.core.resources import Body
from collector.core.scopes import Scope
from collector.core.wire import Call, Total, Wire
from connectors._http import SharedResults
from connectors._http.replies import parsed_date
from connectors.github._sdk.decoding import decoded
from connectors.github._sdk.errors import explain, graphql_error, repository_gone, sdk_missing
from connectors.github._sdk.graphql_quota import GRAPHQL
from connectors.github._sdk.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connectors.github._sdk.connection import Identity
    from connectors.github._sdk.sign_in import SignIn

NO_CALL = "(no call)"
"""The call of a collection that sends no request: it lists one resource, and each part has a call of its own."""

REPOSITORY = "GET /repos/{owner}/{repo}"
CLOCK = "GET /rate_limit"
"""A request that GitHub does not count; its headers have GitHub's time and the scopes of a classic token."""

_MAX_PAGES = 10_000
_PLACEHOLDER = re.compile(r"{(\w+)}")
_LINK = re.compile(r'<([^>]*)>\s*;[^,]*?rel="([a-z]+)"')

_SIGN_INS: dict[Settings, SignIn] = {}
_SIGN_INS_LOCK = threading.Lock()


class GitHub:
    """Requests for one organization, one of its repositories, or the source as a whole. Safe for several threads."""

    def __init__(self, settings: Settings, scope: Scope, wire: Wire, sign_in: SignIn) -> None:
        self.settings = settings
        self.scope = scope
        self._wire = wire
        self._sign_in = sign_in
        self._lease = sign_in.lease()
        self._scope_placeholders = _scope_placeholders(settings, scope)
        self.results = SharedResults(explain)
        self._date: datetime | None = None

    @property
    def organization(self) -> str:
        """The login of the organization. Raises IndexError at the source, which has none."""
        return self.scope[0]

    @property
    def repository(self) -> str:
        """The name of the repository. Raises IndexError where the scope has none."""
        return self.scope[1]

    @property
    def full_name(self) -> str:
        """Organization and repository as GitHub writes them."""
        return f"{self.organization}/{self.repository}"

    def identity(self) -> str:
        """Return the identity that requests are made with: a login, or app slug and installation id."""
        if self.settings.as_app:
            slug = self.results.get("app", lambda: self.request("GET /app", as_app=True)["slug"])
            return f"app {slug}" + (f", installation {self.installation()['id']}" if self.scope else "")
        return str(self.user()["login"])

    def user(self) -> Body:
        """Return the account of the token (`GET /user`), requested once."""
        body: Body = self.results.get("user", lambda: self.request("GET /user"))
        return body

    def scopes(self) -> list[str] | None:
        """Return the scopes of a classic token, sorted; None for a credential of which GitHub states none."""
        headers = self.results.get("scopes", self._ask_time)
        header = headers.get("x-oauth-scopes")
        return None if header is None else sorted(filter(None, (scope.strip() for scope in header.split(","))))

    def installation(self) -> Body:
        """Return the app's installation in this organization (`GET /orgs/{org}/installation`), requested once."""
        # It is the same for every repository of the organization.
        body: Body = self._sign_in.results.get(
            f"installation {self.organization}", lambda: self.request("GET /orgs/{org}/installation", as_app=True)
        )
        return body

    def repository_details(self) -> Body:
        """Return this repository (`GET /repos/{owner}/{repo}`), requested once. Raises NotThere where it is gone."""
        body: Body = self.results.get("repository", self._fetch_repository)
        return body

    def request(
        self,
        call: str,
        placeholders: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        *,
        as_app: bool = False,
        having: str | None = None,
    ) -> Any:
        """Return the decoded JSON of one answer; None for an answer without content (204).

        `call` is method and path as GitHub documents them; `placeholders` fills the names in braces that the scope does
        not. Raises ConnectorError for any answer other than success, and Unexpected for one without the key `having`:
        an empty object would be read as a setting that is off.
        """
        answer = self._fetch(call, placeholders or {}, query or {}, as_app=as_app)[1]
        if having is not None and (not isinstance(answer, dict) or having not in answer):
            raise Unexpected(f"{call} was answered without {having}")
        return answer

    def items(
        self, call: str, placeholders: Mapping[str, str] | None = None, query: Mapping[str, Any] | None = None
    ) -> list[Any]:
        """Return the list that one answer is, without further pages. Raises as `pages`."""
        return _items(self.request(call, placeholders, query), None, call)

    def pages(
        self,
        call: str,
        key: str | None = None,
        placeholders: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        *,
        as_app: bool = False,
    ) -> Iterator[Any]:
        """Yield every item of a list of pages; with `key`, of the list under that key.

        Where GitHub states `total_count` beside the list, a Total comes first. Raises Unexpected where a page repeats,
        leads to another host, lacks the key, or where the pages end before the last one that GitHub linked to.
        """
        headers, page = self._fetch(call, placeholders or {}, {"per_page": 100, **(query or {})}, as_app=as_app)
        seen_urls: set[str] = set()
        last_page = _page_number(_links(headers).get("last"))
        for number in range(1, _MAX_PAGES + 1):
            if number == 1 and key is not None and isinstance(page, dict) and "total_count" in page:
                yield Total(page["total_count"], f"{call} total_count")
            yield from _items(page, key, call)
            next_url = _links(headers).get("next")
            if next_url is None:
                if last_page is not None and number < last_page:
                    raise Unexpected(f"{call} has {last_page} pages by GitHub's word, and ended after {number}")
                return
            if next_url in seen_urls:
                raise Unexpected(f"{call}: GitHub repeated a page, {number} pages in")
            seen_urls.add(next_url)
            headers, page = self._follow(call, next_url, as_app=as_app)
        raise Unexpected(f"{call} has more than {_MAX_PAGES} pages")

    def graphql(self, query: str, variables: Mapping[str, Any]) -> Body:
        """Return `data` of the answer to a query. Raises ConnectorError for any error, also beside partial data."""
        requester = self._sign_in.requester
        recorded = {
            name: ",".join(value) if isinstance(value, list) else value
            for name, value in variables.items()
            if isinstance(value, str | int | list)
        }
        status, headers, text = requester.requestJson(
            "POST",
            requester.graphql_url,
            input={"query": query, "variables": dict(variables)},
            cnx=self._asking().connection(self._lease, self._wire, Call(GRAPHQL, recorded)),
        )
        answer = decoded(status, headers, text, GRAPHQL)
        if not isinstance(answer, dict) or answer.get("errors") or not isinstance(answer.get("data"), dict):
            raise graphql_error(answer.get("errors") if isinstance(answer, dict) else None)
        self._record_date(headers)
        data: Body = answer["data"]
        return data

    def now(self) -> datetime:
        """Return the Date header of the latest answer, in UTC. Raises Unexpected where GitHub sends none."""
        if self._date is None:
            self._ask_time()
        if self._date is None:
            raise Unexpected("GitHub's answers have no date")
        return self._date

    def close(self) -> None:
        """Give the connections back; those to GitHub are closed with its last client."""
        self._lease.close()

    def _ask_time(self) -> Mapping[str, str]:
        headers, answer = self._fetch(CLOCK, {}, {})
        if not isinstance(answer, dict) or "resources" not in answer:
            raise Unexpected(f"{CLOCK} was answered without resources")
        return headers

    def _fetch_repository(self) -> Body:
        try:
            body: Body = self.request(REPOSITORY)
        except Exception as error:
            failure = explain(error)
            if failure is not None and failure.code is not None and failure.code.startswith("404"):
                raise repository_gone(f"GitHub answered {failure.code} to {REPOSITORY}", failure.code) from error
            raise
        return body

    def _fetch(
        self, call: str, placeholders: Mapping[str, str], query: Mapping[str, Any], *, as_app: bool = False
    ) -> tuple[Mapping[str, str], Any]:
        filled = {
            name: placeholders[name] if name in placeholders else self._scope_placeholders[name]
            for name in _placeholders(call)
        }
        path = call.partition(" ")[2].format_map({name: quote(value, safe="") for name, value in filled.items()})
        return self._get(call, path, query, {**filled, **query}, as_app=as_app)

    def _follow(self, call: str, url: str, *, as_app: bool) -> tuple[Mapping[str, str], Any]:
        next_page, api = urlsplit(url), urlsplit(self.settings.url)
        if (next_page.scheme, next_page.netloc) != (api.scheme, api.netloc):
            raise Unexpected(f"{call}: the next page is on another host, {next_page.hostname}")
        return self._get(call, url, {}, dict(parse_qsl(next_page.query)), as_app=as_app)

    def _get(
        self, call: str, url: str, query: Mapping[str, Any], recorded: Mapping[str, Any], *, as_app: bool
    ) -> tuple[Mapping[str, str], Any]:
        params = {name: str(value) for name, value in recorded.items()}
        connection = self._asking(as_app=as_app).connection(self._lease, self._wire, Call(call, params))
        status, headers, text = self._sign_in.requester.requestJson("GET", url, parameters=dict(query), cnx=connection)
        self._record_date(headers)
        if status == 404 and call != REPOSITORY and call.startswith(REPOSITORY):  # noqa: PLR2004  Not Found
            self._require_repository(text)
        return headers, decoded(status, headers, text, call)

    def _require_repository(self, text: str) -> None:
        """Raise NotThere where a 404 means that the repository is gone, and not that a permission is missing."""
        if '"Not Found"' in text and len(self.scope) > 1:
            self._fetch_repository()

    def _record_date(self, headers: Mapping[str, str]) -> None:
        self._date = parsed_date(headers.get("date")) or self._date

    def _asking(self, *, as_app: bool = False) -> Identity:
        if not self.settings.as_app:
            return self._sign_in.by_token()
        if as_app or not self.scope:
            return self._sign_in.as_app()
        number = self.settings.installation_id or int(self.installation()["id"])
        return self._sign_in.as_installation(number)


def connect(settings: Settings, scope: Scope, wire: Wire) -> GitHub:
    """Return the client of a scope without sending a request. Raises ConfigError where PyGithub is not installed."""
    with _SIGN_INS_LOCK:
        sign_in = _SIGN_INS.get(settings)
        if sign_in is None:
            try:
                from connectors.github._sdk.sign_in import SignIn  # noqa: PLC0415  the SDK is imported only when it is used
            except ImportError as error:
                raise sdk_missing(error) from error
            # Kept for the life of the process: its cached answers make the next run nearly free.
            sign_in = _SIGN_INS[settings] = SignIn(settings)
    return GitHub(settings, scope, wire, sign_in)


def _scope_placeholders(settings: Settings, scope: Scope) -> dict[str, str]:
    names = dict(zip(("owner", "repo"), scope, strict=False))
    if scope:
        names["org"] = scope[0]
    if settings.enterprise is not None:
        names["enterprise"] = settings.enterprise
    return names


@lru_cache(maxsize=256)
def _placeholders(call: str) -> tuple[str, ...]:
    return tuple(_PLACEHOLDER.findall(call))


def _items(page: Any, key: str | None, call: str) -> list[Any]:
    items = page.get(key) if key is not None and isinstance(page, dict) else page
    if not isinstance(items, list):
        raise Unexpected(f"{call} was answered without a list" + (f" under {key}" if key is not None else ""))
    return items


def _links(headers: Mapping[str, str]) -> dict[str, str]:
    return {rel: url for url, rel in _LINK.findall(headers.get("link", ""))}


def _page_number(url: str | None) -> int | None:
    number = dict(parse_qsl(urlsplit(url).query)).get("page") if url is not None else None
    return int(number) if number is not None and number.isdecimal() else None


def hidden_list(reason: str) -> Denied:
    """Return the error for an empty list that GitHub gives a credential without the permission, in place of a 403."""
    return Denied(f"{reason}; GitHub gives an empty list to a credential that may not look", code="empty")
