"""Assignments of policies that hold for a subscription, and Azure's own summary of what complies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.errors import Unexpected
from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS
from connectors.azure._sdk.operations import operation

ASSIGNMENTS = operation(
    "GET /subscriptions/{subscription}/providers/Microsoft.Authorization/policyAssignments", "2022-06-01"
)
SUMMARY = operation(
    "POST /subscriptions/{subscription}/providers/Microsoft.PolicyInsights/policyStates/latest/summarize",
    "2019-10-01",
)

SUMMARIZE = "Microsoft.PolicyInsights/policyStates/summarize/action"
"""The one operation that is not in Reader: it is sent by POST, and changes nothing."""


class Value(Struct, frozen=True, kw_only=True):
    """What a parameter is set to."""

    value: Any = None


class AssignmentProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is assigned, where, and whether it is enforced."""

    policy_definition_id: str
    scope: str
    enforcement_mode: str = "Default"  # Default, DoNotEnforce; Default where left out, by the specification
    not_scopes: tuple[str, ...] | None = None
    parameters: dict[str, Value] | None = None
    resource_selectors: tuple[Any, ...] | None = None  # from 2022-06-01 on: for which resources only
    overrides: tuple[Any, ...] | None = None  # as above: what a definition does, in place of what it says


@resource(
    "azure.policy.assignment",
    key="id",
    redact=(*MAKERS, "properties.metadata.createdBy", "properties.metadata.updatedBy"),
)
class PolicyAssignment(Struct, frozen=True, kw_only=True):
    """A policy or initiative that holds for the subscription, or for something in it; inherited ones too."""

    id: str
    name: str
    properties: AssignmentProperties

    def assigns(self, definitions: tuple[str, ...]) -> bool:
        """Whether one of some definitions is assigned, each named by the last word of its id or by the whole."""
        own = self.properties.policy_definition_id.lower()
        return any(own == name.lower() or own.rpartition("/")[2] == name.lower() for name in definitions)


@azure.collects(
    PolicyAssignment,
    at="subscription",
    call=ASSIGNMENTS,
    permissions="Microsoft.Authorization/policyAssignments/read",
)
def assignments(subscription: Azure) -> Iterator[Body]:
    """Without a filter Azure lists those of management groups above and of what is below as well."""
    return subscription.pages(ASSIGNMENTS)


class Counted(Struct, frozen=True, kw_only=True, rename="camel"):
    """How many resources are in a state."""

    compliance_state: str  # compliant, noncompliant, conflict, exempt, unknown, ...
    count: int


class Results(Struct, frozen=True, kw_only=True, rename="camel"):
    """Resources by state."""

    resource_details: tuple[Counted, ...]


@resource("azure.policy.state")
class PolicyState(Struct, frozen=True, kw_only=True, rename="camel"):
    """Azure's summary of the subscription."""

    results: Results
    policy_assignments: tuple[Any, ...] = ()


@azure.collects(PolicyState, at="subscription", call=SUMMARY, permissions=SUMMARIZE)
def summary(subscription: Azure) -> Iterator[Body]:
    """One object, in a list; its addresses name the moment, and are left out."""
    answer = subscription.post(SUMMARY, body={})
    value = answer.get("value")
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict) or "results" not in value[0]:
        raise Unexpected(f"{SUMMARY} was answered without one summary")
    yield _without_addresses(value[0])


def _without_addresses(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _without_addresses(value) for key, value in found.items() if key != "queryResultsUri"}
    return [_without_addresses(each) for each in found] if isinstance(found, list) else found
