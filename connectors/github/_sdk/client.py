"""What collections ask GitHub through: one scope, raw JSON, and pages that are either all there or an error."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from collector.core.errors import Denied, Unexpected
from collector.core.resources import Body
from collector.core.scopes import Scope
from collector.core.wire import Call, Total, Wire
from connectors.github._sdk.errors import explain, gone, graphql_error, sdk_missing
from connectors.github._sdk.request_context import asking
from connectors.github._sdk.result_cache import Once
from connectors.github._sdk.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from github.Requester import Requester

    from connectors.github._sdk.sign_in import SignIn

NO_CALL = "(no call)"
"""What the one resource of a scope is listed by: nothing is asked, and each of its parts has a call of its own."""

REPOSITORY = "GET /repos/{owner}/{repo}"
CLOCK = "GET /rate_limit"
"""What costs nothing, and tells GitHub's time and the scopes of a token."""

GRAPHQL = "POST /graphql"

_MOST_PAGES = 10_000
_LINK = re.compile(r'<([^>]*)>\s*;[^,]*?rel="([a-z]+)"')

_SIGN_INS: dict[Settings, SignIn] = {}
_SIGN_INS_LOCK = threading.Lock()


class GitHub:
    """One organization, one repository of it, or the source as a whole; used by several threads."""

    def __init__(self, settings: Settings, scope: Scope, wire: Wire, sign_in: SignIn) -> None:
        self.settings = settings
        self.scope = scope
        self._wire = wire
        self._sign_in = sign_in
        self.once = Once()
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
        """Return who asks here."""
        if self.settings.as_app:
            slug = self.once("app", lambda: self.ask("GET /app", as_app=True)["slug"])
            return f"app {slug}" + (f", installation {self.installation()['id']}" if self.scope else "")
        return str(self.user()["login"])

    def user(self) -> Body:
        """Return the token's owner."""
        body: Body = self.once("user", lambda: self.ask("GET /user"))
        return body

    def scopes(self) -> list[str] | None:
        """Return the scopes of a classic token; None for a credential that GitHub states none of."""
        headers = self.once("scopes", lambda: self._fetch(CLOCK, {}, {})[0])
        said = headers.get("x-oauth-scopes")
        return None if said is None else sorted(filter(None, (one.strip() for one in said.split(","))))

    def installation(self) -> Body:
        """Return the app's installation in this organization."""
        # It is the same for every repository of the organization.
        body: Body = self._sign_in.once(
            f"installation {self.organization}", lambda: self.ask("GET /orgs/{org}/installation", as_app=True)
        )
        return body

    def described(self) -> Body:
        """Return what GitHub says of this repository. Raises ConnectorError where it is not there any more."""
        body: Body = self.once("described", self._describe)
        return body

    def ask(
        self,
        call: str,
        into: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        *,
        as_app: bool = False,
    ) -> Any:
        """Return the JSON of one answer; None for an answer without content. `into` fills the call's placeholders."""
        return self._fetch(call, into or {}, query or {}, as_app=as_app)[1]

    def pages(
        self,
        call: str,
        key: str | None = None,
        into: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        *,
        as_app: bool = False,
    ) -> Iterator[Any]:
        """Yield every item of a list, or of the list under `key` with the platform's own count before it.

        Raises Unexpected where pages repeat, lead to another host, lack the key, or end before GitHub's own last one.
        """
        headers, page = self._fetch(call, into or {}, {"per_page": 100, **(query or {})}, as_app=as_app)
        known: set[str] = set()
        last = _page_number(_links(headers).get("last"))
        for number in range(1, _MOST_PAGES + 1):
            if number == 1 and key is not None and isinstance(page, dict) and "total_count" in page:
                yield Total(page["total_count"], f"{call} total_count")
            yield from _items(page, key, call)
            following = _links(headers).get("next")
            if following is None:
                if last is not None and number < last:
                    raise Unexpected(f"{call} has {last} pages by GitHub's word, and ended after {number}")
                return
            if following in known:
                raise Unexpected(f"{call}: GitHub repeated a page, {number} pages in")
            known.add(following)
            headers, page = self._follow(call, following, as_app=as_app)
        raise Unexpected(f"{call} has more than {_MOST_PAGES} pages")

    def graphql(self, query: str, variables: Mapping[str, Any]) -> Body:
        """Return the data of a query. Raises ConnectorError for any error in the answer, whatever stands beside it."""
        requester = self._requester()
        shown = {name: value for name, value in variables.items() if isinstance(value, str | int)}
        with asking(self._wire, Call(GRAPHQL, shown)):
            status, headers, text = requester.requestJson(
                "POST", requester.graphql_url, input={"query": query, "variables": dict(variables)}
            )
        answer = _decoded(requester, status, headers, text, GRAPHQL)
        if not isinstance(answer, dict) or answer.get("errors") or not isinstance(answer.get("data"), dict):
            raise graphql_error(answer.get("errors") if isinstance(answer, dict) else None)
        self._note_date(headers)
        data: Body = answer["data"]
        return data

    def now(self) -> datetime:
        """Return GitHub's clock at the latest answer; what a window of time is counted back from."""
        if self._date is None:
            self._fetch(CLOCK, {}, {})
        if self._date is None:
            raise Unexpected("GitHub's answers have no date")
        return self._date

    def _describe(self) -> Body:
        try:
            body: Body = self.ask(REPOSITORY)
        except Exception as error:
            known = explain(error)
            if known is not None and known.code is not None and known.code.startswith("404"):
                raise gone(f"GitHub answered {known.code} to {REPOSITORY}", known.code) from error
            raise
        return body

    def _fetch(
        self, call: str, into: Mapping[str, str], query: Mapping[str, Any], *, as_app: bool = False
    ) -> tuple[Mapping[str, str], Any]:
        filled = {**self._names(), **into}
        path = call.partition(" ")[2].format_map({name: quote(value, safe="") for name, value in filled.items()})
        names = re.findall(r"{(\w+)}", call)
        shown = {name: filled[name] for name in names} | dict(query)
        return self._get(call, path, query, shown, as_app=as_app)

    def _follow(self, call: str, url: str, *, as_app: bool) -> tuple[Mapping[str, str], Any]:
        there, here = urlsplit(url), urlsplit(self.settings.url)
        if (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise Unexpected(f"{call}: the next page is on another host, {there.hostname}")
        return self._get(call, url, {}, dict(parse_qsl(there.query)), as_app=as_app)

    def _get(
        self, call: str, url: str, query: Mapping[str, Any], shown: Mapping[str, Any], *, as_app: bool
    ) -> tuple[Mapping[str, str], Any]:
        requester = self._requester(as_app=as_app)
        for last in (False, True):
            with asking(self._wire, Call(call, {name: str(value) for name, value in shown.items()})):
                status, headers, text = requester.requestJson("GET", url, parameters=dict(query))
            if status != 401 or last or not self.settings.as_app:  # noqa: PLR2004  Unauthorized
                break
            # An app's token may have run out while the call waited for its turn; PyGithub then has a new one.
        self._note_date(headers)
        if status == 404 and call != REPOSITORY and call.startswith(REPOSITORY):  # noqa: PLR2004  Not Found
            self._still_there(text)
        return headers, _decoded(requester, status, headers, text, call)

    def _still_there(self, text: str) -> None:
        """A bare 404 hides a missing right, or a repository that went away; asking for the repository tells."""
        if '"Not Found"' in text and len(self.scope) > 1:
            self._describe()

    def _names(self) -> dict[str, str]:
        names = dict(zip(("owner", "repo"), self.scope, strict=False))
        if self.scope:
            names["org"] = self.scope[0]
        if self.settings.enterprise is not None:
            names["enterprise"] = self.settings.enterprise
        return names

    def _note_date(self, headers: Mapping[str, str]) -> None:
        if "date" in headers:
            self._date = parsedate_to_datetime(headers["date"]).astimezone(UTC)

    def _requester(self, *, as_app: bool = False) -> Requester:
        if not self.settings.as_app:
            return self._sign_in.by_token()
        if as_app or not self.scope:
            return self._sign_in.as_app()
        number = self.settings.installation_id or int(self.installation()["id"])
        return self._sign_in.as_installation(number)


def connect(settings: Settings, scope: Scope, wire: Wire) -> GitHub:
    """Return what a scope is asked through; nothing is asked yet. Raises ConfigError where PyGithub is missing."""
    with _SIGN_INS_LOCK:
        sign_in = _SIGN_INS.get(settings)
        if sign_in is None:
            try:
                from connectors.github._sdk.sign_in import SignIn  # noqa: PLC0415  the SDK is imported only when it is used
            except ImportError as error:
                raise sdk_missing(error) from error
            # Kept for the life of the process: what it remembers makes the next run nearly free.
            sign_in = _SIGN_INS[settings] = SignIn(settings)
    return GitHub(settings, scope, wire, sign_in)


def _decoded(requester: Requester, status: int, headers: Mapping[str, str], text: str, call: str) -> Any:
    if headers.get("x-github-sso", "").startswith("partial-results"):
        raise Denied(
            f"{call}: GitHub left out organizations that want a SAML single sign-on for this token first",
            code="partial-results",
            mend="authorize the token for each organization, or use a GitHub App",
        )
    if not text and status < 400:  # noqa: PLR2004  an answer without content
        return None
    try:
        data = json.loads(text) if text else {}
    except ValueError as error:
        raise Unexpected(f"{call} was answered with something that is not JSON") from error
    if status >= 400:  # noqa: PLR2004  errors of either side
        raise requester.createException(status, dict(headers), data if isinstance(data, dict) else {})
    return data


def _items(page: Any, key: str | None, call: str) -> list[Any]:
    items = page.get(key) if key is not None and isinstance(page, dict) else page
    if not isinstance(items, list):
        raise Unexpected(f"{call} was answered without a list" + (f" under {key}" if key is not None else ""))
    return items


def _links(headers: Mapping[str, str]) -> dict[str, str]:
    return {rel: url for url, rel in _LINK.findall(headers.get("link", ""))}


def _page_number(url: str | None) -> int | None:
    found = dict(parse_qsl(urlsplit(url).query)).get("page") if url is not None else None
    return int(found) if found is not None and found.isdecimal() else None


def owner_only(what: str) -> Denied:
    """What to raise where GitHub gives a credential without the right an empty list and not an error."""
    return Denied(f"{what}; GitHub gives an empty list to a credential that may not look", code="empty")
