"""Take each declared permission away in turn: nothing may change but to unknown, and the reason names the right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.core.checks import Status
from collector.setup.loading import connector
from connectors.azure._sdk.settings import GRAPH, Settings
from tests.connectors.azure.double import AzureDouble, Wrong, error, refused, settings
from tests.connectors.azure.estate import FIRST, seed
from tests.played.clock import PlayedClock
from tests.sweep.comparing import assert_only_towards_unknown, lost
from tests.sweep.scanning import Scanned, scan

AZURE = connector("azure")

# Evidence that is kept for people, and the ways that only the reason of a fail names: no verdict rests on it.
UNTOUCHED = {
    "Microsoft.Insights/eventtypes/values/read",
    "Microsoft.Management/managementGroups/read", "Microsoft.Management/managementGroups/subscriptions/read",
    "Microsoft.Network/loadBalancers/read", "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Network/publicIPAddresses/read", "Microsoft.Security/jitNetworkAccessPolicies/read",
}  # fmt: skip


def declared() -> dict[str, set[str]]:
    """Return the calls that each permission opens, by the declarations."""
    found: dict[str, set[str]] = {}
    for kind, collection in AZURE.connector.collections.items():
        for needs, calls in [
            (collection.permissions, collection.calls),
            *((part.permissions, part.calls) for part in AZURE.connector.parts.get(kind, [])),
        ]:
            # Where there are as many of both, each call has its own; otherwise one permission opens all.
            pairs = zip(needs, calls, strict=True) if len(needs) == len(calls) else ((needs[0], call) for call in calls)
            for need, call in pairs:
                found.setdefault(need, set()).add(call)
    return found


DECLARED = declared()


def _refusal(call: str, permission: str) -> Wrong:
    if call.partition(" ")[2].startswith(GRAPH):
        return lambda _request, _data: error(403, "Authorization_RequestDenied", "Insufficient privileges.")
    return lambda _request, _data: refused(permission)


@dataclass(frozen=True)
class Swept:
    """The tenant, from which a test takes rights away."""

    double: AzureDouble
    settings: Settings
    folder: Path

    def without(self, *permissions: str) -> Scanned:
        """Scan with the calls of these permissions refused."""
        calls = {call: permission for permission in permissions for call in DECLARED[permission]}
        self.double.wrong = {call: _refusal(call, permission) for call, permission in calls.items()}
        try:
            return scan(AZURE, self.settings, self.folder, clocks=PlayedClock)
        finally:
            self.double.wrong = {}


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swept]:
    """The tenant, with one subscription so that each scan is short."""
    double = AzureDouble(calls=AZURE.connector.calls())
    seed(double)
    with double.answering():
        yield Swept(double, settings(subscriptions=(FIRST,)), tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def base(swept: Swept) -> Scanned:
    """What is seen with every right; scanned once."""
    return swept.without()


def test_the_estate_has_good_and_bad(base: Scanned) -> None:
    """A sweep over an estate where nothing can be lost would prove nothing."""
    statuses = {status: sum(verdict.status is status for verdict in base.verdicts.values()) for status in Status}

    assert statuses[Status.PASS] > 20
    assert statuses[Status.FAIL] > 10
    assert {check for check, _, _ in base.verdicts} == set(AZURE.checks)


@pytest.mark.parametrize("permission", sorted(DECLARED))
def test_a_permission_taken_away_only_makes_unknown(permission: str, swept: Swept, base: Scanned) -> None:
    """And whoever reads the reason knows what to grant."""
    limited_view = swept.without(permission)

    assert_only_towards_unknown(base, limited_view)
    gone = list(lost(base, limited_view))
    assert bool(gone) is (permission not in UNTOUCHED), f"who noticed that {permission} is missing: {gone}"
    assert [where for where in gone if permission not in limited_view.verdicts[where].reason] == []


def test_nothing_passes_without_any_right(swept: Swept) -> None:
    """Everything is unknown, and nothing is a clean bill."""
    blind = swept.without(*DECLARED)

    assert {verdict.status for verdict in blind.verdicts.values()} <= {Status.UNKNOWN}
    assert blind.verdicts


def test_a_subscription_that_may_use_nothing_is_not_clean(swept: Swept, base: Scanned) -> None:
    """Some kinds of subscription refuse every provider: they are not assessed."""

    def no(_request: httpx.Request, _data: Any) -> httpx.Response:
        return error(
            403, "DisallowedOperation", "The current subscription type is not permitted to perform operations."
        )

    swept.double.wrong = {call: no for call in AZURE.connector.calls() if "/providers/" in call}
    try:
        found = scan(AZURE, swept.settings, swept.folder, clocks=PlayedClock)
    finally:
        swept.double.wrong = {}

    assert_only_towards_unknown(base, found)
