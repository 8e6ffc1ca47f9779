"""What a sampling sheet says of a change: title, author, approvers and address, as GitHub named them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.core.change_summary import ChangeSummary

_OPINIONS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
_GONE = "an account that is gone"


def change_summary(body: Mapping[str, Any]) -> ChangeSummary:
    """Return the summary of a commit of the default branch, by its pull request where one brought it."""
    pull, commit = _map(body.get("pull")), _map(body.get("author"))
    if pull:
        return pull_summary(pull)
    return ChangeSummary(
        title=_text(body.get("messageHeadline")),
        author=_text(_map(commit.get("user")).get("login")) or _text(commit.get("name")),
        notes=("no pull request",) if body.get("way") == "push" else (),
    )


def pull_summary(body: Mapping[str, Any]) -> ChangeSummary:
    """Return the summary of a merged pull request."""
    reviews = _map(body.get("reviews"))
    found, total = _maps(reviews.get("nodes")), reviews.get("totalCount")
    unread = isinstance(total, int) and total > len(found)
    return ChangeSummary(
        title=_text(body.get("title")),
        author=_login(body, "author"),
        approvers=tuple(_approvers(found, _text(body.get("mergedAt")))),
        link=_text(body.get("url")),
        notes=(f"only {len(found)} of {total} reviews were read",) if unread else (),
    )


def push_summary(body: Mapping[str, Any]) -> ChangeSummary:
    """Return the summary of a push; GitHub names no title and no approver of it."""
    kind, commit = _text(body.get("activity_type")).replace("_", " "), _text(body.get("after"))
    return ChangeSummary(title=f"{kind} to {commit[:10]}" if commit else kind, author=_login(body, "actor"))


def _approvers(reviews: list[Mapping[str, Any]], merged_at: str) -> Iterator[str]:
    """Yield the accounts whose last opinion before the merge was an approval; times are GitHub's, all in one form."""
    sent = [
        review
        for review in reviews
        if review.get("state") in _OPINIONS and "" < _text(review.get("submittedAt")) <= merged_at
    ]
    last = {}
    for review in sorted(sent, key=lambda review: _text(review["submittedAt"])):
        last[_login(review, "author")] = review["state"]
    yield from (login for login, state in last.items() if state == "APPROVED")


def _login(body: Mapping[str, Any], name: str) -> str:
    return _text(_map(body.get(name)).get("login")) or (_GONE if name in body else "")


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _maps(value: object) -> list[Mapping[str, Any]]:
    return [_map(member) for member in value] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
