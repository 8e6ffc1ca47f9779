"""The check of pushes: what GitHub says of each agrees with the changes, and none went past the rules."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from connectors.github.repository.changes import Change
from connectors.github.repository.pushes import Activity

_SHOWN = 5
_NO_COMMITS = ("branch_creation", "branch_deletion")
"""Activity that brings no commit: what a new branch begins with was there before."""


@check(
    "github_repo_pushes_accounted_for",
    title="No push to the default branch was forced, went past the rules, or is missing among the changes",
    severity="high",
    fix="Look into the pushes named and record why they went this way; take bypass rights from those who need none",
)
def pushes_accounted_for(
    pushes: All[Activity], changes: All[Change], *, allowed_bypass_actors: tuple[str, ...] = ()
) -> Verdict:
    known = {change.oid for change in changes}
    problems: list[str] = []
    unread: str | None = None
    evaluated = total = 0
    for push in pushes:
        total += 1
        what = _against_it(push, known)
        try:
            result = push.rules.result if push.rules is not None else ""
        except Unread as reason:
            result, unread = "", str(reason)
        if not result:
            unread = unread or "the results of the rules were not collected"
        evaluated += result not in ("", "none")
        if result == "bypass" and (push.actor is None or push.actor.login not in allowed_bypass_actors):
            what.append("went past the rules")
        if what:
            problems.append(f"{_named(push)} {' and '.join(what)}")
    if problems:
        return failed(f"{len(problems)} of {total} pushes: {_shortened(problems)}")
    if unread is not None:
        return unknown(f"whether one of {total} pushes went past the rules cannot be seen: {unread}")
    return passed(
        f"{total} pushes, none forced and each among the changes; of {evaluated} GitHub keeps what rules said"
    )


def _against_it(push: Activity, known: set[str]) -> list[str]:
    if push.activity_type == "branch_deletion":
        return ["deleted the branch"]
    what = ["was forced"] if push.activity_type == "force_push" else []
    if push.after not in known and push.activity_type not in _NO_COMMITS:
        what.append("ended in a commit that no change explains")
    return what


def _named(push: Activity) -> str:
    who = push.actor.login if push.actor is not None else "an account that is gone"
    return f"that of {who} on {push.pushed_at:%Y-%m-%d} to {push.after[:10]}"


def _shortened(problems: list[str]) -> str:
    more = f", and {len(problems) - _SHOWN:,} more" if len(problems) > _SHOWN else ""
    return "; ".join(problems[:_SHOWN]) + more
