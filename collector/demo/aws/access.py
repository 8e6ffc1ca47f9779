"""Access on the AWS double: identity policies and role trust, with refusals in each service's own format.

moto enforces policies too, but answers for its JSON services in XML, which the SDK reads as code `403`. Supported are
Allow, Deny, NotAction and Resource; a statement with a Condition counts only in a role's trust, and there only with
sts:ExternalId.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import IAMBackend, Policy, iam_backends
from moto.sts.models import sts_backends

from collector.demo.aws.wire import Call, Reply, operation_model, refusal

Statement = Mapping[str, Any]

# The permissions that have another name than their operation.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_ACTIONS = {
    ("accessanalyzer", "ListFindingsV2"): "access-analyzer:ListFindings",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
    ("s3", "GetBucketReplication"): "s3:GetReplicationConfiguration",
    ("s3", "GetBucketNotificationConfiguration"): "s3:GetBucketNotification",
    ("s3", "GetBucketAccelerateConfiguration"): "s3:GetAccelerateConfiguration",
    ("s3", "GetObjectLockConfiguration"): "s3:GetBucketObjectLockConfiguration",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "ListObjects"): "s3:ListBucket",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "ListObjectVersions"): "s3:ListBucketVersions",
    ("s3", "ListDirectoryBuckets"): "s3express:ListAllMyDirectoryBuckets",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
}
# The prefixes of permissions that differ from the name of the service's model.
_PREFIXES = {
    "accessanalyzer": "access-analyzer",
    "efs": "elasticfilesystem",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tag",
    # Both generations of load balancers have one prefix.
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "s3control": "s3",
    "sso-admin": "sso",
}
# The actions of API Gateway are the methods of HTTP; all that is read here is Get and a noun.
_BY_METHOD = ("apigateway", "apigatewayv2")
DIRECTORY = "--x-s3"
"""How the names of directory buckets end."""
# Each service's own error for a refusal and for an unknown key; other services answer AccessDeniedException, 400.
_DENIED = {"ec2": ("UnauthorizedOperation", 403)} | dict.fromkeys(
    ("iam", "sts", "s3", "s3control", "rds", "elb", "elbv2", "cloudfront"), ("AccessDenied", 403)
)
_UNKNOWN_KEY = {
    "ec2": ("AuthFailure", 401),
    "iam": ("InvalidClientTokenId", 403),
    "sts": ("InvalidClientTokenId", 403),
    "rds": ("InvalidClientTokenId", 403),
    "elb": ("InvalidClientTokenId", 403),
    "elbv2": ("InvalidClientTokenId", 403),
    "cloudfront": ("InvalidClientTokenId", 403),
    "s3": ("InvalidAccessKeyId", 403),
    "s3control": ("InvalidAccessKeyId", 403),
}


@dataclass(frozen=True)
class Principal:
    """A user or an assumed role, with the statements of its policies."""

    arn: str
    account: str
    statements: tuple[Statement, ...]


def action_of(call: Call) -> str:
    """Return the IAM action that a call needs."""
    if call.service in _BY_METHOD:
        return f"apigateway:{call.operation[:3].upper()}"
    prefix = _PREFIXES.get(call.service, call.service)
    if str(call.params.get("Bucket", "")).endswith(DIRECTORY):
        prefix = "s3express"
    return _ACTIONS.get((call.service, call.operation), f"{prefix}:{call.operation}")


def caller(access_key: str) -> Principal | None:
    """Return the principal that an access key belongs to, None where it is unknown."""
    for account, partitions in list(iam_backends.items()):
        backend = partitions["aws"]
        if access_key not in backend.access_keys:
            continue
        for assumed in sts_backends[account]["aws"].assumed_roles:
            if assumed.access_key_id == access_key:
                role = assumed.role_arn.rpartition("/")[2]
                return Principal(assumed.arn, account, tuple(role_statements(backend, role)))
        user = backend.access_keys[access_key].user_name or ""
        return Principal(f"arn:aws:iam::{account}:user/{user}", account, tuple(user_statements(backend, user)))
    return None


def account_of(call: Call) -> str:
    """Return the number of the account that a call is about."""
    if call.account is not None:
        return call.account
    known = (
        account
        for account, partitions in list(iam_backends.items())
        if call.access_key in partitions["aws"].access_keys
    )
    return next(known, DEFAULT_ACCOUNT_ID)


def role_statements(backend: IAMBackend, name: str) -> Iterator[Statement]:
    """Yield the statements of a role's policies; none where the role does not exist."""
    role = next((role for role in backend.roles.values() if role.name == name), None)
    if role is not None:
        yield from _statements(role.policies.values())
        yield from _statements(_document(policy) for policy in role.managed_policies.values())


def user_statements(backend: IAMBackend, name: str) -> Iterator[Statement]:
    """Yield the statements of a user's policies, those of groups included."""
    user = backend.users[name]
    groups = backend.get_groups_for_user(name)
    yield from _statements(user.policies.values())
    yield from _statements(_document(policy) for policy in user.managed_policies.values())
    for group in groups:
        yield from _statements(group.policies.values())
        yield from _statements(_document(policy) for policy in group.managed_policies.values())


def _document(policy: Policy) -> str:
    return next(version.document for version in policy.versions if version.is_default)


def _statements(documents: Iterable[str]) -> Iterator[Statement]:
    for document in documents:
        yield from _statements_of(document)


@cache
def _statements_of(document: str) -> Sequence[Statement]:
    return tuple(_as_list(json.loads(document)["Statement"]))


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401  policies have an item or a list of items
    return value if isinstance(value, list) else [value]


def decision(statements: Iterable[Statement], action: str, resource: str) -> str:
    """Return IAM's decision as SimulatePrincipalPolicy names it: allowed, explicitDeny or implicitDeny."""
    effects = {
        statement["Effect"]
        for statement in statements
        if "Condition" not in statement
        and _covers(statement, action)
        and _matches(statement.get("Resource", "*"), resource)
    }
    if "Deny" in effects:
        return "explicitDeny"
    return "allowed" if "Allow" in effects else "implicitDeny"


def _covers(statement: Statement, action: str) -> bool:
    if "NotAction" in statement:
        return not _matches(statement["NotAction"], action, re.IGNORECASE)
    return _matches(statement["Action"], action, re.IGNORECASE)


def _matches(patterns: Any, value: str, flags: re.RegexFlag = re.NOFLAG) -> bool:  # noqa: ANN401  one pattern or a list
    """Whether a value matches a pattern with IAM's wildcards `*` and `?`; an unknown resource matches only `*`."""
    return _any_of(tuple(_as_list(patterns)), flags).fullmatch(value) is not None


@cache
def _any_of(patterns: tuple[str, ...], flags: re.RegexFlag) -> re.Pattern[str]:
    """Return one expression for all patterns, cached: AWS's own policies have a thousand, and each call is matched."""
    return re.compile(
        "|".join(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".") for pattern in patterns), flags
    )


def refusal_of(call: Call) -> Reply | None:
    """Return the refusal of a call, None where it is permitted."""
    principal = caller(call.access_key)
    if principal is None:
        code, status = _UNKNOWN_KEY.get(call.service, ("UnrecognizedClientException", 400))
        return refusal(call.service, code, "The security token included in the request is invalid.", status=status)
    action = action_of(call)
    if action == "sts:GetCallerIdentity":  # needs no permission, and cannot be denied
        return None
    resource = _resource(call)
    permitted = decision(principal.statements, action, resource) == "allowed"
    if permitted and (action != "sts:AssumeRole" or _trusts(resource, principal, call.params.get("ExternalId"))):
        return None
    return denied(call.service, f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource}")


def denied(service: str, message: str) -> Reply:
    """Return a refusal in the format of a service."""
    code, status = _DENIED.get(service, ("AccessDeniedException", 403 if service in ("account", "eks") else 400))
    return refusal(service, code, message, status=status)


def _resource(call: Call) -> str:
    if call.service == "s3" and "Bucket" in call.params:
        return f"arn:aws:s3:::{call.params['Bucket']}"
    if call.service in _BY_METHOD:
        return f"arn:aws:apigateway:{call.region}::{_api_path(call.service, call.operation)}"
    return str(call.params.get("RoleArn", "*"))


@cache
def _api_path(service: str, operation: str) -> str:
    """Return the path by which policies tell one operation of API Gateway from another, with a made-up id."""
    path = str(operation_model(service, operation).http["requestUri"]).removeprefix("/v2")
    return re.sub(r"\{[^}]*\}", "a1b2c3", path)


def _trusts(role_arn: str, principal: Principal, external_id: str | None) -> bool:
    """Whether the role exists and its trust policy allows this principal."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    role = next((role for role in iam_backends[account]["aws"].roles.values() if role.name == name), None)
    if role is None:
        return False
    accepted = {
        "*",
        principal.account,
        principal.arn,
        f"arn:aws:iam::{principal.account}:root",
        _role_of(principal.arn),
    }
    for statement in _statements([role.assume_role_policy_document]):
        wanted = statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId")
        principals = statement["Principal"]
        trusted = {"*"} if principals == "*" else set(_as_list(principals.get("AWS", [])))
        if statement["Effect"] == "Allow" and trusted & accepted and wanted in (None, external_id):
            return True
    return False


def _role_of(arn: str) -> str:
    """Return the ARN of the role behind an assumed-role ARN, as trust policies name it; any other ARN unchanged."""
    parts = re.fullmatch(r"arn:aws:sts::(\d+):assumed-role/([^/]+)/.*", arn)
    return arn if parts is None else f"arn:aws:iam::{parts[1]}:role/{parts[2]}"
