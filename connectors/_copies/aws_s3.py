"""Copies of checkpoints in a bucket of S3. With Object Lock, nobody can take them back before their time.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html (If-None-Match), API_ListObjectVersions.html,
API_GetObject.html and API_GetObjectLockConfiguration.html. A simple delete hides an object of a locked bucket behind a
delete marker and keeps its versions, so versions are listed, and of each name the first one counts.
"""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Any

from collector.core.errors import StoreError
from collector.core.plain_text import one_line

if TYPE_CHECKING:
    from collector.core.copies import CheckpointCopies

_ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[\w!.*'()/-]{1,900}))?")
_CONNECT, _READ, _ATTEMPTS = 5, 10, 2
_LARGEST = 1 << 20
_THERE_ALREADY = frozenset({"PreconditionFailed"})
_NEITHER = ("ConditionalRequestConflict", "OperationAborted")
"""What S3 answers where another request for the same object was under way: nothing was kept, and it is asked again."""

_TRIES = 3
_CODE = "Code"
_NO_LOCK = "ObjectLockConfigurationNotFoundError"


def open_copies(address: str) -> CheckpointCopies:
    """Return the place that `s3://BUCKET/PREFIX` names. Sends nothing. Raises ValueError where it names none."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        message = "a bucket is written s3://BUCKET or s3://BUCKET/PREFIX"
        raise ValueError(message)
    prefix = (found["prefix"] or "").strip("/")
    return _Bucket(found["bucket"], f"{prefix}/" if prefix else "")


class _Bucket:
    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._made: Any = None
        self._versions: dict[str, str] = {}

    def keep(self, name: str, text: str) -> None:
        """Put an object that is not there yet. Raises StoreError."""
        for left in reversed(range(_TRIES)):
            answer = self._ask(
                "put_object",
                "s3:PutObject",
                accepted=_THERE_ALREADY.union(_NEITHER if left else ()),
                Key=self._prefix + name,
                Body=text.encode("utf-8"),
                ContentType="text/plain; charset=utf-8",
                IfNoneMatch="*",
            )
            if answer.get(_CODE) not in _NEITHER:
                break

    def names(self) -> list[str]:
        """Return the names of all versions that can be read, and note the first of each. Raises StoreError."""
        first: dict[str, tuple[Any, str]] = {}
        more: dict[str, Any] = {}
        while True:
            answer = self._ask("list_object_versions", "s3:ListBucketVersions", Prefix=self._prefix, **more)
            for version in answer.get("Versions", []):
                name, made = version["Key"].removeprefix(self._prefix), (version["LastModified"], version["VersionId"])
                # Versions come newest first, so of two of one second the later listed is the older.
                if name not in first or made[0] <= first[name][0]:
                    first[name] = made
            if not answer.get("IsTruncated"):
                break
            before, more = (
                more,
                {
                    theirs: answer[ours]
                    for theirs, ours in (("KeyMarker", "NextKeyMarker"), ("VersionIdMarker", "NextVersionIdMarker"))
                    if ours in answer
                },
            )
            if not more or more == before:
                raise self._failed("S3 gave a part of the list, and no way to the rest", "try again")
        self._versions = {name: version for name, (_, version) in first.items()}
        return sorted(first)

    def read(self, name: str) -> str:
        """Return the first version of an object. Raises StoreError."""
        if name not in self._versions:
            self.names()
        asked: dict[str, Any] = {"Key": self._prefix + name}
        if name in self._versions:
            asked["VersionId"] = self._versions[name]
        answer = self._ask("get_object", "s3:GetObjectVersion", **asked)
        data: bytes = answer["Body"].read(_LARGEST)
        return data.decode("utf-8", "replace")

    def lasting(self) -> str | None:
        """Return why objects could be deleted: without a default retention no lock is put on them."""
        answer = self._ask(
            "get_object_lock_configuration", "s3:GetBucketObjectLockConfiguration", accepted=frozenset({_NO_LOCK})
        )
        rule = answer.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        if answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") != "Enabled":
            return "the bucket has no Object Lock"
        if not rule:
            return "the bucket has no default retention, so new objects are not locked"
        if rule.get("Mode") != "COMPLIANCE":
            return f"its retention is of the mode {rule.get('Mode')}, which some permissions pass over"
        return None

    def _ask(
        self, operation: str, permission: str, *, accepted: frozenset[str] = frozenset(), **asked: object
    ) -> dict[str, Any]:
        try:
            exceptions: Any = importlib.import_module("botocore.exceptions")
            client = self._client()
        except ImportError as error:
            raise self._failed("boto3 is not installed", "pip install 'annexd[aws]'") from error
        try:
            answer: dict[str, Any] = getattr(client, operation)(Bucket=self._bucket, **asked)
        except exceptions.ClientError as error:
            said = error.response.get("Error", {})
            if said.get("Code") in accepted:
                return {_CODE: said["Code"]}
            raise self._failed(
                f"S3 answered {operation} with {said.get('Code')}: {one_line(str(said.get('Message')))}",
                f"allow {permission} on it, and see to it that the bucket is there",
            ) from error
        except exceptions.BotoCoreError as error:
            raise self._failed(
                f"S3 did not answer: {one_line(str(error))}", "see to credentials and network, and try again"
            ) from error
        return answer

    def _client(self) -> Any:
        if self._made is None:
            boto3: Any = importlib.import_module("boto3")
            config: Any = importlib.import_module("botocore.config")
            self._made = boto3.client(
                "s3",
                config=config.Config(
                    connect_timeout=_CONNECT,
                    read_timeout=_READ,
                    retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
                ),
            )
        return self._made

    def _failed(self, why: str, mend: str) -> StoreError:
        where = f"s3://{self._bucket}/{self._prefix}"
        return StoreError(f"copies of checkpoints: {where} cannot be used: {why}", mend=mend)
