"""Tags, by which people find what is theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from collector.core.canonical import Digest
from collector.core.ports import Stored
from collector.core.tasks import Task, UnreadPart
from collector.report.state.tags import tagged, tags_of

AT = datetime(2026, 3, 1, tzinfo=UTC)


def stored(key: str, **but: Any) -> Stored:
    """A resource without tags."""
    given = {"digest": Digest("sha256:x"), "blob": b'{"body":{"name":"x"}}', "facts": None, "unread": {}, **but}
    return Stored(task=Task("s", "k", ("a",)), key=key, first_seen_at=AT, **given)


def test_what_cannot_be_known_is_neither_in_nor_out() -> None:
    """A body that was erased, or tags that nobody may read, may still be somebody's."""
    unread = {"TagSet": UnreadPart("GetTags", "tags:read", "refused")}
    found = tagged([stored("erased", blob=None), stored("unread", unread=unread), stored("none")], [("owner", "me")])

    assert found.matching == set()
    assert {key for _, key in found.unread} == {"erased", "unread"}


def test_all_tags_that_are_asked_for_have_to_be_there() -> None:
    """A second tag narrows the choice, as every further filter does."""
    resource = stored("one", blob=b'{"body":{"tags":{"Owner":"Me","tier":"1"}}}')

    assert tagged([resource], [("owner", "me"), ("tier", None)]).matching == {(("a",), "one")}
    assert tagged([resource], [("owner", "me"), ("zone", None)]).matching == set()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"Tags": [{"Key": "a", "Value": "b"}]}, {("a", "b")}),
        ({"tags": {"a": "b", "c": None}}, {("a", "b")}),
        ({"TagSet": [{"Key": "a"}]}, {("a", "")}),
        ({"Tagging": {"TagSet": []}}, set()),
        ({"Tags": {"TagSet": [{"Key": "a", "Value": "b"}]}}, {("a", "b")}),
        ({"labels": [{"name": "a"}, "c"]}, {("a", ""), ("c", "")}),
        ({"labels": None, "Name": "x"}, set()),
        ({"tags": 7}, set()),
    ],
)
def test_tags_are_found_in_the_shapes_of_the_platforms(body: dict[str, object], found: set[tuple[str, str]]) -> None:
    """Each platform has its own, and some have several."""
    assert set(tags_of(body)) == found
