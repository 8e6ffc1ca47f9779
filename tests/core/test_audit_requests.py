"""Requests of an audit: who may do what, in which state, and that nothing else changes one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from collector.core.audit_requests import LoggedAct, RequestAct, RequestState, RequestVerb, may, threads
from collector.core.identities import Identity, Role

AT = datetime(2026, 3, 1, tzinfo=UTC)


def somebody(subject: str, role: Role, audit: str = "", name: str = "") -> Identity:
    """Return somebody who signed in."""
    return Identity(issuer="https://login.example.org", subject=subject, name=name or subject, role=role, audit=audit)


MAURER = somebody("hm", Role.AUDITOR, "a")
OTHER = somebody("ot", Role.AUDITOR, "b")
ANN = somebody("ann", Role.CONTRIBUTOR)
EVE = somebody("eve", Role.ADMIN)
VERA = somebody("vera", Role.VIEWER)
PEOPLE = (MAURER, OTHER, ANN, EVE, VERA)
VERBS: tuple[RequestVerb, ...] = ("ask", "answer", "comment", "accept", "return", "withdraw")


def acts(*done: tuple[RequestVerb, Identity]) -> list[LoggedAct]:
    """Return acts on request 1, in this order."""
    return [
        LoggedAct(
            act=RequestAct(at=AT, audit=by.audit or "a", request=1, verb=verb, by=by, text="x"), leaf=leaf, logged_at=AT
        )
        for leaf, (verb, by) in enumerate(done)
    ]


COMPANY = {"answer", "comment"}
WAYS: dict[str, tuple[tuple[RequestVerb, Identity], ...]] = {
    "open": (),
    "answered": (("answer", ANN),),
    "returned": (("answer", ANN), ("return", MAURER)),
    "accepted": (("answer", ANN), ("accept", MAURER)),
    "withdrawn": (("withdraw", MAURER),),
}
ALLOWED: dict[str, tuple[set[str], set[str]]] = {  # of the auditor, of the company
    "open": ({"comment", "withdraw"}, COMPANY),
    "answered": ({"comment", "accept", "return", "withdraw"}, COMPANY),
    "returned": ({"comment", "withdraw"}, COMPANY),
    "accepted": ({"comment", "return"}, {"comment"}),
    "withdrawn": ({"comment"}, {"comment"}),
}


@pytest.mark.parametrize("state", WAYS)
def test_each_side_does_its_own_part(state: str) -> None:
    """The company accepts nothing, an auditor answers nothing, a viewer only reads, another audit is another one."""
    thread = threads(acts(("ask", MAURER), *WAYS[state]))[1]

    auditor, company = ALLOWED[state]
    assert thread.state.value == state
    assert [set(may(thread, who)) for who in PEOPLE] == [auditor, set(), company, company, set()]


def test_whoever_answered_does_not_decide_under_another_role() -> None:
    """One subject that is given another role later is still who answered."""
    turned = replace(MAURER, subject="ann", name="Somebody Else")
    thread = threads(acts(("ask", MAURER), ("answer", ANN)))[1]

    assert set(may(thread, turned)) == set()


@given(st.lists(st.tuples(st.sampled_from(VERBS), st.sampled_from(PEOPLE)), max_size=12))
def test_what_nobody_may_do_changes_nothing(done: list[tuple[RequestVerb, Identity]]) -> None:
    """Whatever was written into the log: the state is that of the acts that count, and all of them stay."""
    written = acts(("ask", MAURER), *done)
    thread = threads(written)[1]
    counting = [logged for logged in thread.acts if not logged.refused]

    assert [logged.leaf for logged in thread.acts] == [logged.leaf for logged in written]
    assert threads(counting)[1].state is thread.state
    if thread.state is RequestState.ACCEPTED:
        assert counting[0].act.verb == "ask"
        assert any(logged.act.verb == "answer" and logged.act.by in {ANN, EVE} for logged in counting)
        assert all(logged.act.by == MAURER for logged in counting if logged.act.verb == "accept")


def test_a_request_that_nobody_asked_is_none() -> None:
    """An answer alone, and an ask by the company, begin nothing."""
    assert threads(acts(("answer", ANN), ("ask", ANN), ("ask", VERA))) == {}
