"""`annexd requests`: what auditors asked for, as the log has it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from collector.actions.audit_requests import AuditRequestDraft, record_act
from collector.core.identities import Identity, Role

if TYPE_CHECKING:
    from storage import SqlStore
    from tests.cli.conftest import Desk

MAURER = Identity(issuer="https://login", subject="hm", name="H. Maurer", role=Role.AUDITOR, audit="a")
ANN = Identity(issuer="https://login", subject="ann", name="Ann Sommer", role=Role.CONTRIBUTOR)


def test_requests_are_listed_and_printed_whole(desk: Desk) -> None:
    """Those that wait first; each act with its log entry, and an earlier day as it was."""
    store = cast("SqlStore", desk.world.store)
    desk.app.stores[0] = store
    due = desk.clock.now().date() - timedelta(days=1)
    first = record_act(store, AuditRequestDraft(verb="ask", audit="a", text="Who reads it?", due=due), MAURER)
    record_act(store, AuditRequestDraft(verb="ask", audit="a", text="Who decides?"), MAURER)
    desk.clock.move(timedelta(days=1))
    answer = AuditRequestDraft(verb="answer", request=1, after=first.last.leaf, text="The team.\nSee 3.")
    record_act(store, answer, ANN)
    found = desk.json("requests")
    one = desk.json("requests", "1")
    earlier = desk.json("requests", "--as-of", str(desk.clock.now().date() - timedelta(days=1)))
    text = desk.says("requests", "1")

    assert found["counts"] == {"answered": 1, "open": 1}
    assert [(request["number"], request["state"]) for request in found["requests"]] == [(2, "open"), (1, "answered")]
    assert [(act["verb"], act["name"], act["subject"], act["refused"]) for act in one["requests"][0]["acts"]] == [
        ("ask", "H. Maurer", "hm", ""),
        ("answer", "Ann Sommer", "ann", ""),
    ]
    assert [(request["state"], request["overdue"]) for request in earlier["requests"]] == [
        ("open", True),
        ("open", False),
    ]
    assert "See 3." in text
    assert len(desk.json("requests", "--audit", "a")["requests"]) == 2
    desk.says("requests", "--audit", "b", code=2)  # one that is misspelt is none without requests
    assert "Who decides?" in desk.says("requests")
    desk.says("requests", "3", code=2)
