"""Every policy of the customer: the values of settings that were set explicitly, each with whom it applies to."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from collector.core.connectors import Listed
from collector.core.errors import Unexpected
from collector.core.resources import resource
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import POLICIES

LIST = "cloudidentity.policies.list"


class PolicyQuery(Struct, frozen=True, kw_only=True, rename="camel"):
    """To whom a policy applies."""

    query: str = ""  # empty or left out where no condition applies
    org_unit: str = ""  # a helper: empty where the query names no unit, or several
    group: str = ""  # a helper: "If no group applies, this will be the empty string"
    sort_order: float | None = None  # None: its place among the others is not known


class PolicySetting(Struct, frozen=True, kw_only=True):
    """The setting with its value, whose fields are those of the type."""

    type: str
    value: dict[str, Any]


@resource(
    "googleworkspace.policy.setting",
    key="name",
    redact=(
        # Conditions of DLP rules and detectors quote what is looked for.
        "setting.value.condition",
        "setting.value.wordList",
        "setting.value.regularExpression",
        # Addresses of people inside and outside the company.
        "setting.value.action.alertCenterAction.recipients",
        "setting.value.emailAddressList",
        "setting.value.blockedSenders",
        "setting.value.spamOverride",
    ),
)
class Policy(Struct, frozen=True, kw_only=True):
    """A policy: https://docs.cloud.google.com/identity/docs/reference/rest/v1/policies."""

    name: str
    setting: PolicySetting
    query: PolicyQuery = field(name="policyQuery")
    origin: str = field(name="type")  # SYSTEM: Google's own; ADMIN: set by an administrator

    @property
    def type(self) -> str:
        """The type of its setting, without the prefix that all have."""
        return self.setting.type.removeprefix("settings/")

    @property
    def value(self) -> dict[str, Any]:
        """The fields that it sets."""
        return self.setting.value

    @property
    def is_admins(self) -> bool:
        """Whether an administrator has set it."""
        return self.origin == "ADMIN"


@googleworkspace.collects(Policy, at="customer", call=LIST, permissions=POLICIES)
def policies(client: Workspace) -> Listed:
    # One list without a filter: the API takes about one request a second.
    for body in client.pages(LIST, key="policies", never_empty=True, pageSize=100):
        if body.get("customer") != f"customers/{client.customer}":
            raise Unexpected(f"a policy belongs to {body.get('customer')}, not to customers/{client.customer}")
        yield body
