"""Whether a change was approved by somebody else: who that is, which word of theirs counts, and what was not seen."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.github.repository import change_checks, changes
from connectors.github.repository.contributions import add_contributions
from tests.connectors.github.estate import a_pull
from tests.connectors.github.judging import FAIL, PASS, UNKNOWN, status, unread, verdict, view

HEAD, OLDER = "c" * 40, "d" * 40
BOT = {"__typename": "Bot", "login": "dependabot"}


def a_review(
    login: str | None = "bob",
    state: str = "APPROVED",
    at: str = "2026-02-27T00:00:00Z",
    *,
    kind: str = "User",
    writes: bool | None = True,
    commit: str | None = HEAD,
) -> dict[str, Any]:
    """A review as GraphQL gives it: `PullRequestReview` of the published schema."""
    return {
        "author": None if login is None else {"__typename": kind, "login": login},
        "authorCanPushToRepository": writes,
        "state": state,
        "submittedAt": at,
        "commit": None if commit is None else {"oid": commit},
    }


def a_person(login: str | None, name: str | None = None, *, signed: bool = False) -> dict[str, Any]:
    """Somebody with a part in a commit."""
    return {"login": login, "name": name or login, "email": "[redacted x@acme.example]", "signedByGithub": signed}


def by(*people: dict[str, Any], total: int = 1, read: int = 1) -> dict[str, Any]:
    """The commits of a pull request, by these."""
    return {"totalCount": total, "read": read, "people": list(people)}


ANN, BOB = a_person("ann"), a_person("bob")


def a_change(*reviews: dict[str, Any], total: int | None = None, **but: Any) -> changes.Change:
    """A commit that a pull request of Ann's brought, with these reviews."""
    page = {"totalCount": len(reviews) if total is None else total, "nodes": list(reviews)}
    pull = a_pull(**({"reviews": page, "contributions": by(ANN)} | but))
    return view(changes.Change, oid="a" * 40, way="pull request", push={"result": "pass"}, pull=pull)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (a_change(a_review()), PASS),
        (a_change(), FAIL),
        (a_change(a_review("ann")), FAIL),
        (a_change(a_review(state="COMMENTED")), FAIL),
        (a_change(a_review(state="DISMISSED")), FAIL),
        (a_change(a_review(at="2026-02-28T00:00:00Z")), PASS),
        (a_change(a_review(at="2026-02-28T00:00:01Z")), FAIL),
        (a_change(a_review("ann"), a_review("bob")), PASS),
        (a_change(a_review(None)), UNKNOWN),
        (a_change(a_review(), author=None), UNKNOWN),
        (view(changes.Change, oid=HEAD, way="push", push={"result": "none"}, pull=None), FAIL),
        (unread(changes.Change), UNKNOWN),
    ],
)
def test_changes_were_approved_by_somebody_else(change: changes.Change, expected: Status) -> None:
    """Before the merge, by another account."""
    assert status(change_checks.merged_reviewed, change) is expected


APP = {"__typename": "Bot", "login": "release-app"}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(a_change(a_review("github-actions", kind="Bot")), id="a workflow approved it"),
        pytest.param(a_change(a_review("imported", kind="Mannequin")), id="nobody is behind an imported account"),
        pytest.param(a_change(a_review(writes=False)), id="a passer-by approved it"),
        pytest.param(a_change(a_review(), contributions=by(BOB)), id="bob approved what bob wrote"),
        pytest.param(a_change(a_review("Bob"), contributions=by(ANN, BOB)), id="logins have no case"),
        pytest.param(a_change(a_review(), contributions=by(BOB), author=APP), id="an app opened bob's change"),
        pytest.param(a_change(a_review("release-app", kind="Bot"), author=APP), id="an app approved its own"),
    ],
)
def test_an_approval_of_the_wrong_account_is_none(change: changes.Change) -> None:
    """A person, able to write, with no part in any commit of it."""
    assert status(change_checks.merged_reviewed, change) is FAIL


EARLY, LATER = "2026-02-26T12:00:00Z", "2026-02-27T12:00:00Z"


@pytest.mark.parametrize(
    ("reviews", "expected"),
    [
        ([a_review(at=EARLY), a_review(state="CHANGES_REQUESTED", at=LATER)], FAIL),
        ([a_review(state="CHANGES_REQUESTED", at=EARLY), a_review(at=LATER)], PASS),
        # In the order that they were given in, whatever order they are listed in.
        ([a_review(state="CHANGES_REQUESTED", at=LATER), a_review(at=EARLY)], FAIL),
        ([a_review(at=EARLY), a_review(state="DISMISSED", at=LATER)], FAIL),
        ([a_review(at=EARLY), a_review(state="COMMENTED", at=LATER)], PASS),
        ([a_review(), a_review("cat", "CHANGES_REQUESTED")], FAIL),
        ([a_review(), a_review("cat", "CHANGES_REQUESTED", EARLY), a_review("cat", "DISMISSED", LATER)], PASS),
        # GitHub lets those only stop a merge who may write.
        ([a_review(), a_review("cat", "CHANGES_REQUESTED", writes=False)], PASS),
        ([a_review(), a_review("cat", "CHANGES_REQUESTED", writes=None)], FAIL),
        ([a_review(), a_review("cat", "CHANGES_REQUESTED", "2026-03-01T00:00:00Z")], PASS),
        ([a_review(), a_review(None, "CHANGES_REQUESTED")], UNKNOWN),
        ([a_review(), a_review(None)], PASS),
    ],
)
def test_the_last_word_before_the_merge_counts(reviews: list[dict[str, Any]], expected: Status) -> None:
    """Of each reviewer, and an objection that stood outweighs the approvals of others."""
    assert status(change_checks.merged_reviewed, a_change(*reviews)) is expected


@pytest.mark.parametrize(
    ("limit", "expected"),
    [({}, UNKNOWN), ({"stale_approvals": "fail"}, FAIL), ({"stale_approvals": "count"}, PASS)],
)
@pytest.mark.parametrize("commit", [OLDER, None])
def test_an_approval_of_an_older_commit_is_told(commit: str | None, limit: dict[str, str], expected: Status) -> None:
    """What came after it was read by nobody, or was a merge of the branch: the company says whether that is enough."""
    found = verdict(change_checks.merged_reviewed, a_change(a_review(commit=commit)), **limit)

    assert found.status is expected
    assert ("older commit" in found.reason) is (expected is not PASS)


def test_a_later_approval_makes_an_older_one_harmless() -> None:
    """One person who saw what was merged is enough."""
    change = a_change(a_review(commit=OLDER), a_review("cat"))

    assert status(change_checks.merged_reviewed, change) is PASS
    assert status(change_checks.merged_reviewed, change, stale_approvals="fail") is PASS


@pytest.mark.parametrize(
    ("change", "numbers"),
    [
        (a_change(total=101), "0 of 101 reviews"),
        # A later objection may be among those that were not read.
        (a_change(a_review(), total=101), "1 of 101 reviews"),
        (a_change(a_review(), contributions=by(ANN, total=140, read=100)), "100 of 140 commits"),
        (a_change(a_review(), contributions=None), "not collected"),
        (a_change(a_review(writes=None)), "not collected"),
    ],
)
def test_what_was_cut_off_or_not_collected_is_unknown(change: changes.Change, numbers: str) -> None:
    """Never pass; the number says how much."""
    found = verdict(change_checks.merged_reviewed, change)

    assert found.status is UNKNOWN
    assert numbers in found.reason


def test_commits_that_were_not_read_do_not_excuse_a_change_without_approval() -> None:
    """Whoever wrote them, nobody approved."""
    change = a_change(contributions=by(ANN, total=140, read=100))

    assert status(change_checks.merged_reviewed, change) is FAIL


NAMELESS, OTHER = a_person(None, "Bob at home"), a_person(None, "Build machine")


@pytest.mark.parametrize(
    ("reviewers", "people", "expected"),
    [
        (["bob"], [ANN, NAMELESS], UNKNOWN),
        (["bob", "cat"], [ANN, NAMELESS], PASS),
        (["bob", "cat"], [NAMELESS, OTHER], UNKNOWN),
        (["bob", "cat", "dan"], [NAMELESS, OTHER], PASS),
        ([], [NAMELESS], FAIL),
    ],
)
def test_an_address_of_no_account_may_be_the_approvers(
    reviewers: list[str], people: list[dict[str, Any]], expected: Status
) -> None:
    """It is one person's at most, so of two approvals one is by somebody else."""
    change = a_change(*(a_review(login) for login in reviewers), contributions=by(*people))

    assert status(change_checks.merged_reviewed, change) is expected


OWN = by(a_person("dependabot[bot]", signed=True))
MALLORY = a_person("mallory")


@pytest.mark.parametrize(
    ("change", "allowed", "expected"),
    [
        (a_change(author=BOT, contributions=OWN), (), FAIL),
        (a_change(author=BOT, contributions=OWN), ("dependabot",), PASS),
        (a_change(author=BOT, contributions=OWN), ("renovate",), FAIL),
        (a_change(author=BOT, contributions=by(*OWN["people"], MALLORY, total=2, read=2)), ("dependabot",), FAIL),
        (a_change(author=BOT, contributions=by(*OWN["people"], NAMELESS)), ("dependabot",), FAIL),
        (a_change(a_review(), author=BOT, contributions=by(*OWN["people"], MALLORY)), ("dependabot",), PASS),
        # Anybody can write a bot's name into a commit; only GitHub can sign it.
        (a_change(author=BOT, contributions=by(a_person("dependabot[bot]"))), ("dependabot",), UNKNOWN),
        (a_change(author=BOT, contributions=by(*OWN["people"], total=3, read=1)), ("dependabot",), UNKNOWN),
        (a_change(author=BOT, contributions=None), ("dependabot",), UNKNOWN),
        (a_change(a_review(state="CHANGES_REQUESTED"), author=BOT, contributions=OWN), ("dependabot",), FAIL),
        (a_change(author={"__typename": "User", "login": "dependabot"}, contributions=OWN), ("dependabot",), FAIL),
    ],
)
def test_a_bots_change_is_a_bots_only_if_all_its_commits_are(
    change: changes.Change, allowed: tuple[str, ...], expected: Status
) -> None:
    """Which bots may do without is for the company to say; a person called like a bot is no bot."""
    assert status(change_checks.merged_reviewed, change, allowed_bot_authors=allowed) is expected


class _Answers:
    """Stands for the client: the answer to the one query, by how many commits it asks for."""

    def __init__(self, commits: list[dict[str, Any]]) -> None:
        self._commits = commits
        self.asked: list[int] = []

    def graphql(self, _query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return as many commits as are asked for."""
        first = variables["first"]
        self.asked.append(first)
        nodes = [{"commit": commit} for commit in self._commits[:first]]
        page = {"totalCount": len(self._commits), "nodes": nodes}
        return {"nodes": [{"id": pull, "commits": page} for pull in variables["ids"]]}


def a_commit(
    *authors: dict[str, Any], committer: Any = None, web: bool = False, signed: bool = False
) -> dict[str, Any]:
    """A commit in a pull request: `Commit` of the published schema."""
    return {
        "oid": HEAD,
        "committedViaWeb": web,
        "signature": {"isValid": True, "wasSignedByGitHub": signed} if signed else None,
        "authors": {"totalCount": len(authors), "nodes": list(authors)},
        "committer": committer,
    }


def contributions(answers: _Answers) -> dict[str, Any]:
    """What is kept of the one pull request; one that is known already is not asked for again."""
    known: dict[str, Any] = {}
    for _ in range(2):
        add_contributions(answers, ["PR_1", "PR_1"], known)  # type: ignore[arg-type]  # what is used of a client
    found: dict[str, Any] = known["PR_1"]
    return found


def an_actor(login: str | None, email: str = "x@acme.example") -> dict[str, Any]:
    """Somebody named in a commit."""
    return {"user": None if login is None else {"login": login}, "name": login, "email": email}


GITHUB = an_actor(None, "noreply@github.com")


@pytest.mark.parametrize(
    ("commit", "logins"),
    [
        (a_commit(an_actor("ann"), committer=an_actor("bob")), ["ann", "bob"]),
        (a_commit(an_actor("ann"), an_actor("cat"), committer=an_actor("ann")), ["ann", "cat"]),
        (a_commit(an_actor("ann"), committer=GITHUB, web=True), ["ann"]),
        (a_commit(an_actor("ann"), committer=GITHUB, signed=True), ["ann"]),
        # Without GitHub's signature its address is only what somebody wrote there.
        (a_commit(an_actor("ann"), committer=GITHUB), ["ann", None]),
        (a_commit(an_actor(None, "49699333+dependabot[bot]@users.noreply.github.com"), web=True), ["dependabot[bot]"]),
        (a_commit(an_actor(None, "dan@users.noreply.github.com"), web=True), ["dan"]),
        (a_commit(an_actor(None, "dan@users.noreply.github.com.evil.example"), web=True), [None]),
    ],
)
def test_everybody_with_a_part_in_a_commit_is_kept(commit: dict[str, Any], logins: list[str | None]) -> None:
    """Authors, co-authors and committers; what is done on GitHub's pages GitHub commits itself."""
    found = contributions(_Answers([commit]))

    assert [person["login"] for person in found["people"]] == logins


@pytest.mark.parametrize(("commits", "asked", "read"), [(25, [25], 25), (26, [25, 100], 26), (140, [25, 100], 100)])
def test_a_long_pull_request_is_asked_for_again(commits: int, asked: list[int], read: int) -> None:
    """Most have few commits; what GitHub counts is what is asked for."""
    answers = _Answers([a_commit(an_actor("ann"), web=True)] * commits)

    found = contributions(answers)

    assert (answers.asked, found["read"], found["totalCount"]) == (asked, read, commits)


def test_a_commit_with_more_authors_than_were_read_is_not_read() -> None:
    """The approver may be the eleventh."""
    commit = a_commit(an_actor("ann"), web=True)
    commit["authors"]["totalCount"] = 11

    found = contributions(_Answers([commit]))

    assert (found["read"], found["totalCount"]) == (0, 1)
