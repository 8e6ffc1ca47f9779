"""The check of changes: each was approved by a person other than those who made it."""

from __future__ import annotations

from typing import Literal

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors._reviews import review_verdict
from connectors.github.repository.changes import Change, MergedPull
from connectors.github.repository.reviews import commits_not_read, contributors, opinions

_SHOWN = 3


@check(
    "github_repo_merged_prs_reviewed",
    title="Every change that reached the default branch was approved by somebody else",
    severity="high",
    fix="Look into the change, record why it went this way, and have it reviewed after the fact",
)
def merged_reviewed(
    change: Change,
    *,
    allowed_bot_authors: tuple[str, ...] = (),
    stale_approvals: Literal["unknown", "fail", "count"] = "unknown",
) -> Verdict:
    commit = change.oid[:10]
    if change.pull is None:
        return failed(f"{commit} was pushed to the default branch without a pull request")
    pull = change.pull
    change_text = f"{commit}, pull request {pull.number}"
    if pull.author is None:
        return unknown(f"{change_text}: GitHub does not know any more who opened it")
    said = opinions(pull)
    verdict = review_verdict(said, f"{change_text} of {_makers(pull, pull.author.login)}", stale_approvals)
    bot = _bot_name(pull)
    # A review that was not seen may be an objection, which no program is exempt from.
    if bot not in allowed_bot_authors or said.objecting or said.unseen or verdict.status.value == "pass":
        return verdict
    if any(_is_other(person.login, bot) for person in contributors(pull)):
        return verdict
    if (gap := commits_not_read(pull)) is not None:
        return unknown(f"{change_text} was opened by {bot}, listed in allowed_bot_authors; {gap}")
    if not all(person.signed_by_github for person in contributors(pull)):
        return unknown(f"{change_text}: its commits bear the name of {bot}, and GitHub did not sign each as {bot}'s")
    return passed(f"{change_text} was made by {bot}, listed in allowed_bot_authors")


def _makers(pull: MergedPull, opener: str) -> str:
    """Return who opened a pull request, and who else had a part in its commits."""
    others = sorted(
        {
            person.login or person.name or "somebody without a name"
            for person in contributors(pull)
            if _is_other(person.login, _bot_name(pull) or opener)
        }
    )
    if not others:
        return opener
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    return f"{opener} (with commits of {', '.join(others[:_SHOWN])}{more})"


def _is_other(login: str | None, maker: str | None) -> bool:
    return login is None or maker is None or login.removesuffix("[bot]").lower() != maker.lower()


def _bot_name(pull: MergedPull) -> str | None:
    """Return the name of the app that opened a pull request; None for a person of any name."""
    if pull.author is None or pull.author.type != "Bot":
        return None
    return pull.author.login.removesuffix("[bot]")
