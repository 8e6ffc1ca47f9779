"""A whole scan of the played organization."""

from __future__ import annotations

from pathlib import Path

from collector.core.checks import Status
from collector.core.tasks import Outcome
from collector.setup.loading import LoadedConnector
from tests.connectors.gcp import estate
from tests.connectors.gcp.played import PlayedGoogle
from tests.sweep.scanning import scan


def test_everything_is_read(loaded: LoadedConnector, tmp_path: Path) -> None:
    """Of both projects, and of none that is being deleted; each answer of the double is as Google describes it."""
    google = PlayedGoogle()
    estate.seed(google)

    with google.answering():
        scanned = scan(loaded, estate.settings(), tmp_path)

    assert {seen.observation.outcome for seen in scanned.seen} == {Outcome.COMPLETE}
    assert {seen.observation.task.scope for seen in scanned.seen} == {(), ("acme-prod",), ("acme-dev",)}
    verdicts = {where: said.status for where, said in scanned.verdicts.items()}
    assert verdicts["gcp_storage_bucket_not_public", ("acme-prod",), "acme-prod-web"] is Status.FAIL
    assert verdicts["gcp_storage_bucket_not_public", ("acme-prod",), "acme-prod-data"] is Status.PASS
    assert verdicts["gcp_iam_no_public_project_bindings", ("acme-prod",), "projects/acme-prod"] is Status.PASS
    # What acme-dev inherits from another organization is not read.
    assert verdicts["gcp_iam_no_public_project_bindings", ("acme-dev",), "projects/acme-dev"] is Status.UNKNOWN


def test_an_api_that_is_off_costs_no_call(loaded: LoadedConnector, tmp_path: Path) -> None:
    """By the project's own list; what exists although its API is off is asked for all the same."""
    google = PlayedGoogle()
    estate.seed(google)
    google.answers["serviceusage.services.list"] = []

    with google.answering():
        scanned = scan(loaded, estate.settings(), tmp_path)

    outcomes = {
        (seen.observation.task.collection, seen.observation.task.scope): seen.observation.outcome
        for seen in scanned.seen
    }
    assert outcomes["gcp.sql.instance", ("acme-prod",)] is Outcome.SKIPPED
    assert outcomes["gcp.storage.bucket", ("acme-prod",)] is Outcome.COMPLETE
    assert outcomes["gcp.apikeys.key", ("acme-prod",)] is Outcome.COMPLETE
    assert not any(call.startswith(("compute.", "sql.", "run.")) for call in google.asked)
