"""Who counts as somebody else: whose approval a change had when it was merged, and whose objection.

An approval counts by a person with a role that may write to the project, who had no part in any commit of the change
and did not open it, and who gave it before the merge. Of the people who may write, none may have requested changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors._reviews import Opinions
from connectors.gitlab._sdk.roles import DEVELOPER
from connectors.gitlab.project.merge_requests import Approval, MergedRequest

_SHOWN = 3


def opinions(request: MergedRequest) -> Opinions:
    """Return the opinions on a merge request that stood when it was merged."""
    found = Opinions()
    taking_part = {person.username.lower() for person in request.contributions.people}
    if request.author is not None:
        taking_part.add(request.author.username.lower())
    for approval in sorted(request.approvals, key=lambda approval: approval.username):
        _add(found, approval, request, taking_part)
    found.objecting = sorted(
        reviewer.username
        for reviewer in request.reviewers
        if reviewer.state == "REQUESTED_CHANGES"
        and (reviewer.access_level is None or reviewer.access_level >= DEVELOPER)
    )
    if unshown := sorted(reviewer.username for reviewer in request.reviewers if reviewer.state is None):
        found.unseen.append(f"what {', '.join(unshown)} said of it is not shown")
    if request.unread:
        found.unseen.append(f"there are more than a hundred {' and '.join(request.unread)}")
    if approvals := len(found.approved) or len(found.approved_earlier):
        found.doubts += _doubts_about_contributors(request, approvals)
    return found


def commits_not_read(request: MergedRequest) -> str | None:
    """Return what was not read of the commits of a merge request; None where everything was."""
    known = request.contributions
    if known.read < known.total_count:
        return f"only {known.read} of {known.total_count} commits were read with all their committers"
    if not known.read:
        return "GitLab shows no commits of it, which would say who made it"
    return None


def _add(found: Opinions, approval: Approval, request: MergedRequest, taking_part: set[str]) -> None:
    name, level = approval.username, approval.access_level
    if approval.bot:
        found.excluded.append(f"{name} is no person, but the account of a program")
    elif name.lower() in taking_part:
        found.excluded.append(f"{name} had a part in it")
    elif level is not None and level < DEVELOPER:
        found.excluded.append(f"{name} may not write to the project")
    elif approval.approved_at is not None and approval.approved_at > request.merged_at:
        found.excluded.append(f"{name} approved after the merge")
    else:
        is_latest = approval.approved_at is None or request.head_at is None or approval.approved_at >= request.head_at
        (found.approved if is_latest else found.approved_earlier).append(name)
        found.doubts += _doubts_about_approval(approval, request)


def _doubts_about_approval(approval: Approval, request: MergedRequest) -> Iterator[str]:
    if approval.approved_at is None:
        yield f"this version of GitLab does not say when {approval.username} approved"
    elif request.head_at is None:
        yield "GitLab does not say when the last commits were added"
    if approval.access_level is None:
        yield f"{approval.username} has no role in the project any more, so whether it could write is not shown"


def _doubts_about_contributors(request: MergedRequest, approvals: int) -> Iterator[str]:
    if (gap := commits_not_read(request)) is not None:
        yield gap
    known = request.contributions
    # Each is one person at most: of more approvals than these, one is by somebody else.
    if known.nameless and known.nameless >= approvals:
        more = f" and {len(known.names) - _SHOWN} more" if len(known.names) > _SHOWN else ""
        names = ", ".join(known.names[:_SHOWN])
        yield f"commits of {names}{more} have addresses of no account: any may be the approver"
