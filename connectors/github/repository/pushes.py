"""Pushes to the default branch and merges into it, with how GitHub's rules evaluated each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.github._sdk.client import REPOSITORY, GitHub
from connectors.github._sdk.connector import github
from connectors.github.repository.change_summary import push_summary

ACTIVITY = "GET /repos/{owner}/{repo}/activity"
SUITES = "GET /repos/{owner}/{repo}/rulesets/rule-suites"
SEES_SUITES = "Repository Administration: write"
"""What GitHub documents for the results of the rules: they are shown to those who may change the rules."""

NO_COMMIT = "0" * 40
"""What GitHub writes for the commit before a branch was created, and after it was deleted."""

_PERIODS = (
    ("day", timedelta(days=1)),
    ("week", timedelta(days=7)),
    ("month", timedelta(days=28)),
    ("quarter", timedelta(days=90)),
)
_WORST_FIRST = ("bypass", "pass", "fail")


class RuleEvaluation(Struct, frozen=True, kw_only=True):
    """How GitHub's rules evaluated the push of a commit (`GET /repos/{owner}/{repo}/rulesets/rule-suites`)."""

    result: str  # pass, fail, bypass, or none where GitHub keeps no evaluation that ended in this commit


class Pusher(Struct, frozen=True, kw_only=True):
    """The account that pushed."""

    login: str


@resource("github.repo.activity", key="id", event_time="timestamp", volatile=("rules",), summary=push_summary)
class Activity(Struct, frozen=True, kw_only=True):
    """A push to the default branch or a merge into it (`GET /repos/{owner}/{repo}/activity`)."""

    id: int
    activity_type: str
    after: str
    pushed_at: datetime = field(name="timestamp")
    actor: Pusher | None = None  # None: the account is gone
    rules: RuleEvaluation | None = None  # None: evidence from before this was collected


def window_start(client: GitHub) -> datetime:
    """Return the moment from which on changes and pushes are collected, the same for all collections of a client."""
    start: datetime = client.results.get("window", lambda: client.now() - client.settings.window)
    return start


def default_ref(client: GitHub) -> str:
    """Return the full name of the default branch, such as refs/heads/main."""
    return f"refs/heads/{client.repository_details()['default_branch']}"


def pushes_in_window(client: GitHub) -> Iterator[Body]:
    """Yield the pushes to the default branch in the window, the latest first.

    The window has an end too: a list that is requested later has no push that an earlier one could not have. Raises
    Unexpected for a push that does not say when it was: whether it is in the window nobody knows.
    """
    start, window = window_start(client), client.settings.window
    period = next((name for name, span in _PERIODS if window <= span), "year")
    for push in client.pages(ACTIVITY, query={"ref": default_ref(client), "time_period": period}):
        if start <= _moment(push) <= start + window:
            yield push


def _moment(push: Body) -> datetime:
    stated = push.get("timestamp")
    try:
        moment: datetime = msgspec.convert(stated, Annotated[datetime, Meta(tz=True)])
    except msgspec.ValidationError as error:
        raise Unexpected(f"{ACTIVITY} lists push {push.get('id')} with the timestamp {stated!r}") from error
    return moment


@github.collects(Activity, at="repository", call=(ACTIVITY, REPOSITORY), permissions="Repository Contents: read")
def activity(client: GitHub) -> Iterator[Body]:
    yield from pushes_in_window(client)


@github.part(Activity, "rules", call=SUITES, permissions=SEES_SUITES)
def rules_of_push(client: GitHub, push: Body) -> Any:
    return {"result": rule_result(client, push["after"])}


def rule_result(client: GitHub, commit: str) -> str:
    """Return the result of the rules for the push that ended in a commit; "none" where GitHub keeps none."""
    results: dict[str, str] = client.results.get("suites", lambda: _suites(client))
    return results.get(commit, "none")


def _suites(client: GitHub) -> dict[str, str]:
    """Return the results by commit for the last month; GitHub keeps no more.

    A push may have been refused before it was let through, and of two that were let through one may have been a
    bypass: of several results for a commit the one that says most against it counts.
    """
    results: dict[str, str] = {}
    for suite in client.pages(SUITES, query={"ref": default_ref(client), "time_period": "month"}):
        known, new = results.get(suite["after_sha"]), suite["result"]
        results[suite["after_sha"]] = new if known is None else min(known, new, key=_WORST_FIRST.index)
    return results
