"""Systems Manager: managed instances with their patches, parameters, and the company's own documents.

Values of parameters and what is in documents are never asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import in_batches, only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_BATCH = 50
"""The instances that ssm:DescribeInstancePatchStates takes at once."""

_COUNTS = (
    "MissingCount",
    "FailedCount",
    "InstalledPendingRebootCount",
    "InstalledRejectedCount",
    "CriticalNonCompliantCount",
    "SecurityNonCompliantCount",
)


class PatchState(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The last scan or installation of patches (ssm:DescribeInstancePatchStates), against the instance's baseline.

    AWS documents the numbers as optional.
    """

    operation: str  # Scan or Install
    operation_end_time: datetime
    baseline_id: str
    missing_count: int | None = None
    failed_count: int | None = None
    installed_pending_reboot_count: int | None = None
    installed_rejected_count: int | None = None
    critical_non_compliant_count: int | None = None
    security_non_compliant_count: int | None = None


@resource("aws.ssm.managed_instance", key="InstanceId", volatile=("PatchState", "PingStatus"))
class ManagedInstance(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One instance or server that reports to Systems Manager. Names and addresses of computers are not kept."""

    instance_id: str
    ping_status: str = ""  # Online, ConnectionLost or Inactive; AWS documents it as optional
    patch_state: PatchState | None  # None: no operation of Patch Manager is on record


@resource("aws.ssm.parameter", key="Name")
class Parameter(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A parameter without its value."""

    name: str
    type: str  # String, StringList or SecureString
    key_id: str | None = None  # None: it is not encrypted, or AWS does not say by what


@resource("aws.ssm.document", key="Name")
class Document(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A document of the account's own."""

    name: str
    shared_with: tuple[str, ...]  # accounts, or `all`


@aws.collects(
    ManagedInstance,
    at="region",
    call=("ssm:DescribeInstanceInformation", "ssm:DescribeInstancePatchStates"),
    permissions=("ssm:DescribeInstanceInformation", "ssm:DescribeInstancePatchStates"),
)
def managed_instances(account: Account) -> Iterator[Body]:
    listed = account.pages("ssm", "DescribeInstanceInformation", "InstanceInformationList", MaxResults=50)
    for batch in in_batches(listed, _BATCH):
        ids = [instance["InstanceId"] for instance in batch]
        states = {
            state["InstanceId"]: only(state, "Operation", "OperationEndTime", "BaselineId", *_COUNTS)
            for state in account.pages("ssm", "DescribeInstancePatchStates", "InstancePatchStates", InstanceIds=ids)
        }
        for instance in batch:
            kept = only(instance, "InstanceId", "PingStatus", "PlatformType", "ResourceType")
            yield {**kept, "PatchState": states.get(instance["InstanceId"])}


@aws.collects(Parameter, at="region", call="ssm:DescribeParameters", permissions="ssm:DescribeParameters")
def parameters(account: Account) -> Iterator[Body]:
    for parameter in account.pages("ssm", "DescribeParameters", "Parameters", MaxResults=50):
        yield only(parameter, "Name", "ARN", "Type", "KeyId", "LastModifiedDate", "Tier", "Version")


@aws.collects(Document, at="region", call="ssm:ListDocuments", permissions="ssm:ListDocuments")
def documents(account: Account) -> Iterator[Body]:
    own = [{"Key": "Owner", "Values": ["Self"]}]
    for document in account.pages("ssm", "ListDocuments", "DocumentIdentifiers", Filters=own, MaxResults=50):
        yield only(document, "Name", "DocumentType", "CreatedDate")


@aws.part(Document, "SharedWith", call="ssm:DescribeDocumentPermission", permissions="ssm:DescribeDocumentPermission")
def shared_with(account: Account, document: Body) -> Any:
    return list(
        account.pages("ssm", "DescribeDocumentPermission", "AccountIds", Name=document["Name"], PermissionType="Share")
    )
