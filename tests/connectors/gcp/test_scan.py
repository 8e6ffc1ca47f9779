"""A whole scan of the played organization."""

from __future__ import annotations

from pathlib import Path

from collector.core.tasks import Outcome
from collector.setup.loading import LoadedConnector
from tests.connectors.gcp import estate
from tests.connectors.gcp.played import PlayedGoogle
from tests.sweep.scanning import scan


def test_everything_is_read(loaded: LoadedConnector, tmp_path: Path) -> None:
    """Of both projects, and of none that is being deleted."""
    google = PlayedGoogle()
    estate.seed(google)

    with google.answering():
        scanned = scan(loaded, estate.settings(), tmp_path)
    for s in scanned.seen:
        o = s.observation
        print(
            o.task.collection,
            o.task.scope,
            o.outcome,
            getattr(o, "why", getattr(o, "reason", "")),
            [(f, getattr(o, f)) for f in o.__struct_fields__ if f in ("unread", "items", "listed", "reason", "error")],
        )
    for k, v in sorted(scanned.verdicts.items()):
        print(k, v.status.value, v.reason[:200])
    print(google.asked, google.count)
    assert 0
