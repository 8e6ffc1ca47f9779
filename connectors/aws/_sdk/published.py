"""What AWS publishes about its answers: enumerations, members and error codes of botocore's data, ARNs, policies."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from collector.core.published import Published
from connectors.aws._sdk.settings import HOME_REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PARTITIONS = frozenset(HOME_REGION)
_RESOURCE_TYPES = frozenset({
    "assumed-role", "bucket", "group", "instance-profile", "key", "log-group", "mfa", "network-acl", "oidc-provider",
    "organization", "ou", "policy", "role", "root", "saml-provider", "security-group", "server-certificate", "snapshot",
    "subnet", "trail", "user", "volume", "vpc", "vpc-flow-log", "account", "federated-user", "aws-service-role",
})  # fmt: skip
_POLICY_KEYS = frozenset({
    "Action", "AWS", "CanonicalUser", "Condition", "Effect", "Federated", "Id", "NotAction", "NotPrincipal",
    "NotResource", "Principal", "Resource", "Service", "Sid", "Statement", "Version", "*",
})  # fmt: skip
_ERROR_KEYS = frozenset({"Code", "Error", "Errors", "Message", "RequestId", "Type", "__type", "message", "Resource"})
_FILTER_KEYS = frozenset({"severity", "status"})
"""Names of filters that are the keys of a map."""
_REPORT = frozenset({
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active", "access_key_1_active", "access_key_1_last_rotated",
    "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region",
    "access_key_2_last_used_service", "cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
    "additional_credentials_info", "N/A", "no_information", "not_supported", "<root_account>",
})  # fmt: skip
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html"""

_ANYWHERE = frozenset({
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    "http://acs.amazonaws.com/groups/s3/LogDelivery",
    "tcp", "udp", "icmp", "icmpv6",
})  # fmt: skip
# Texts of AWS's documentation that are no enumeration in botocore's data.
_DOCUMENTED = {
    "Effect": {"Allow", "Deny"},
    "OwnerIds": {"self"},
    "Owners": {"self"},
    "SnapshotType": {"manual"},
    "PolicyName": {"default"},
    "Qualifier": {"$LATEST"},
    "Version": {"2012-10-17", "2008-10-17", "$LATEST"},
    # Names and values of filters: texts in botocore's data, whatever they may be.
    "Name": {"image-id", "instance-state-name", "parameter-name"},
    "Values": {"Self", "rds.force_ssl", "require_secure_transport", "running", "tls"},
    "Key": {"Owner"},
    "eq": {"ACTIVE"},
    # Types of resources, as Resource Groups and its tags call them.
    "ResourceTypeFilters": {
        "dynamodb:table",
        "ec2:instance",
        "elasticfilesystem:file-system",
        "es:domain",
        "lambda:function",
        "rds:cluster",
        "rds:db",
        "redshift:cluster",
        "s3",
    },
    "value": {
        "ACTIVE",
        "INACTIVE",
        "SUPPRESSED",
        "CRITICAL",
        "HIGH",
        "MEDIUM",
        "EC2_INSTANCE_STOPPED",
        "RESOURCE_TERMINATED",
        "SCAN_ELIGIBILITY_EXPIRED",
        "IMAGE_ARCHIVED",
    },
    "Content": _REPORT,
    "flowLogStatus": {"ACTIVE"},
    "deliverLogsStatus": {"SUCCESS", "FAILED"},
    "groupName": {"default"},
    "embed": {"apisummary"},
    "authorizationType": {"NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"},
}
_CODE = re.compile(r"[A-Z][A-Za-z]{2,60}(?:\.[A-Z][A-Za-z]{2,60})*")
_TYPE = re.compile(r"(?:[a-z.]+\.[a-z0-9.]+#)?[A-Z][A-Za-z]{2,60}(?::http.*)?")
_ARN = re.compile(r"arn:(?P<partition>[\w-]*):(?P<service>[\w-]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<rest>.*)")
_ACTION = re.compile(
    r"(?P<service>[a-z0-9-]+):(?P<action>\*|(?:Add|Allocate|Apply|Assume|Attach|Authorize|Batch|Cancel|Change|Copy|Create"
    r"|Deactivate|Decrypt|Delete|Deregister|Describe|Detach|Disable|Enable|Encrypt|Export|Generate|Get|Import|Invoke|Leave"
    r"|List|Lookup|Modify|Pass|Publish|Put|ReEncrypt|Receive|Register|Remove|Replace|Reset|Restore|Revoke|Run|Schedule|Send"
    r"|Set|Simulate|Start|Stop|Tag|Terminate|Untag|Update|Upload|View)[A-Z][A-Za-z]*\*?|(?:Get|List|Describe|Put|Delete"
    r"|Create|Update)\*|Decrypt|Encrypt|Publish)"
)
_CONDITION = re.compile(r"aws:(?P<key>[A-Z][A-Za-z]+|username|userid)")
_OPERATOR = re.compile(
    r"(?:ForAnyValue:|ForAllValues:)?(?:String|Numeric|Date|Arn|Bool|Binary|IpAddress|NotIpAddress|Null)"
    r"(?:Not)?(?:Equals|Like|LessThan|LessThanEquals|GreaterThan|GreaterThanEquals)?(?:IgnoreCase)?(?:IfExists)?"
)
_PRINCIPAL = re.compile(r"[a-z][a-z0-9-]*\.amazonaws\.com")
_DELIVERY = frozenset({"delivery.logs.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"})
_ZONE = re.compile(r"(?P<region>[a-z]{2}(?:-gov)?-[a-z]+-\d)[a-f]")


@cache
def published(operation: str) -> Published:
    """Return what botocore's data has of an operation such as `iam:ListUsers`; of an unknown one what all have."""
    service, _, name = operation.partition(":")
    keys = set(_POLICY_KEYS | _ERROR_KEYS | _FILTER_KEYS)
    constants = {key: set(texts) for key, texts in _DOCUMENTED.items()}
    for key, values in _of_model(service, name):
        keys.add(key)
        if values:
            constants.setdefault(key, set()).update(values)
    return Published(
        keys=frozenset(keys),
        constants={key: frozenset(values) for key, values in constants.items()},
        patterns={"Code": _CODE, "__type": _TYPE},
        anywhere=_ANYWHERE | _regions() | _DELIVERY,
        shaped=_shaped,
    )


def _shaped(text: str, words: Callable[[str], str]) -> str | None:
    """Return an ARN, an action, a condition's key or operator, a service principal or a zone; None for other texts."""
    if (arn := _ARN.fullmatch(text)) is not None:
        return _arn(text, arn, words)
    if (action := _ACTION.fullmatch(text)) is not None and action["service"] in _services():
        return text
    if _CONDITION.fullmatch(text) or _PRINCIPAL.fullmatch(text):
        return text
    # As the key of a condition; a word of these alone, such as Bool, is no name of anybody's.
    if text != "" and _OPERATOR.fullmatch(text):
        return text
    zone = _ZONE.fullmatch(text)
    return text if zone is not None and zone["region"] in _regions() else None


def _arn(text: str, arn: re.Match[str], words: Callable[[str], str]) -> str:
    if arn["account"] == "aws" and arn["service"] in _services() and arn["partition"] in _PARTITIONS:
        return text  # a policy of AWS itself
    partition = arn["partition"] if arn["partition"] in _PARTITIONS else words(arn["partition"])
    service = arn["service"] if arn["service"] in _services() else words(arn["service"])
    region = arn["region"] if arn["region"] in _regions() else words(arn["region"])
    kind = re.match(r"[a-z-]+(?=[/:]|\Z)", arn["rest"])
    known = kind[0] if kind is not None and kind[0] in _RESOURCE_TYPES and arn["service"] != "s3" else ""
    return f"arn:{partition}:{service}:{region}:{words(arn['account'])}:{known}{words(arn['rest'][len(known) :])}"


def _of_model(service: str, name: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each name of a member in the answers and requests of an operation, with its enumeration."""
    from botocore.exceptions import DataNotFoundError  # noqa: PLC0415  the SDK is imported only when it is used
    from botocore.model import OperationNotFoundError, ServiceModel  # noqa: PLC0415  the same

    try:
        operation = ServiceModel(_loader().load_service_model(service, "service-2"), service).operation_model(name)
    except (DataNotFoundError, OperationNotFoundError):
        return
    seen: set[tuple[str, str]] = set()
    for shape in (operation.output_shape, operation.input_shape, *operation.error_shapes):
        if shape is not None:
            yield from _of_shape(shape, "", seen)


def _of_shape(shape: Any, key: str, seen: set[tuple[str, str]]) -> Iterator[tuple[str, frozenset[str]]]:
    if (shape.name, key) in seen:
        return
    seen.add((shape.name, key))
    match shape.type_name:
        case "structure":
            for member_name, member in shape.members.items():
                sent_as = str(member.serialization.get("name", member_name)).rpartition(":")[2]
                for name in {member_name, sent_as}:
                    yield name, frozenset()
                    yield from _of_shape(member, name, seen)
        case "list":
            yield from _of_shape(shape.member, key, seen)
        case "map":
            # In XML each entry has these two elements, and in JSON the keys are the texts themselves.
            yield from _of_shape(shape.key, "key", seen)
            yield from _of_shape(shape.value, "value", seen)
            for constant in getattr(shape.key, "enum", ()):
                yield str(constant), frozenset()
        case "string" if shape.enum:
            yield key, frozenset(map(str, shape.enum))
        case _:
            return


@cache
def _loader() -> Any:
    from botocore.loaders import Loader  # noqa: PLC0415  the SDK is imported only when it is used

    return Loader()


@cache
def _services() -> frozenset[str]:
    names: list[str] = _loader().list_available_services("service-2")
    # What an ARN calls a service differs from the name of its client in a few cases.
    return frozenset({*names, "elasticloadbalancing", "execute-api", "monitoring", "tag"})


@cache
def _regions() -> frozenset[str]:
    import botocore.session  # noqa: PLC0415  the SDK is imported only when it is used

    session = botocore.session.Session()
    return frozenset(region for partition in _PARTITIONS for region in session.get_available_regions("ec2", partition))
