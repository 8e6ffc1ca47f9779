"""Buckets of Cloud Storage and who may read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._iam.policies import Policy
from connectors.gcp._sdk.client import GoogleCloud, of_kind
from connectors.gcp._sdk.connector import gcp

BUCKETS = Operation("storage", "v1", "storage.buckets.list")
POLICY = Operation("storage", "v1", "storage.buckets.getIamPolicy")


class UniformAccess(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether access control lists of single objects are off."""

    enabled: bool


class IamConfiguration(Struct, frozen=True, kw_only=True, rename="camel"):
    """How access to a bucket is controlled."""

    public_access_prevention: str  # enforced, or inherited: as an organization policy says
    uniform_bucket_level_access: UniformAccess


class Versioning(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether earlier versions of objects are kept."""

    enabled: bool


class SoftDelete(Struct, frozen=True, kw_only=True, rename="camel"):
    """For how long deleted objects can be restored; 0 seconds: not at all."""

    retention_duration_seconds: str  # a number of 64 bits, which Google writes as text


class Retention(Struct, frozen=True, kw_only=True, rename="camel"):
    """For how long objects cannot be deleted."""

    retention_period: str  # seconds, as text
    is_locked: bool = False  # left out where it is not


class Lifecycle(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is done to objects as they grow old."""

    rule: tuple[dict[str, Any], ...] = ()  # left out where there is none


@resource("gcp.storage.bucket", key="name", volatile=("etag", "updated", "metageneration"))
class Bucket(Struct, frozen=True, kw_only=True, rename="camel"):
    """A bucket; its objects are never listed. Google leaves out what nobody has configured."""

    name: str
    iam_configuration: IamConfiguration
    policy: Policy
    versioning: Versioning | None = None
    soft_delete_policy: SoftDelete | None = None
    retention_policy: Retention | None = None
    lifecycle: Lifecycle | None = None


@gcp.collects(Bucket, at="project", call=BUCKETS.id, permissions="storage.buckets.list")
def buckets(client: GoogleCloud) -> Iterator[Body]:
    query = {"project": client.project, "maxResults": 1000, "projection": "noAcl", "returnPartialSuccess": True}
    yield from client.whatever.pages(BUCKETS, key=of_kind(), **query)


@gcp.part(Bucket, "policy", call=POLICY.id, permissions="storage.buckets.getIamPolicy")
def policy(client: GoogleCloud, bucket: Body) -> Any:
    return client.policy(POLICY, bucket=bucket["name"], optionsRequestedPolicyVersion=3)
