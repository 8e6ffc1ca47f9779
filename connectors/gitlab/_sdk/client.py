"""The client of one scope: the instance, a top-level group, or a project in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from collector.core.errors import ConnectorError, Denied, NotThere, Unexpected
from collector.core.resources import Body
from collector.core.scopes import Scope
from collector.core.wire import Wire
from connectors._http import Cursor, Http, InHeader, LinkHeader, OnePage, Page, QuotaHeaders, SharedResults
from connectors.gitlab._sdk.calls import GRAPHQL, METADATA, NAMESPACE, OWN_ROLE, PROJECT, USER
from connectors.gitlab._sdk.refusals import ERRORS, NOT_IN_PLAN, graphql_refusal, is_refusal
from connectors.gitlab._sdk.roles import ADMINISTRATOR, NO_ACCESS, REPORTER, role_name
from connectors.gitlab._sdk.settings import Settings

_PAGE = 100
# GitLab sends the header with every page, empty on the last. https://docs.gitlab.com/api/rest/#offset-based-pagination
_BY_NUMBER = Cursor(InHeader("X-Next-Page"), param="page")
_PLANS = ("free", "premium", "ultimate")
# GitLab.com names a plan to those who own the group; bronze, silver and gold are earlier names.
_PLAN_NAMES = {"free": "free", "premium": "premium", "ultimate": "ultimate", "silver": "premium", "gold": "ultimate"}


class GitLab:
    """Asks GitLab for one scope; used from many threads."""

    def __init__(self, settings: Settings, scope: Scope, http: Http) -> None:
        self.settings = settings
        self.scope = scope
        self.results = SharedResults()
        """Answers that the collections of this scope share."""
        self._http = http

    @property
    def project_path(self) -> str:
        """The path of the project, with those of its groups. Raises IndexError where the scope has none."""
        return self.scope[1]

    def get(self, call: str, query: Mapping[str, Any] | None = None, *, having: str, **places: str) -> Body:
        """Return the object that answers a call; `having` is a key that it must have to say anything."""
        return self._http.get(call, having=having, query=query, **places)

    def value(self, call: str, query: Mapping[str, Any] | None = None, **places: str) -> Any:
        """Return the JSON that answers a call, null too."""
        return self._http.value(call, query=query, **places)

    def pages(self, call: str, query: Mapping[str, Any] | None = None, **places: str) -> Iterator[Any]:
        """Yield the items of a list that GitLab numbers the pages of."""
        return self._http.pages(call, key=None, paging=_BY_NUMBER, query={"per_page": _PAGE, **(query or {})}, **places)

    def keyset(self, call: str, query: Mapping[str, Any] | None = None, **places: str) -> Iterator[Any]:
        """Yield the items of a list that goes on after the last key, as GitLab asks for where a list may be long."""
        asked = {"pagination": "keyset", "order_by": "id", "sort": "desc", "per_page": _PAGE, **(query or {})}
        return self._http.pages(call, key=None, paging=LinkHeader(), query=asked, **places)

    def graphql(self, query: str, variables: Mapping[str, Any]) -> Body:
        """Return `data` of the answer to a query, which reads only. Raises ConnectorError for any error beside it."""
        answer = self._http.post(GRAPHQL, body={"query": query, "variables": dict(variables)}, reads_only=True)
        if answer.get("errors") or not isinstance(answer.get("data"), dict):
            raise graphql_refusal(answer.get("errors"))
        data: Body = answer["data"]
        return data

    def project_in(self, data: Body) -> Body:
        """Return `project` of GraphQL's data. Raises Denied where it is null: not shown, which GitLab does not say."""
        project = data.get("project")
        if not isinstance(project, dict):
            raise Denied(f"GitLab shows nothing of {self.project_path} to this token", code="graphql")
        return project

    def identity(self) -> str:
        """Return the name of the account that the token belongs to."""
        return str(self.user()["username"])

    def user(self) -> Body:
        """Return the account of the token (`GET /user`), asked for once."""
        body: Body = self._once(USER, "id", "username").body
        return body

    def now(self) -> datetime:
        """Return GitLab's own time when it was first asked, the same for all collections of this client.

        It is that of the answer which they need anyway: the project, or the account of the token above projects.
        """
        page = self._once(PROJECT, "path_with_namespace") if len(self.scope) > 1 else self._once(USER, "id", "username")
        if page.reply.date is None:
            raise Unexpected("GitLab's answers have no date")
        return page.reply.date

    def window_start(self) -> datetime:
        """Return the moment from which on changes are collected, the same for all collections of this client."""
        return self.now() - self.settings.window

    def project(self) -> Body:
        """Return this project (`GET /projects/:id`), asked for once."""
        body: Body = self._once(PROJECT, "path_with_namespace").body
        return body

    def default_branch(self) -> str:
        """Return the name of the default branch. Raises Denied where GitLab does not show it to this token."""
        branch = self.project().get("default_branch")
        if not isinstance(branch, str):
            raise Denied(f"GitLab does not show the default branch of {self.project_path} to this token")
        return branch

    def role(self) -> int:
        """Return the role of the token's user in the group; an administrator may do what an Owner may, and more."""
        user = self.user()
        level: int = self.results.get("role", lambda: self._own_level(str(user["id"])))
        if user.get("is_admin") is True:
            return ADMINISTRATOR
        # Auditors of an instance see all groups and projects, and change nothing.
        return max(level, REPORTER) if user.get("is_auditor") is True else level

    def require_role(self, least: int, why: str) -> None:
        """Raise Denied where the token's user has a lesser role in the group than `least`.

        For lists that GitLab shortens without a word for lesser roles; `why` says in which way.
        """
        level = self.role()
        if level < least:
            raise Denied(
                f"{self.identity()} has the role {role_name(level)} in {self.scope[0]}, less than {role_name(least)}: "
                f"{why}",
                code="role",
            )

    def require_administrator(self, why: str) -> None:
        """Raise Denied where the token's user does not administer the instance; `why` says what GitLab then hides."""
        if self.user().get("is_admin") is not True:
            raise Denied(f"{self.identity()} does not administer this GitLab: {why}", code="role")

    def in_plan(self, ask: Callable[[], Any], *, least: str = "premium") -> Any:
        """Return what `ask` returns, a call of a feature that begins with the plan `least`.

        Raises NotThere with the code NOT_IN_PLAN where GitLab refuses it, and says elsewhere that the plan is a lesser
        one: a refusal alone may also mean that a role is missing.
        """
        try:
            return ask()
        except ConnectorError as error:
            raise self._by_plan(error, least) from error

    def paid(self, items: Iterator[Any], *, least: str = "premium") -> Iterator[Any]:
        """Yield the items of a list that begins with the plan `least`; raises as `in_plan`."""
        try:
            yield from items
        except ConnectorError as error:
            raise self._by_plan(error, least) from error

    def plan(self) -> str | None:
        """Return the plan of the group, free, premium or ultimate; None where GitLab does not say it."""
        plan: str | None = self.results.get("plan", self._plan)
        return plan

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _by_plan(self, error: ConnectorError, least: str) -> ConnectorError:
        plan = self.plan() if is_refusal(error) else None
        if plan is None or _PLANS.index(plan) >= _PLANS.index(least):
            return error
        return NotThere(f"{self.scope[0]} has the plan {plan}, and this begins with {least}", code=NOT_IN_PLAN)

    def _plan(self) -> str | None:
        try:
            if self.settings.is_dotcom:
                return _PLAN_NAMES.get(str(self.get(NAMESPACE, having="id").get("plan")))
            return "free" if self.get(METADATA, having="version").get("enterprise") is False else None
        except ConnectorError:
            return None  # it does not say: what was refused stays refused

    def _own_level(self, user_id: str) -> int:
        try:
            level = self.get(OWN_ROLE, having="access_level", user_id=user_id)["access_level"]
        except Denied as error:
            if error.code == "404":
                return NO_ACCESS
            raise
        if not isinstance(level, int):
            raise Unexpected(f"{OWN_ROLE} was answered with access_level {str(level)[:20]}")
        return level

    def _once(self, call: str, *having: str) -> Page:
        """Return the answer to a call, asked for once, with the date that GitLab gave it."""
        page: Page = self.results.get(call, lambda: self._page(call, having))
        return page

    def _page(self, call: str, having: tuple[str, ...]) -> Page:
        (page,) = self._http.walk(call, key=lambda body: [body], paging=OnePage())
        if not isinstance(page.body, dict) or not set(having) <= page.body.keys():
            raise Unexpected(f"{call} was answered without {' and '.join(having)}")
        return page


def connect(settings: Settings, scope: Scope, wire: Wire) -> GitLab:
    """Return the client of a scope without sending a request.

    All kinds of tokens are sent as bearer tokens, which GitLab takes for each of them.
    https://docs.gitlab.com/api/rest/authentication/#personalprojectgroup-access-tokens
    """
    http = Http(
        settings.url,
        wire,
        token=settings.token,
        errors=ERRORS,
        quota=QuotaHeaders("ratelimit", bucket="ratelimit-name"),
        places=dict(zip(("group", "project"), scope, strict=False)),
    )
    return GitLab(settings, scope, http)
