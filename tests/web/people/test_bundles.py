"""The bundle of exactly one audit: who may have it, what is in it, and what the log says of it."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from collector.bundle.verifying.bundle import verify_bundle
from collector.core.errors import StoreError, UsageError
from collector.core.identities import Identity, Role
from collector.web.acts.bundle_jobs import BundleJobs
from tests.web.people.conftest import ANN, EVE, INTERNAL, MAURER, web_config

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.people.conftest import House

WHO = Identity(issuer="i", subject="s", name="n", role=Role.ADMIN)


def test_an_auditor_is_given_the_bundle_of_their_audit(house: House, tmp_path: Path) -> None:
    """Its period, its framework versions and its requests; the log says who asked, before it was made."""
    auditor, other = house.sign_in(MAURER), house.sign_in(INTERNAL)
    house.post(auditor, "/requests", text="List of leavers")
    house.post(other, "/requests", text="Report of the penetration test")
    made = house.post(auditor, "/bundles", audit="surveillance-2026")
    given = auditor.get("/bundles/surveillance-2026")
    path = tmp_path / "bundle.zip"
    path.write_bytes(given.content)
    store: Any = house.site.app.stores[0]  # type: ignore[attr-defined]  # of the played app

    report = verify_bundle(path, key=store.checkpoints.key())
    acts = [entry.fact for entry in store.log(kinds=("operator_act",)) if entry.fact["act"] == "export"]

    assert (made.status_code, given.status_code) == (303, 200)
    assert (report.start[:10], report.recipient, report.hidden) == (
        "2026-01-01",
        "the auditors of surveillance-2026: Surveillance audit 2026",
        1,
    )
    assert (acts[-1]["about"]["frameworks"], acts[-1]["about"]["audits"]) == (
        '["played:1"]',
        '["surveillance-2026"]',
    )
    assert "H. Maurer (hm at " in acts[-1]["about"]["purpose"]
    assert [other.get(f"/bundles/{audit}").status_code for audit in ("surveillance-2026", "internal-2026")] == [404] * 2
    assert house.post(other, "/bundles", audit="surveillance-2026").status_code == 400
    assert house.sign_in(EVE).get("/bundles/surveillance-2026").content == given.content
    assert house.sign_in(ANN).get("/bundles").status_code == 403


def test_one_bundle_is_made_at_a_time(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each proves the whole store."""
    go, jobs, audits = Event(), BundleJobs(house.site), web_config(tmp_path).audits
    monkeypatch.setattr("collector.web.acts.bundle_jobs.export", lambda *_: go.wait())

    begun = jobs.ask(audits[0], WHO)
    with pytest.raises(UsageError):
        jobs.ask(audits[1], WHO)
    assert (jobs.last(audits[0].id), jobs.made(audits[0].id)) == (begun, None)
    go.set()
    begun.ended.wait()
    assert jobs.made(audits[0].id) is begun
    assert jobs.ask(audits[1], WHO).ended.wait()


@pytest.mark.parametrize(
    ("error", "said"), [(StoreError("the disk is full"), "the disk is full"), (ValueError("secret"), "in the log")]
)
def test_a_bundle_that_was_not_made_is_none_of_before(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    """The page says that it failed, and the one of before is of before."""

    def fail(*_: object) -> None:
        raise error

    auditor = house.sign_in(MAURER)
    monkeypatch.setattr("collector.web.acts.bundle_jobs.export", fail)
    house.post(auditor, "/bundles", audit="surveillance-2026")
    page = auditor.get("/bundles").text

    assert (said in page, "secret" in page, "Download" in page) == (True, False, False)
    assert auditor.get("/bundles/surveillance-2026").status_code == 404
