"""Copies of checkpoints in S3, played by moto; requests and answers are validated by botocore's model of S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from collector.core.errors import StoreError
from connectors._copies.aws_s3 import open_copies

NAME = f"000000000012-{'ab' * 32}.txt"
OTHER = f"000000000013-{'cd' * 32}.txt"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """S3 with a bucket that keeps versions and locks."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "played"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="worm", ObjectLockEnabledForBucket=True)
        yield client


def test_what_was_kept_first_stays(s3: Any) -> None:
    """Neither annexd nor anybody else puts another one in its place."""
    place = open_copies("s3://worm/annexd")

    place.keep(NAME, "first")
    place.keep(NAME, "second")

    assert place.names() == [NAME]
    assert place.read(NAME) == "first"
    assert [version["Key"] for version in s3.list_object_versions(Bucket="worm")["Versions"]] == [f"annexd/{NAME}"]


def test_what_was_hidden_or_written_over_is_seen(s3: Any) -> None:
    """Object Lock keeps versions: a delete marker, or a newer version, only stands before them."""
    place = open_copies("s3://worm/annexd/")
    place.keep(NAME, "first")
    place.keep(OTHER, "other")
    s3.put_object(Bucket="worm", Key=f"annexd/{NAME}", Body=b"instead")
    s3.delete_object(Bucket="worm", Key=f"annexd/{OTHER}")

    again = open_copies("s3://worm/annexd/")

    assert again.names() == [NAME, OTHER]
    assert (again.read(NAME), again.read(OTHER)) == ("first", "other")


@pytest.mark.usefixtures("s3")
def test_other_folders_are_not_seen() -> None:
    """Two stores may share a bucket."""
    open_copies("s3://worm/one").keep(NAME, "one")
    open_copies("s3://worm/two").keep(OTHER, "two")

    assert open_copies("s3://worm/one").names() == [NAME]


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (None, "the bucket has no default retention, so new objects are not locked"),
        (
            {"Mode": "GOVERNANCE", "Days": 30},
            "its retention is of the mode GOVERNANCE, which some permissions pass over",
        ),
        ({"Mode": "COMPLIANCE", "Days": 30}, None),
    ],
)
def test_whether_copies_last_is_read_from_the_bucket(s3: Any, rule: dict[str, Any] | None, why: str | None) -> None:
    """A bucket that is called worm is not one by that."""
    if rule is not None:
        configured = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": rule}}
        s3.put_object_lock_configuration(Bucket="worm", ObjectLockConfiguration=configured)

    assert open_copies("s3://worm").lasting() == why


def test_a_bucket_without_locks_says_so(s3: Any) -> None:
    """And its only versions have no ids of their own."""
    s3.create_bucket(Bucket="plain")
    place = open_copies("s3://plain")
    place.keep(NAME, "first")

    assert place.lasting() == "the bucket has no Object Lock"
    assert place.read(NAME) == "first"


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_is_not_there_is_told_with_what_to_do() -> None:
    """And not taken for one without copies."""
    place = open_copies("s3://nowhere")

    for ask in (place.names, lambda: place.keep(NAME, "text"), lambda: place.read(NAME), place.lasting):
        with pytest.raises(
            StoreError, match=r"s3://nowhere/ cannot be used: S3 answered .* with NoSuchBucket"
        ) as raised:
            ask()
        assert raised.value.mend.startswith("allow s3:")


@pytest.mark.usefixtures("s3")
def test_a_list_goes_on_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of checkpoints has more than a page."""
    place: Any = open_copies("s3://worm/annexd")
    names = [f"{size:012}-{'ef' * 32}.txt" for size in range(5)]
    for name in names:
        place.keep(name, name)
    client = place._client()
    asked = client.list_object_versions
    monkeypatch.setattr(client, "list_object_versions", lambda **given: asked(MaxKeys=2, **given))

    assert place.names() == names


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize("code", ["ConditionalRequestConflict", "OperationAborted"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_conflict_is_no_copy(monkeypatch: pytest.MonkeyPatch, code: str, times: int) -> None:
    """S3 kept nothing then, and says that it is to be asked again: what stays so is told."""
    place: Any = open_copies("s3://worm/annexd")
    client = place._client()
    put, left = client.put_object, [times]

    def conflicting(**given: object) -> object:
        left[0] -= 1
        if left[0] >= 0:
            raise ClientError({"Error": {"Code": code, "Message": "Try again."}}, "PutObject")
        return put(**given)

    monkeypatch.setattr(client, "put_object", conflicting)
    if times == 1:
        place.keep(NAME, "first")
        assert place.read(NAME) == "first"
    else:
        with pytest.raises(StoreError, match=code):
            place.keep(NAME, "first")
        assert place.names() == []


@pytest.mark.usefixtures("s3")
def test_a_list_that_never_goes_on_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is like S3 may give the same page for ever."""
    place: Any = open_copies("s3://worm/annexd")
    page = {"Versions": [], "IsTruncated": True, "NextKeyMarker": "annexd/a", "NextVersionIdMarker": "1"}
    monkeypatch.setattr(place._client(), "list_object_versions", lambda **_: page)

    with pytest.raises(StoreError, match="no way to the rest"):
        place.names()


@pytest.mark.parametrize("address", ["s3://", "s3://A", "s3://worm?x=1", "s3://worm/a b", "https://worm"])
def test_an_address_that_names_no_bucket_is_refused(address: str) -> None:
    """When the configuration is read, not in the middle of the night."""
    with pytest.raises(ValueError, match="s3://BUCKET"):
        open_copies(address)
