"""Who counts as somebody else: whose approval a change had when it was merged, and whose objection.

An approval counts by a person who may write to the repository, who had no part in any commit of the change and did not
open it, and whose last word before the merge it was. Of the people who may write, as GitHub counts them, none may have
asked for changes as their last word.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors._reviews import Opinions
from connectors.github.repository.changes import MergedPull, Review
from connectors.github.repository.contributions import Contributor

_SHOWN = 3


def opinions(pull: MergedPull) -> Opinions:
    """Return the opinions on a pull request that stood when it was merged."""
    found = Opinions()
    taking_part = {person.login.lower() for person in contributors(pull) if person.login is not None}
    if pull.author is not None:
        taking_part.add(pull.author.login.lower())
    for review in _last_words(pull):
        _add(found, review, pull, taking_part)
    if (total := pull.reviews.total_count) > (read := len(pull.reviews.nodes)):
        # The first ones are read: whoever asked for changes among them may have approved later.
        found.unseen.append(f"only {read} of {total} reviews were read{_asked_for_changes(found.objecting)}")
        found.objecting = []
    _add_accounts_gone(found, pull)
    if approvals := len(found.approved) or len(found.approved_earlier):
        found.doubts += _doubts_about_contributors(pull, approvals)
    return found


def _asked_for_changes(names: list[str]) -> str:
    return f", and {', '.join(names)} asked for changes in them" if names else ""


def contributors(pull: MergedPull) -> tuple[Contributor, ...]:
    """Return everybody who had a part in the commits of a pull request that were read."""
    return pull.contributions.people if pull.contributions is not None else ()


def commits_not_read(pull: MergedPull) -> str | None:
    """Return what was not read of the commits of a pull request; None where everything was."""
    known = pull.contributions
    if known is None:
        return "who wrote its commits was not collected"
    if known.read < known.total_count:
        return f"only {known.read} of {known.total_count} commits were read with all their authors"
    return None


def _before_merge(pull: MergedPull) -> list[Review]:
    """Return the reviews with an opinion that were sent before the merge, the earliest first; comments have none."""
    sent = [
        review
        for review in pull.reviews.nodes
        if review.state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
        and review.submitted_at is not None
        and review.submitted_at <= pull.merged_at
    ]
    return sorted(sent, key=lambda review: review.submitted_at or pull.merged_at)


def _last_words(pull: MergedPull) -> list[Review]:
    """Return the last opinion of each account that is still there."""
    last = {review.author.login.lower(): review for review in _before_merge(pull) if review.author is not None}
    return [last[login] for login in sorted(last)]


def _add(found: Opinions, review: Review, pull: MergedPull, taking_part: set[str]) -> None:
    if review.author is None or review.state == "DISMISSED":
        return
    login, may_write = review.author.login, review.author_can_push_to_repository
    if review.state == "CHANGES_REQUESTED":
        if may_write is not False:
            found.objecting.append(login)
    elif review.author.type != "User":
        found.excluded.append(f"{login} is no person, but an account of type {review.author.type}")
    elif login.lower() in taking_part:
        found.excluded.append(f"{login} had a part in it")
    elif may_write is False:
        found.excluded.append(f"{login} may not write to the repository")
    else:
        is_latest = review.commit is not None and review.commit.oid == pull.head_ref_oid
        (found.approved if is_latest else found.approved_earlier).append(login)
        if may_write is None:
            found.doubts.append(f"whether {login} may write to the repository was not collected")


def _add_accounts_gone(found: Opinions, pull: MergedPull) -> None:
    states = {review.state for review in _before_merge(pull) if review.author is None}
    if "CHANGES_REQUESTED" in states:
        found.unseen.append("an account that is gone asked for changes; whether it approved later cannot be seen")
    elif "APPROVED" in states and not found.approved:
        found.unseen.append("it was approved by an account that is gone; whose it was cannot be seen")


def _doubts_about_contributors(pull: MergedPull, approvals: int) -> Iterator[str]:
    if (gap := commits_not_read(pull)) is not None:
        yield gap
    nameless = [person.name or "somebody without a name" for person in contributors(pull) if person.login is None]
    # Each is one person at most: of more approvals than these, one is by somebody else.
    if nameless and len(nameless) >= approvals:
        more = f" and {len(nameless) - _SHOWN} more" if len(nameless) > _SHOWN else ""
        yield f"commits of {', '.join(nameless[:_SHOWN])}{more} have addresses of no account: any may be the approver"
