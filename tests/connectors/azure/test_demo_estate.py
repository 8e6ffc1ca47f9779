"""The demo's company at Azure: every list is answered, and what was forgotten there is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.core.secrets import Secret
from collector.core.tasks import Outcome
from collector.demo.azure.company import SUBSCRIPTION, TENANT, platform
from collector.setup.loading import LoadedConnector
from connectors._http import answered_by
from connectors.azure._sdk.settings import Settings
from tests.played.clock import START, PlayedClock
from tests.sweep.scanning import Scanned, scan


@pytest.fixture
def scanned(loaded: LoadedConnector, tmp_path: Path) -> Scanned:
    """The company, scanned once."""
    acme = platform(lambda: START, START)
    arm, graph = (acme.variables[name] for name in ("ACME_AZURE_TOKEN", "ACME_GRAPH_TOKEN"))
    settings = Settings(
        tenant=TENANT,
        access_token=Secret("the demo", lambda: arm),
        graph_access_token=Secret("the demo", lambda: graph),
    )
    with answered_by(acme.answer, *acme.bases):
        return scan(loaded, settings, tmp_path, clocks=PlayedClock)


def test_everything_is_answered(scanned: Scanned, loaded: LoadedConnector) -> None:
    """A list that the demo forgets would be unknown in front of everybody."""
    ends = {seen.observation.task.collection: seen.observation.outcome for seen in scanned.seen}

    assert ends == dict.fromkeys(loaded.connector.collections, Outcome.COMPLETE)


@pytest.mark.parametrize(
    "check",
    [
        "azure_authorization_guests_not_privileged",
        "azure_storage_account_no_public_blob",
        "azure_network_nsg_no_admin_ports_open",
        "azure_keyvault_objects_expire",
        "azure_vm_backup_enabled",
    ],
)
def test_what_was_forgotten_is_found(check: str, scanned: Scanned) -> None:
    """The guest of a partner, an account of files, a rule for everybody, a key without an end, a bare machine."""
    assert "fail" in {said.status.value for (id_, _, _), said in scanned.verdicts.items() if id_ == check}
    assert SUBSCRIPTION in {part for _, scope, _ in scanned.verdicts for part in scope}
