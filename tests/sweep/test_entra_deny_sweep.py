"""Take each permission of a tenant away in turn: nothing may change but to unknown, and the reason names the right.

The same for licences: a tenant without P1 or P2 gets nothing but unknown where it had a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from collector.contract.clock import SettableClock
from collector.core.checks import Status
from collector.setup.loading import connector
from connectors.entra._sdk import calls
from tests.connectors.entra.estate import estate
from tests.connectors.entra.played import PlayedTenant, denied, error, settings, token, unlicensed
from tests.sweep.comparing import assert_only_towards_unknown, lost
from tests.sweep.scanning import Scanned, scan

ENTRA = connector("entra")
PERMISSIONS = sorted({name for terms in calls.TERMS.values() for name in terms.permissions})
LICENCES = sorted({terms.licence for terms in calls.TERMS.values() if terms.licence})

# Evidence that is kept for people: no verdict touches it.
UNTOUCHED = {"Directory.Read.All"}


def no_p2() -> httpx.Response:
    """Return what Graph says where the tenant lacks P2."""
    return error(400, "AadPremiumLicenseRequired", "The tenant needs an AAD Premium 2 license.")


@dataclass(frozen=True)
class Swept:
    """The made-up tenant, from which a test takes rights away."""

    tenant: PlayedTenant
    folder: Path

    def without(self, refused: set[str], answer: Callable[[], httpx.Response], *lacking: str) -> Scanned:
        """Scan with these calls refused, by a token that lacks some permissions."""
        with self._refusing(refused, answer, lacking):
            return scan(ENTRA, settings(), self.folder, clocks=lambda: SettableClock(tick=0.001))

    @contextmanager
    def _refusing(
        self, refused: set[str], answer: Callable[[], httpx.Response], lacking: tuple[str, ...]
    ) -> Iterator[None]:
        held = [name for name in PERMISSIONS if name not in lacking and "/" not in name]
        self.tenant.token = token(roles=held)
        self.tenant.wrong = {call: lambda _request, _own: answer() for call in refused}
        try:
            yield
        finally:
            self.tenant.wrong = {}


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swept]:
    """The tenant, furnished once."""
    with PlayedTenant(estate()).running() as tenant:
        yield Swept(tenant, tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def base(swept: Swept) -> Scanned:
    """What is seen with every right; scanned once."""
    return swept.without(set(), denied)


def test_the_estate_has_good_and_bad(base: Scanned) -> None:
    """A sweep over an estate where nothing can be lost would prove nothing."""
    statuses = {status: sum(verdict.status is status for verdict in base.verdicts.values()) for status in Status}

    assert statuses[Status.PASS] > 30
    assert statuses[Status.FAIL] > 15
    assert {check for check, _, _ in base.verdicts} == set(ENTRA.checks)


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_a_permission_taken_away_only_makes_unknown(permission: str, swept: Swept, base: Scanned) -> None:
    """Each call that needs it is refused, as Graph does where the token does not have it."""
    refused = {call for call, terms in calls.TERMS.items() if permission in terms.permissions}

    limited = swept.without(refused, denied, permission)
    assert_only_towards_unknown(base, limited)
    gone = list(lost(base, limited))
    assert bool(gone) is (permission not in UNTOUCHED), f"who noticed that {permission} is missing: {gone}"
    assert [where for where in gone if permission not in limited.verdicts[where].reason] == []


@pytest.mark.parametrize("licence", LICENCES)
@pytest.mark.parametrize("answer", [unlicensed, no_p2], ids=["403", "400"])
def test_a_licence_that_is_missing_only_makes_unknown(
    licence: str, answer: Callable[[], httpx.Response], swept: Swept, base: Scanned
) -> None:
    """And the reason says which one is needed."""
    limited = swept.without({call for call, terms in calls.TERMS.items() if terms.licence == licence}, answer)

    assert_only_towards_unknown(base, limited)
    gone = list(lost(base, limited))
    assert gone
    assert [where for where in gone if licence not in limited.verdicts[where].reason] == []


@pytest.mark.deep
@pytest.mark.parametrize("call", [*calls.TERMS, calls.DNS])
def test_a_refused_call_only_makes_unknown(call: str, swept: Swept, base: Scanned) -> None:
    """A permission that opens several calls may be missing for one of them."""
    assert_only_towards_unknown(base, swept.without({call}, denied))
