"""The demo's company at Google Cloud: every list is answered as Google describes it, and the bucket is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from collector.core.secrets import Secret
from collector.core.tasks import Outcome
from collector.demo.gcp.company import PROJECT, VARIABLE, platform
from collector.setup.loading import LoadedConnector
from connectors._http import answered_by
from connectors.gcp._sdk.settings import Settings
from tests.connectors.gcp.played import PlayedGoogle
from tests.connectors.google.described import differences
from tests.played.clock import START, PlayedClock
from tests.sweep.scanning import Scanned, scan

_USED = {"gcp.bigquery.dataset", "gcp.compute.instance", "gcp.iam.service_account", "gcp.run.service"}


@pytest.fixture
def scanned(loaded: LoadedConnector, tmp_path: Path) -> Scanned:
    """The company, scanned once; each answer is held against Google's description of it."""
    acme = platform(lambda: START, START)
    settings = Settings(projects=(PROJECT,), credentials=Secret("the demo", lambda: acme.variables[VARIABLE]))
    with answered_by(_held(acme.answer), *acme.bases):
        return scan(loaded, settings, tmp_path, clocks=PlayedClock)


def _held(answer: Callable[[httpx.Request], httpx.Response]) -> Callable[[httpx.Request], httpx.Response]:
    routes = PlayedGoogle()

    def held(request: httpx.Request) -> httpx.Response:
        found = answer(request)
        if request.url.path != "/token" and found.is_success:
            operation, _ = routes.route(request)
            assert differences(operation, found.json()) == [], operation.id
        return found

    return held


def test_everything_is_answered(scanned: Scanned) -> None:
    """A list that the demo forgets would be unknown in front of everybody; of an API that is off there is none."""
    ends = {seen.observation.task.collection: seen.observation.outcome for seen in scanned.seen}

    assert set(ends.values()) == {Outcome.COMPLETE, Outcome.SKIPPED}
    assert {ends[name] for name in _USED} == {Outcome.COMPLETE}
    assert ends["gcp.gke.cluster"] is Outcome.SKIPPED


@pytest.mark.parametrize(
    "check",
    [
        "gcp_storage_bucket_not_public",
        "gcp_iam_service_account_key_rotated",
        "gcp_compute_firewall_no_admin_ports_open",
        "gcp_logging_bucket_retention",
        "gcp_secretmanager_secret_rotated",
    ],
)
def test_some_is_done_well_and_some_badly(check: str, scanned: Scanned) -> None:
    """An export for everybody, an old key, the default network, short logs, an old password; beside each a good one."""
    assert {"pass", "fail"} <= {said.status.value for (id_, _, _), said in scanned.verdicts.items() if id_ == check}


def test_the_bucket_becomes_public_thirty_days_before_the_end() -> None:
    """By the demo's clock, and not before."""
    moment = START - timedelta(days=31)
    acme = platform(lambda: moment, START)
    request = httpx.Request("GET", f"https://storage.googleapis.com/storage/v1/b/{PROJECT}-exports/iam")

    before = acme.answer(request).text
    moment = START - timedelta(days=30)

    assert "allAuthenticatedUsers" not in before
    assert "allAuthenticatedUsers" in acme.answer(request).text


def test_the_key_is_of_nobody() -> None:
    """It is made in the process, and asks for its tokens where the demo answers."""
    acme = platform(lambda: START, START)
    key = json.loads(acme.variables[VARIABLE])

    assert key["client_email"] == f"annexd@{PROJECT}.iam.gserviceaccount.com"
    assert any(key["token_uri"].startswith(f"{base}/") for base in acme.bases)
