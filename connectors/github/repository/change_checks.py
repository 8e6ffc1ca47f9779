"""The check of changes: each was approved by a person other than its author."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors.github.repository.changes import Change, MergedPull


@check(
    "github_repo_merged_prs_reviewed",
    title="Every change that reached the default branch was approved by somebody else",
    severity="high",
    fix="Look into the change, record why it went this way, and have it reviewed after the fact",
)
def merged_reviewed(change: Change, *, allowed_bot_authors: tuple[str, ...] = ("dependabot",)) -> Verdict:
    commit = change.oid[:10]
    if change.pull is None:
        return failed(f"{commit} was pushed to the default branch without a pull request")
    pull = change.pull
    change_text = f"{commit}, pull request {pull.number}"
    if pull.author is None:
        return unknown(f"{change_text}: GitHub does not know any more who wrote it")
    author = pull.author.login
    if _bot_name(pull) in allowed_bot_authors:
        return passed(f"{change_text} was made by {author}, listed in allowed_bot_authors")
    approvers = sorted(
        {
            review.author.login
            for review in pull.reviews.nodes
            if review.author is not None
            and review.state == "APPROVED"
            and review.author.login != author
            and review.submitted_at is not None
            and review.submitted_at <= pull.merged_at
        }
    )
    if approvers:
        return passed(f"{change_text} of {author} was approved by {', '.join(approvers)}")
    if pull.reviews.total_count > len(pull.reviews.nodes):
        return unknown(f"{change_text}: only {len(pull.reviews.nodes)} of {pull.reviews.total_count} reviews were read")
    if any(review.author is None and review.state == "APPROVED" for review in pull.reviews.nodes):
        return unknown(f"{change_text} was approved by an account that is gone; whose it was cannot be seen")
    return failed(f"{change_text} of {author} was merged without the approval of anybody else")


def _bot_name(pull: MergedPull) -> str | None:
    """Return the name of the app that wrote a pull request; None for a person of any name."""
    if pull.author is None or pull.author.type != "Bot":
        return None
    return pull.author.login.removesuffix("[bot]")
