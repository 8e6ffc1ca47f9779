"""The made-up company at Google Workspace: what a scan is expected to say of it, and that Google could answer so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from collector.core.secrets import Secret
from collector.demo.googleworkspace.company import seed
from collector.setup.loading import LoadedConnector
from connectors.googleworkspace._sdk.settings import Settings
from tests.connectors.googleworkspace.double import Double
from tests.sweep.scanning import scan


def test_a_scan_of_the_company_says_what_is_expected(loaded: LoadedConnector, tmp_path: Path) -> None:
    """With the double of the tests, which holds each answer against Google's descriptions."""
    double = Double(now=lambda: datetime.now(UTC))
    acme = seed(double)
    settings = Settings(
        customer=acme.customer,
        admin=acme.admin,
        credentials=Secret("the demo", lambda: acme.key),
        endpoints=acme.endpoints,
    )
    with double.serving():
        verdicts = scan(loaded, settings, tmp_path).verdicts

    found = {(check, subject): said.status.value for (check, _, subject), said in verdicts.items()}
    assert {one: found.get((one.check, one.subject)) for one in acme.expected} == {
        one: one.outcome for one in acme.expected
    }
