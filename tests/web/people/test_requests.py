"""What auditors ask for and the company answers: entries of the log, with who may do what."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from collector.core.canonical import digest_of
from collector.report.company.audit_request_views import request_threads
from storage.log.merkle import leaf_hash
from storage.verification import VerificationRequest, verify
from tests.web.people.conftest import ANN, BOB, EVE, INTERNAL, MAURER, VERA, House

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from collector.core.audit_requests import RequestThread
    from storage import SqlStore


def store_of(house: House) -> SqlStore:
    """Return the store behind the pages."""
    store: SqlStore = house.site.app.stores[0]  # type: ignore[attr-defined]  # of the played app
    return store


def thread(house: House, number: int) -> RequestThread:
    """Return a request as the log has it."""
    return request_threads(store_of(house))[number]


def asked(house: House, auditor: TestClient, **but: Any) -> int:
    """Ask for something, and return the number of the request."""
    answer = house.post(auditor, "/requests", text="Who may read it?", **but)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rpartition("/")[2])


def act(house: House, browser: TestClient, number: int, do: str, text: str = "so", **but: Any) -> int:
    """Do something to a request as it is now, and return the status of the answer."""
    after = thread(house, number).last.leaf
    status: int = house.post(
        browser, f"/requests/{number}", **{"do": do, "text": text, "after": after, **but}
    ).status_code
    return status


def test_a_request_goes_its_way(house: House) -> None:
    """Asked, answered with a file, returned, answered, accepted: six entries, in this order, by these people."""
    auditor, ann = house.sign_in(MAURER), house.sign_in(ANN)
    number = asked(house, auditor, control="1.1", due="2026-03-20")
    steps: list[tuple[TestClient, str, Any]] = [
        (ann, "answer", {"file": ("minutes.pdf", b"%PDF minutes")}),
        (auditor, "return", {}),
        (ann, "comment", {}),
        (ann, "answer", {}),
        (auditor, "accept", {}),
    ]
    states = []
    for browser, do, sent in steps:
        assert act(house, browser, number, do, **sent) == 303
        states.append(thread(house, number).state.value)

    found = thread(house, number)
    assert states == ["answered", "returned", "returned", "answered", "accepted"]
    assert (found.asked.controls, found.asked.due) == (("played:1/1.1",), date(2026, 3, 20))
    assert [(logged.act.verb, logged.act.by.subject) for logged in found.acts] == [
        ("ask", "hm"),
        *((do, "hm" if browser is auditor else "ann") for browser, do, _ in steps),
    ]
    assert [logged.act.after for logged in found.acts] == [None, *(logged.leaf for logged in found.acts[:-1])]
    assert found.acts[1].act.file is not None
    assert found.acts[1].act.file.digest == digest_of(b"%PDF minutes")


def test_a_file_comes_back_as_it_was_given(house: House) -> None:
    """To keep, never to be shown as a page: it may be one with a script."""
    auditor, ann = house.sign_in(MAURER), house.sign_in(ANN)
    number = asked(house, auditor)
    page = b"<script>alert(1)</script>"
    act(house, ann, number, "answer", file=("../a'b ü.html", page))

    answer = auditor.get(f"/requests/files/{thread(house, number).last.leaf}")

    assert answer.content == page
    assert answer.headers["content-type"] == "application/octet-stream"
    assert (
        answer.headers["content-disposition"]
        == "attachment; filename=\"a_b__.html\"; filename*=UTF-8''a%27b%20%C3%BC.html"
    )


def test_each_side_does_its_own_part(house: House) -> None:
    """What somebody may not do is on no button, and is refused to whoever sends it all the same."""
    auditor, ann, vera = house.sign_in(MAURER), house.sign_in(ANN), house.sign_in(VERA)
    number = asked(house, auditor)
    act(house, ann, number, "answer")
    buttons = [
        set(re.findall(r'name="do" value="(\w+)"', browser.get(f"/requests/{number}").text))
        for browser in (auditor, ann, vera)
    ]

    assert buttons == [{"comment", "accept", "return", "withdraw"}, {"answer", "comment"}, set()]
    assert [act(house, ann, number, do) for do in ("accept", "return", "withdraw")] == [400] * 3
    assert act(house, auditor, number, "answer") == 400
    assert act(house, vera, number, "comment") == 403
    assert len(thread(house, number).acts) == 2


def test_nobody_but_an_auditor_asks(house: House) -> None:
    """And nothing is written where somebody else does."""
    before = len(request_threads(store_of(house)))

    assert [house.post(house.sign_in(who), "/requests", text="x").status_code for who in (ANN, EVE, VERA)] == [403] * 3
    assert len(request_threads(store_of(house))) == before


def test_who_has_not_seen_what_was_said_says_nothing(house: House) -> None:
    """Two people answer at once: the second one is shown what the first one said."""
    auditor, ann, eve = house.sign_in(MAURER), house.sign_in(ANN), house.sign_in(EVE)
    number = asked(house, auditor)
    seen = thread(house, number).last.leaf
    act(house, ann, number, "answer")
    answer = house.post(eve, f"/requests/{number}", do="answer", text="mine", after=seen)

    assert answer.status_code == 400
    assert "Ann Sommer has acted" in answer.text
    assert "mine" in answer.text
    assert len(thread(house, number).acts) == 2


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "comment", "text": " "},
        {"do": "answer", "text": ""},
        {"do": "answer", "text": "x" * 16_001},
        {"do": "answer", "records": "3"},
        {"do": "answer", "records": "three"},
        {"do": "answer", "after": "x"},
        {"do": "answer", "after": ""},
        {"do": "ask"},
        {"do": "erase"},
    ],
    ids=str,
)
def test_what_is_not_whole_is_not_recorded(house: House, sent: dict[str, Any]) -> None:
    """Whoever reads an entry must not guess."""
    auditor, ann = house.sign_in(MAURER), house.sign_in(ANN)
    number = asked(house, auditor)
    sent = {"text": "so", "after": str(thread(house, number).last.leaf), **sent}

    assert house.post(ann, f"/requests/{number}", **sent).status_code == 400
    assert len(thread(house, number).acts) == 1


def test_acts_are_signed_and_proven(house: House) -> None:
    """What an auditor keeps: the entry's bytes, whose hash the proof begins with, under a signed log hash."""
    auditor = house.sign_in(MAURER)
    number = asked(house, auditor)
    leaf = thread(house, number).last.leaf
    entry = auditor.get(f"/proofs/{leaf}/entry").content
    proof = auditor.get(f"/proofs/{leaf}").text
    store = store_of(house)
    with store.reading() as connection:
        hashed = connection.exec_driver_sql("SELECT hash FROM log_leaf WHERE idx = ?", (leaf,)).scalar_one()

    assert leaf_hash(entry) == hashed
    assert proof.startswith(f"c2sp.org/tlog-proof@v1\nindex {leaf}\n")
    assert store.name is not None
    assert f"\n{leaf + 1}\n" in proof
    verify(store, VerificationRequest(rebuild=True))


def test_an_auditor_sees_nothing_of_other_entries(house: House) -> None:
    """Neither by the number of an entry nor by that of a request."""
    auditor = house.sign_in(MAURER)

    assert [auditor.get(path).status_code for path in ("/proofs/0", "/proofs/0/entry", "/requests/files/0")] == [
        404
    ] * 3
    assert auditor.get("/requests/99999").status_code == 404


def test_another_audit_is_another_one(house: House) -> None:
    """Its auditors neither see the request nor its file, its entry and its proof, nor do anything to it."""
    auditor, other = house.sign_in(MAURER), house.sign_in(INTERNAL)
    number = asked(house, auditor, file=("question.pdf", b"%PDF"))
    leaf = thread(house, number).last.leaf
    paths = (f"/requests/{number}", f"/requests/files/{leaf}", f"/proofs/{leaf}", f"/proofs/{leaf}/entry")

    assert [other.get(path).status_code for path in paths] == [404] * 4
    assert [auditor.get(path).status_code for path in paths] == [200] * 4
    assert f'href="/requests/{number}"' not in other.get("/requests").text
    assert [act(house, other, number, do) for do in ("comment", "withdraw")] == [400] * 2
    assert len(thread(house, number).acts) == 1


def test_hostile_words_are_words(house: House) -> None:
    """Markup and characters that turn the direction of writing."""
    auditor = house.sign_in(MAURER)
    answer = house.post(auditor, "/requests", text="<script>alert(1)</script>\u202egnp.exe")
    page = auditor.get(answer.headers["location"]).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in re.sub("<wbr>", "", page)
    assert "\u202e" not in page


def test_a_list_is_by_state(house: House) -> None:
    """The count is the count of the list."""
    auditor, bob = house.sign_in(MAURER), house.sign_in(BOB)
    number = asked(house, auditor)
    act(house, bob, number, "answer")
    page = bob.get("/requests?state=answered").text
    count = int(re.findall(r'state=answered"[^>]*>answered (\d+)', page)[0])

    assert page.count("<tr><td") == count
    assert bob.get("/requests?state=nothing").status_code == 404
