"""Acts go through the one writer of the store, also while a run holds the right to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.actions.audit_requests import AuditRequestDraft, record_act
from collector.core.facts import OperatorAct
from collector.core.identities import Identity, Role
from collector.report.company.audit_request_views import request_threads
from collector.setup.app import open_app
from collector.web.acts.writing import acting
from collector.web.site import Site
from storage.verification import VerificationRequest, verify

if TYPE_CHECKING:
    from pathlib import Path

MAURER = Identity(issuer="i", subject="hm", name="H. Maurer", role=Role.AUDITOR, audit="a")


def test_an_act_is_recorded_and_signed_beside_a_run(tmp_path: Path) -> None:
    """The run goes on afterwards, the act stands between its entries, and all of it holds."""
    (tmp_path / "config.toml").write_text("")
    app = open_app(tmp_path / "config.toml")
    site = Site(app)
    with app.open_store(writer=True) as run:
        fact = OperatorAct(at=run.now(), by="ann", host="h", act="test", about={})
        run.write([fact])
        with acting(site) as store:
            record_act(store, AuditRequestDraft(verb="ask", audit="a", text="Who reads it?"), MAURER)
        run.write([fact])
        run.checkpoints.checkpoint()
        kinds = [entry.kind for entry in run.log() if entry.kind in {"operator_act", "request_act"}]
        (thread,) = request_threads(run).values()
        heads = run.checkpoints.last()
        verify(run, VerificationRequest(rebuild=True))

    assert kinds == ["operator_act", "request_act", "operator_act"]
    assert heads is not None
    assert heads.size == thread.last.leaf + 2
