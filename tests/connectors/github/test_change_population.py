"""The population is what pushes brought, whatever the commits are dated; and each push is accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collector.core.checks import Status
from collector.core.errors import ConnectorError, Denied, Unexpected
from collector.core.views import decode
from collector.demo.github import queries
from collector.setup.loading import LoadedConnector
from connectors.github._sdk.client import GitHub
from connectors.github.repository import change_checks, changes, push_checks, pushes
from tests.connectors.github.estate import (
    LONG_AGO,
    REPO,
    a_commit,
    a_comparison,
    a_push,
    contributions,
    described,
    history,
    play,
    settings,
)
from tests.connectors.github.judging import (
    FAIL,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    bodies,
    status,
    verdict,
    view,
)
from tests.connectors.github.played import Played, Reply
from tests.connectors.github.test_scan import scan

BASE, KNOWN, OLD, NEXT = "b" * 40, "a" * 40, "0" * 39 + "1", "0" * 39 + "2"


def answer(hub: Played, *commits: dict[str, Any], behind: int = 0) -> list[list[str]]:
    """Let the dated history be these commits, and return the list that notes which others are asked for by id."""
    asked: list[list[str]] = []

    def by_id(variables: dict[str, Any]) -> dict[str, Any]:
        oids = [oid.removeprefix("C_") for oid in variables["ids"]]
        asked.append(oids)
        return {"data": {"nodes": [a_commit(oid, [], committedDate=LONG_AGO) for oid in oids]}}

    hub.graphql = [
        ("commits(first", contributions()),
        ("object(oid", queries.dated_behind(behind)),
        ("... on Commit { oid", by_id),
        ("history(", history(*commits)),
    ]
    return asked


@pytest.fixture(autouse=True)
def acme(hub: Played) -> None:
    """All of acme, in good order."""
    play(hub)


def listed(repo: GitHub) -> list[str]:
    """The ids of the changes of the repository."""
    return [body["oid"] for body in bodies(changes.changes(repo))]


def test_a_commit_that_is_dated_before_the_window_is_in_the_population(hub: Played, repo: GitHub) -> None:
    """Its date is what its committer's machine says; that it was pushed is what GitHub says."""
    asked = answer(hub, a_commit(KNOWN))
    hub.answers[f"{REPO}/activity"] = [a_push(2, before=KNOWN, after=OLD, activity_type="push"), a_push(1)]
    hub.answers[f"{REPO}/compare/{BASE}...{OLD}"] = a_comparison(KNOWN, OLD)

    found = list(bodies(changes.changes(repo)))

    assert [(body["oid"], body["way"]) for body in found] == [(KNOWN, "pull request"), (OLD, "push")]
    assert asked == [[OLD]]
    assert [status(change_checks.merged_reviewed, _judged(body)) for body in found][1] is FAIL


def _judged(body: dict[str, Any]) -> changes.Change:
    return view(changes.Change, push={"result": "bypass"}, **body)


def test_commits_below_a_recent_one_are_found_too(hub: Played, repo: GitHub) -> None:
    """The last commit of a push may be dated today and the one below it two years ago."""
    answer(hub, a_commit(KNOWN))
    hub.answers[f"{REPO}/compare/{BASE}...{KNOWN}"] = a_comparison(NEXT, OLD, KNOWN)

    assert listed(repo) == [KNOWN, NEXT, OLD]


def test_a_date_in_the_window_does_not_make_up_for_one_before_it(hub: Played, repo: GitHub) -> None:
    """As many commits as GitHub counts, and yet others: one that was there before bears a date of the window."""
    answer(hub, a_commit(KNOWN), a_commit(NEXT), behind=1)
    hub.answers[f"{REPO}/compare/{BASE}...{KNOWN}"] = a_comparison(OLD, KNOWN)

    assert listed(repo) == [KNOWN, NEXT, OLD]


def test_a_commit_that_came_while_annexd_looked_does_not_make_up_for_one_either(hub: Played, repo: GitHub) -> None:
    """The list of pushes was read before it came; that the numbers agree is chance."""
    answer(hub, a_commit(NEXT), a_commit(KNOWN))
    hub.answers[f"{REPO}/compare/{BASE}...{KNOWN}"] = a_comparison(OLD, KNOWN)

    assert listed(repo) == [NEXT, KNOWN, OLD]


def test_where_both_agree_nothing_more_is_asked(hub: Played, repo: GitHub) -> None:
    """Without the lines that changed: they are on the first page only."""
    asked = answer(hub, a_commit(KNOWN))

    assert listed(repo) == [KNOWN]
    assert asked == []
    assert [query["page"] for query in hub.queries if "page" in query] == ["2"]


def test_pages_of_a_comparison_that_end_early_are_an_error(hub: Played, repo: GitHub) -> None:
    """What was not listed may be the push that nobody is to see."""
    answer(hub, a_commit(KNOWN))
    whole = a_comparison(*(f"{number:040}" for number in range(120)))
    hub.answers[f"{REPO}/compare/{BASE}...{KNOWN}"] = lambda query: (
        whole(query) | ({"commits": []} if query["page"] == "2" and query["per_page"] == "100" else {})
    )

    with pytest.raises(Unexpected, match="120 commits"):
        listed(repo)


@pytest.mark.parametrize("path", [f"{REPO}/activity", f"{REPO}/compare/{BASE}...{KNOWN}"])
def test_without_the_pushes_the_population_is_not_complete(hub: Played, repo: GitHub, path: str) -> None:
    """The dates of commits alone prove nothing."""
    hub.refuse(path)

    with pytest.raises(Exception, match="accessible") as caught:
        listed(repo)

    assert not isinstance(caught.value, ConnectorError) or isinstance(caught.value, Denied)


@pytest.mark.parametrize(("pushed_at", "complete"), [("2026-02-20T00:00:00Z", False), (LONG_AGO, True)])
def test_an_old_branch_made_the_default_is_no_empty_population(
    hub: Played, repo: GitHub, pushed_at: str, complete: bool
) -> None:
    """What reached the repository went to another branch, which may have been the default then."""
    answer(hub)
    hub.answers[f"{REPO}/activity"] = []
    hub.answers[REPO] = described(default_branch="release-2019", pushed_at=pushed_at)

    if complete:
        assert listed(repo) == []
    else:
        with pytest.raises(Unexpected, match="default branch all the time"):
            listed(repo)


def test_an_empty_repository_has_an_empty_population(hub: Played, repo: GitHub) -> None:
    """GitHub gives it the day it was made as that of its last push."""
    hub.graphql = [("history(", {"data": {"repository": {"isEmpty": True, "ref": None}}})]
    hub.answers[REPO] = described(pushed_at="2026-02-20T00:00:00Z")

    assert listed(repo) == []


def test_pushes_before_the_window_are_left_out(hub: Played, repo: GitHub) -> None:
    """The commits of these are no changes of the window either."""
    hub.answers[f"{REPO}/activity"] = [a_push(1), a_push(2, timestamp=LONG_AGO)]

    assert [body["id"] for body in bodies(pushes.activity(repo))] == [1]


@pytest.mark.parametrize("timestamp", [None, "", 7, "2026-02-28", "2026-02-28T00:00:00"])
def test_a_push_that_does_not_say_when_it_was_is_told(hub: Played, repo: GitHub, timestamp: object) -> None:
    """GitHub's own published example has none; left out, a push in the window would be missing without a word."""
    hub.answers[f"{REPO}/activity"] = [a_push(1), a_push(2) | {"timestamp": timestamp}]

    with pytest.raises(Unexpected, match="push 2 with the timestamp"):
        list(bodies(pushes.activity(repo)))
    assert all("timestamp" in problem for problem in hub.problems)
    hub.problems.clear()  # GitHub does not describe such an answer, as the double has noted


@pytest.mark.parametrize(
    ("results", "expected"),
    [(["pass"], "pass"), (["pass", "fail"], "pass"), (["fail", "bypass"], "bypass"), (["bypass", "pass"], "bypass")],
)
def test_of_several_results_for_a_commit_the_worst_that_let_it_through_counts(
    hub: Played, repo: GitHub, results: list[str], expected: str
) -> None:
    """A push may be refused first and let through then."""
    hub.answers[f"{REPO}/rulesets/rule-suites"] = [
        {"id": number, "after_sha": KNOWN, "result": result} for number, result in enumerate(results)
    ]

    assert pushes.rules_of_push(repo, {"after": KNOWN}) == {"result": expected}


def pushed(after: str = KNOWN, result: str | None = "pass", **but: Any) -> pushes.Activity:
    """A push as the check sees it; without a result, as evidence that has none."""
    rules = {} if result is None else {"rules": {"result": result}}
    return view(pushes.Activity, **(a_push(after=after) | rules | but))


NOT_SHOWN = decode(
    pushes.Activity,
    b'{"body":{"activity_type":"pr_merge","after":"%s","id":1,"timestamp":"2026-02-28T00:00:00Z"}}' % KNOWN.encode(),
    unread={"rules": "it was refused"},
)
CHANGES = CompleteSet(view(changes.Change, oid=KNOWN, way="push", push={"result": "pass"}, pull=None))


@pytest.mark.parametrize(
    ("push", "expected"),
    [
        (pushed(), PASS),
        (pushed(result="none"), PASS),
        (pushed(result="bypass"), FAIL),
        (pushed(activity_type="force_push"), FAIL),
        (pushed(activity_type="force_push", result="bypass"), FAIL),
        (pushed(OLD), FAIL),
        (pushed(OLD, activity_type="merge_queue_merge"), FAIL),
        (pushed(OLD, activity_type="branch_creation"), PASS),
        (pushed("0" * 40, activity_type="branch_deletion"), FAIL),
        (pushed(result=None), UNKNOWN),
        (NOT_SHOWN, UNKNOWN),
    ],
)
def test_each_push_is_accounted_for(push: pushes.Activity, expected: Status) -> None:
    """Not forced, not past the rules, and its commit among the changes."""
    assert status(push_checks.pushes_accounted_for, CompleteSet(push), CHANGES) is expected


def test_pushes_are_named_and_counted() -> None:
    """The first few by name; who pushed where has to be asked."""
    several = [pushed(f"{number:040}", result="bypass") for number in range(1300)]

    reason = verdict(push_checks.pushes_accounted_for, CompleteSet(*several), CHANGES).reason

    assert reason.startswith("1300 of 1300 pushes")
    assert reason.count("ann") == 5
    assert reason.endswith("and 1,295 more")


def test_a_bypass_may_be_somebodys_task() -> None:
    """A release may be pushed by a machine that is meant to; to rewrite history is nobody's."""
    evidence = CompleteSet(pushed(result="bypass"))
    forced = CompleteSet(pushed(result="bypass", activity_type="force_push"))
    allowed = {"allowed_bypass_actors": ("ann",)}

    assert status(push_checks.pushes_accounted_for, evidence, CHANGES, **allowed) is PASS
    assert status(push_checks.pushes_accounted_for, forced, CHANGES, **allowed) is FAIL


def test_changes_that_were_not_read_whole_account_for_nothing() -> None:
    """Neither a pass nor a push that nobody can explain."""
    assert status(push_checks.pushes_accounted_for, CompleteSet(pushed()), UnreadSet()) is UNKNOWN
    assert status(push_checks.pushes_accounted_for, UnreadSet(), CHANGES) is UNKNOWN


def test_a_push_past_the_rules_with_an_old_date_is_seen_in_a_scan(
    hub: Played, loaded: LoadedConnector, tmp_path: Path
) -> None:
    """In the population, without an approval, and named among the pushes."""
    answer(hub, a_commit(KNOWN))
    hub.answers[f"{REPO}/activity"] = [a_push(2, before=KNOWN, after=OLD, activity_type="push"), a_push(1)]
    hub.answers[f"{REPO}/compare/{BASE}...{OLD}"] = a_comparison(KNOWN, OLD)
    hub.answers[f"{REPO}/rulesets/rule-suites"] = [{"id": 1, "after_sha": OLD, "result": "bypass"}]

    verdicts = scan(loaded, settings(hub), tmp_path).verdicts

    where = ("acme", "api")
    assert verdicts["github_repo_merged_prs_reviewed", where, OLD].status is FAIL
    assert verdicts["github_repo_merged_prs_reviewed", where, KNOWN].status is PASS
    found = verdicts["github_repo_pushes_accounted_for", where, ""]
    assert (found.status, OLD[:10] in found.reason) == (FAIL, True)


def test_rules_that_are_not_shown_leave_the_changes_to_be_judged(
    hub: Played, loaded: LoadedConnector, tmp_path: Path
) -> None:
    """GitHub shows the results to those who may change the rules, whom annexd is not to be one of."""
    hub.refuse(f"{REPO}/rulesets/rule-suites", Reply.refused())

    verdicts = scan(loaded, settings(hub), tmp_path).verdicts

    where = ("acme", "api")
    assert verdicts["github_repo_merged_prs_reviewed", where, KNOWN].status is PASS
    assert verdicts["github_repo_pushes_accounted_for", where, ""].status is UNKNOWN
