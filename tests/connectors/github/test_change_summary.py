"""What a sampling sheet says of a change, from bodies in the form of GitHub's GraphQL objects Commit and PullRequest.

https://docs.github.com/en/graphql/reference/objects#pullrequest
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.change_summary import ChangeSummary
from connectors.github.repository.change_summary import change_summary, pull_summary, push_summary

MERGED = "2026-11-10T12:00:00Z"


def a_review(login: str | None, state: str, at: str = "2026-11-10T08:00:00Z") -> dict[str, Any]:
    """A review as GitHub lists it; an account that is gone has no author."""
    author = None if login is None else {"__typename": "User", "login": login}
    return {"author": author, "state": state, "submittedAt": at}


def a_pull(*reviews: dict[str, Any], **but: Any) -> dict[str, Any]:
    """A merged pull request."""
    return {
        "number": 7,
        "title": "Let customers cancel",
        "url": "https://github.com/acme/shop/pull/7",
        "mergedAt": MERGED,
        "author": {"__typename": "User", "login": "bob"},
        "reviews": {"totalCount": len(reviews), "nodes": list(reviews)},
    } | but


def a_commit(**but: Any) -> dict[str, Any]:
    """A commit of the default branch."""
    return {
        "oid": "9465c0c7512773cf46c4d7eb934dfb2017d56b61",
        "messageHeadline": "Mend a typo",
        "author": {"name": "Bob B.", "user": {"login": "bob"}},
        "way": "push",
        "pull": None,
    } | but


def test_a_change_by_a_pull_request_is_told_by_it() -> None:
    """Title, author, approvers and address are those of the pull request."""
    pull = a_pull(a_review("alice", "APPROVED"), a_review("dave", "APPROVED"))

    assert change_summary(a_commit(way="pull request", pull=pull)) == ChangeSummary(
        title="Let customers cancel",
        author="bob",
        approvers=("alice", "dave"),
        link="https://github.com/acme/shop/pull/7",
    )


def test_a_push_has_nobody_who_approved_it() -> None:
    """And says why there is no address."""
    assert change_summary(a_commit()) == ChangeSummary(title="Mend a typo", author="bob", notes=("no pull request",))


def test_the_author_of_a_commit_without_an_account_is_the_name_in_it() -> None:
    """GitHub knows no account for an address that nobody has registered."""
    assert change_summary(a_commit(author={"name": "Bob B.", "user": None})).author == "Bob B."


@pytest.mark.parametrize(
    ("reviews", "approvers"),
    [
        ([("alice", "APPROVED", "08"), ("alice", "CHANGES_REQUESTED", "09")], ()),
        ([("alice", "CHANGES_REQUESTED", "08"), ("alice", "APPROVED", "09")], ("alice",)),
        ([("alice", "DISMISSED", "08")], ()),
        ([("alice", "APPROVED", "08"), ("alice", "COMMENTED", "09")], ("alice",)),
        ([("alice", "APPROVED", "13")], ()),
        ([(None, "APPROVED", "08")], ("an account that is gone",)),
    ],
    ids=str,
)
def test_who_approved_is_who_had_said_so_last_before_the_merge(reviews: list[Any], approvers: tuple[str, ...]) -> None:
    """An approval that was taken back, or came afterwards, approved nothing."""
    pull = a_pull(*(a_review(login, state, f"2026-11-10T{hour}:00:00Z") for login, state, hour in reviews))

    assert pull_summary(pull).approvers == approvers


def test_reviews_that_were_not_read_are_said_to_be_missing() -> None:
    """A hundred are read; somebody after them may have approved."""
    pull = a_pull(a_review("alice", "APPROVED"), reviews={"totalCount": 120, "nodes": [a_review("alice", "APPROVED")]})

    assert pull_summary(pull).notes == ("only 1 of 120 reviews were read",)


def test_a_push_is_told_by_its_kind_and_who_pushed() -> None:
    """https://docs.github.com/en/rest/repos/repos#list-repository-activities."""
    body = {"activity_type": "force_push", "after": "b" * 40, "actor": {"login": "bob"}}

    assert push_summary(body) == ChangeSummary(title=f"force push to {'b' * 10}", author="bob")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_KEYS = ("pull", "author", "reviews", "title", "url", "mergedAt", "way", "actor", "after", "activity_type")


@given(st.dictionaries(st.sampled_from(_KEYS), _JSON))
def test_a_body_of_another_form_breaks_no_sheet(body: dict[str, Any]) -> None:
    """An older version of the connector may have stored less."""
    for summary in (change_summary, pull_summary, push_summary):
        assert isinstance(summary(body), ChangeSummary)
