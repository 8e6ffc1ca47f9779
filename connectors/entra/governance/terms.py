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
from connectors.entra.sign_in.conditions import CLIENTS, LEGACY_CLIENTS
from connectors.entra.sign_in.coverage import Signing, coverage
from connectors.entra.sign_in.effective import EVERYBODY, Who, enforced, leaves_somebody_out

_ASKING = tuple(client for client in CLIENTS if client not in LEGACY_CLIENTS)
"""The clients that can show somebody a text."""

_SPAN = re.compile(r"P(\d+)([DWMY])")
_DAYS = {"D": 1, "W": 7, "M": 365 / 12, "Y": 365}


class Expiration(Struct, frozen=True, kw_only=True):
    """When the acceptance of everybody ends at once."""

    frequency: str | None  # such as P365D; null: it ends once


@resource("entra.governance.terms_of_use", key="id")
class Agreement(Struct, frozen=True, kw_only=True, rename="camel"):
    """A text that people accept."""

    id: str
    display_name: str
    user_reaccept_required_frequency: str | None  # such as P90D, by each person; null: not so
    terms_expiration: Expiration | None = None  # null: acceptances do not end together


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
        known[name].display_name: _days(known[name])
        for rule in rules
        if rule.policy.grant_controls is not None
        for name in rule.policy.grant_controls.terms_of_use
        if name in known
    }
    if not any(days is not None and days <= longest_days for days in spans.values()):
        return failed(f"{', '.join(sorted(spans))}: acceptance is not repeated every {longest_days} days")
    whole = [rule for rule in rules if not leaves_somebody_out([rule])]
    found = coverage(whole, [Who("all users")], frozenset(), Signing(clients=_ASKING))
    if found.missing.number or found.undecided.number:
        return unknown("terms of use are demanded of all users but for exclusions and conditions")
    return passed(f"all users accept {', '.join(sorted(spans))}")


def _days(agreement: Agreement) -> float | None:
    """Return after how many days acceptance is repeated; None where it is not, or in words that cannot be read."""
    expiration = agreement.terms_expiration
    texts = (agreement.user_reaccept_required_frequency, None if expiration is None else expiration.frequency)
    found = [_SPAN.fullmatch(text or "") for text in texts]
    return min((int(each[1]) * _DAYS[each[2]] for each in found if each is not None), default=None)
