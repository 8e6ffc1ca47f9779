"""The policies of annexd's role within the limits of IAM, and who may enter it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from collector.core.errors import ConfigError
from connectors.aws.permissions import DENIALS, MAX_POLICY_LENGTH

MAX_POLICIES = 10
"""Managed policies that IAM attaches to a role, where nobody asked AWS for more.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

_ENTER = "AnnexdEntersAccounts"


class ManagedPolicy(Struct, frozen=True):
    """A managed policy of the role. `name` is its last part: what is before it, the name of the role, is the role's."""

    name: str
    document: Mapping[str, Any]


def length(document: Mapping[str, Any]) -> int:
    """Return the characters of a policy as IAM counts them: without white space."""
    return len(json.dumps(document, separators=(",", ":")))


def role_policies(actions: Iterable[str], enters: str | None = None) -> tuple[ManagedPolicy, ...]:
    """Return the policies of a role that may do these actions on every resource, and never what DENIALS deny.

    With `enters`, the ARN of roles, it may also assume these. Each is as long as IAM takes it, and a denial of its own
    binds them all. Raises ConfigError where these are more than IAM attaches to a role.
    """
    statements = [_reads(part) for part in _parts(sorted(set(actions)))]
    policies = [
        ManagedPolicy(f"reads-{number}", _policy(statement)) for number, statement in enumerate(statements, start=1)
    ]
    if enters is not None:
        statement = {"Sid": _ENTER, "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": enters}
        policies.append(ManagedPolicy("enters-accounts", _policy(statement)))
    policies.append(ManagedPolicy("never-reads-data", _policy(*DENIALS)))
    if len(policies) > MAX_POLICIES:
        raise ConfigError(
            f"the role would need {len(policies)} managed policies, and IAM attaches {MAX_POLICIES} to a role",
            mend="disable checks that you do not need, or ask AWS for a higher quota of managed policies per role",
        )
    return tuple(policies)


def trust_policy(trusted: object, external_id: object | None) -> dict[str, Any]:
    """Return who may enter the role: one identity, with an external id where that is given.

    Both are a text, or whatever stands for one in a form: a parameter of CloudFormation, an expression of Terraform.
    """
    statement: dict[str, Any] = {
        "Sid": "AnnexdEnters",
        "Effect": "Allow",
        "Principal": {"AWS": trusted},
        "Action": "sts:AssumeRole",
    }
    if external_id is not None:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return _policy(statement)


def _parts(actions: Sequence[str]) -> list[list[str]]:
    """Return the actions in order, in as few lists as fit a policy each."""
    parts: list[list[str]] = [[]]
    for action in actions:
        if parts[-1] and length(_policy(_reads([*parts[-1], action]))) > MAX_POLICY_LENGTH:
            parts.append([])
        parts[-1].append(action)
    return parts if parts[0] else []


def _reads(actions: Sequence[str]) -> dict[str, Any]:
    return {"Sid": "AnnexdReadsConfiguration", "Effect": "Allow", "Action": list(actions), "Resource": "*"}


def _policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
