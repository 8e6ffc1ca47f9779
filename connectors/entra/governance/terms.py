"""Terms of use that people accept when they sign in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import TERMS_OF_USE, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra
from connectors.entra.sign_in.conditional_access import Policy
from connectors.entra.sign_in.effective import EVERYBODY, enforced, leaves_somebody_out

_DAYS = re.compile(r"P(\d+)D")


@resource("entra.governance.terms_of_use", key="id")
class Agreement(Struct, frozen=True, kw_only=True, rename="camel"):
    """A text that people accept."""

    id: str
    display_name: str
    user_reaccept_required_frequency: str | None  # such as P90D; null: accepted once


@entra.collects(Agreement, at="tenant", call=TERMS_OF_USE, permissions=permissions(TERMS_OF_USE))
def agreements(client: Graph) -> Iterator[Body]:
    return client.pages(TERMS_OF_USE, lambda graph: graph.identity_governance.terms_of_use.agreements)


@check(
    "entra_terms_of_use_accepted",
    title="Users accept the acceptable-use terms",
    severity="low",
    fix="Demand acceptance of the terms of use of all users by a policy, and have it repeated every year",
)
def terms_accepted(agreements: All[Agreement], policies: All[Policy], *, longest_days: int = 365) -> Verdict:
    known = {agreement.id: agreement for agreement in agreements}
    rules = [
        rule
        for rule in enforced(policies)
        if (grant := rule.policy.grant_controls) is not None
        and set(grant.terms_of_use) & known.keys()
        and EVERYBODY in rule.users.include_users
        and (grant.operator == "AND" or not (grant.built_in_controls or grant.authentication_strength))
    ]
    if not rules:
        return failed("no enforced policy demands of all users that they accept terms of use")
    spans = {
        known[name].display_name: _days(known[name].user_reaccept_required_frequency)
        for rule in rules
        if rule.policy.grant_controls is not None
        for name in rule.policy.grant_controls.terms_of_use
        if name in known
    }
    if not any(days is not None and days <= longest_days for days in spans.values()):
        return failed(f"{', '.join(sorted(spans))}: acceptance is not repeated every {longest_days} days")
    if all(rule.conditions.narrowed_by or leaves_somebody_out([rule]) for rule in rules):
        return unknown("terms of use are demanded of all users but for exclusions and conditions")
    return passed(f"all users accept {', '.join(sorted(spans))}")


def _days(text: str | None) -> int | None:
    found = _DAYS.fullmatch(text or "")
    return int(found[1]) if found is not None else None
