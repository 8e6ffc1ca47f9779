"""The checks of changes: each was approved by a person other than those who made it, and no push is missing."""

from __future__ import annotations

from typing import Literal

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from connectors._reviews import review_verdict
from connectors.gitlab.project.changes import Change
from connectors.gitlab.project.merge_requests import MergedRequest
from connectors.gitlab.project.pushes import Push
from connectors.gitlab.project.reviews import commits_not_read, opinions

_SHOWN, _MAKERS = 5, 3


@check(
    "gitlab_project_merged_mrs_approved",
    title="Every change that reached the default branch was approved by somebody else",
    severity="high",
    fix="Look into the change, record why it went this way, and have it reviewed after the fact",
)
def merged_approved(
    change: Change,
    *,
    allowed_bot_authors: tuple[str, ...] = (),
    stale_approvals: Literal["unknown", "fail", "count"] = "unknown",
) -> Verdict:
    commit = change.id[:10]
    request = change.merge_request
    if request is None:
        return failed(f"{commit} was pushed to the default branch without a merge request")
    change_text = f"{commit}, merge request {request.iid}"
    if request.author is None:
        return unknown(f"{change_text}: GitLab does not know any more who opened it")
    said = opinions(request)
    author = request.author.username
    verdict = review_verdict(said, f"{change_text} of {_makers(request, author)}", stale_approvals)
    if not request.author.bot or author not in allowed_bot_authors or verdict.status.value == "pass":
        return verdict
    # A review that was not seen may be an objection, which no program is exempt from.
    if said.objecting or said.unseen:
        return verdict
    return _bot_verdict(request, author, change_text) or verdict


def _bot_verdict(request: MergedRequest, bot: str, change_text: str) -> Verdict | None:
    """Return the verdict on a change that a program made alone, or may have; None where a person had a part in it."""
    made_by = request.contributions
    if any(person.username.lower() != bot.lower() for person in made_by.people):
        return None
    listed = f"{change_text} was opened by {bot}, listed in allowed_bot_authors"
    if (gap := commits_not_read(request)) is not None:
        return unknown(f"{listed}; {gap}")
    if made_by.nameless:
        return None
    if not made_by.signed:
        return unknown(
            f"{listed}; its commits bear the name of {bot}, and not each has a signature that GitLab verified"
        )
    return passed(f"{change_text} was made by {bot}, listed in allowed_bot_authors")


def _makers(request: MergedRequest, opener: str) -> str:
    """Return who opened a merge request, and who else had a part in its commits."""
    made_by = request.contributions
    others = [person.username for person in made_by.people if person.username.lower() != opener.lower()]
    others += [name or "somebody without a name" for name in made_by.names]
    if not others:
        return opener
    more = f" and {len(others) - _MAKERS} more" if len(others) > _MAKERS else ""
    return f"{opener} (with commits of {', '.join(others[:_MAKERS])}{more})"


@check(
    "gitlab_project_pushes_accounted_for",
    title="No push to the default branch was forced, or is missing among the changes",
    severity="high",
    fix="Look into the pushes named and record why they went this way; allow no force push to the default branch",
)
def pushes_accounted_for(pushes: All[Push], changes: All[Change]) -> Verdict:
    known: set[str] = set()
    behind: set[str] = set()
    for change in changes:
        known.add(change.id)
        behind.update(change.parent_ids)
    problems: list[str] = []
    total = 0
    for push in pushes:
        total += 1
        if what := _against_it(push, known, behind):
            problems.append(f"that of {push.author_username} on {push.created_at:%Y-%m-%d} {' and '.join(what)}")
    if problems:
        more = f", and {len(problems) - _SHOWN:,} more" if len(problems) > _SHOWN else ""
        return failed(f"{len(problems)} of {total} pushes: {'; '.join(problems[:_SHOWN])}{more}")
    return passed(f"{total} pushes, none forced and each among the changes")


def _against_it(push: Push, known: set[str], behind: set[str]) -> list[str]:
    """Return what speaks against a push. What is in the branch is a change of the window, or directly behind one."""
    data = push.push_data
    if data.commit_to is None:
        return ["deleted the branch"]
    if data.commit_from is None:
        return []  # what a branch begins with was there before
    what = []
    if data.commit_from not in known and data.commit_from not in behind:
        what.append(f"was forced: {data.commit_from[:10]} is not in the branch any more")
    if data.commit_to not in known:
        what.append(f"ended in {data.commit_to[:10]}, a commit that no change explains")
    return what
