"""EventBridge: rules of the default bus, which gets the events of AWS's services. Where they send to is not read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws


@resource("aws.events.rule", key="Name")
class Rule(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A rule of the default bus."""

    name: str
    state: str
    event_pattern: str | None = None  # None: it goes by the clock
    managed_by: str | None = None  # None: the company's own, and not one of a service of AWS

    def may_take(self, known: Mapping[str, str]) -> bool:
        """Whether a rule of the company that is on may take an event, of which fields are known by dotted path.

        A list of values without that of the event says no; anything else that a pattern may ask for is left open.
        """
        if self.state == "DISABLED" or self.managed_by or not self.event_pattern:
            return False
        try:
            pattern = json.loads(self.event_pattern)
        except ValueError:
            return True
        return all(_may_be(_at(pattern, path), value) for path, value in known.items())


def _at(pattern: Any, path: str) -> Any:
    for name in path.split("."):
        pattern = pattern.get(name) if isinstance(pattern, dict) else None
    return pattern


def _may_be(asked: Any, value: str) -> bool:
    if not isinstance(asked, list):
        return True
    return value in asked or not all(isinstance(each, str) for each in asked)


@aws.collects(Rule, at="region", call="events:ListRules", permissions="events:ListRules")
def rules(account: Account) -> Iterator[Body]:
    for rule in account.pages("events", "ListRules", "Rules"):
        yield only(rule, "Name", "Arn", "State", "EventPattern", "ScheduleExpression", "ManagedBy", "EventBusName")
