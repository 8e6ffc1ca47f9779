"""What people did on pages is in a bundle, however old, and both verifiers prove it; the store rebuilds from it."""

from __future__ import annotations

from base64 import b64encode
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.actions.audit_requests import AuditRequestDraft, GivenFile, record_act
from collector.actions.record_reviews import enter_record, review_record
from collector.bundle.proofs.hidden_entries import REQUESTS, first_not_stated, show_numbers
from collector.bundle.tables.files import write_tables
from collector.core.access_days import AccessDay
from collector.core.attestations import Attestation, Person
from collector.core.canonical import digest_of
from collector.core.errors import UsageError
from collector.core.identities import Identity, Role
from collector.report.periods.log_lines import line_of, who
from storage.log.merkle import leaf_hash
from storage.log.ranges import LogParts
from storage.verification import VerificationRequest, verify
from tests.bundle.parts import rows_of
from tests.bundle.test_forged import sealed_again
from tests.bundle.verifiers import contents, ours, theirs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bundle.conftest import Office

MINUTES = b"%PDF minutes" * 20_000
MAURER = Identity(issuer="https://login", subject="hm", name="H. Maurer", role=Role.AUDITOR, audit="a")
ANN = Identity(issuer="https://login", subject="ann", name="Ann Sommer", role=Role.CONTRIBUTOR)
BOB = Identity(issuer="https://login", subject="bob", name="Bob Winter", role=Role.CONTRIBUTOR)


def a_record(office: Office) -> Attestation:
    """Return a record that is not reviewed."""
    now = office.desk.clock.now()
    return Attestation(
        ask="1.1-a",
        kind="record",
        stated_by=Person("Ann Sommer", "head of platform"),
        entered_by="",
        reviewed_by="",
        version="1",
        approved_on=now.date(),
        obtained_from="intranet",
        period=None,
        made_at=now,
        valid_until=date(2027, 1, 1),
        file_name="minutes.pdf",
        digest=digest_of(MINUTES),
        size=len(MINUTES),
    )


def test_acts_are_proven(office: Office) -> None:
    """Asked and answered before the period, entered and reviewed in it: each is shown by its bytes, with its file."""
    store, clock = office.store, office.desk.clock
    asked = record_act(store, AuditRequestDraft(verb="ask", audit="a", text="Who reads it?"), MAURER)
    file = GivenFile(name="minutes.pdf", data=MINUTES)
    draft = AuditRequestDraft(verb="answer", request=1, after=asked.last.leaf, text="These", file=file)
    answered = record_act(store, draft, ANN)
    clock.move(timedelta(days=3))
    entered = enter_record(store, a_record(office), MINUTES, ANN)
    with pytest.raises(UsageError) as not_alone:
        review_record(store, entered.leaf, "approved", "", ANN)
    review_record(store, entered.leaf, "approved", "", BOB)
    with pytest.raises(UsageError, match="approved already") as again:
        review_record(store, entered.leaf, "approved", "", BOB)
    assert (bool(not_alone.value.mend), bool(again.value.mend)) == (True, False)
    day = AccessDay(at=store.now(), day=clock.now().date(), file_name="x.jsonl", digest=digest_of(b"x"), views=1)
    store.write([day])
    office.desk.world.run()
    verify(store, VerificationRequest(rebuild=True))
    today = clock.now().date()
    clock.move(timedelta(hours=1))
    office.export(period=office.period(today, today), exporters=(write_tables,), audits=("a",))
    bundle = office.folder / "out.zip"

    assert (ours(bundle, office.key), theirs(bundle, office.key)) == ("", "")
    files = {name.partition("/")[2]: data for name, data in (contents(bundle) or {}).items()}
    entries = b"".join(data for name, data in files.items() if name.startswith("proof/leaves/"))
    for leaf in (asked.last.leaf, answered.last.leaf, entered.leaf, entered.leaf + 1):
        with store.reading() as connection:
            assert next(LogParts(connection).between(leaf, leaf + 1)).data in entries
    assert [(row["act"], row["by"]) for row in rows_of(files, "acts") if row["act"].startswith("record")] == [
        ("record entered", "Ann Sommer"),
        ("record reviewed", "Bob Winter"),
    ]
    assert store.file_of(answered.last.leaf) == MINUTES
    assert store.file_of(entered.leaf) == MINUTES
    assert [(filed.attestation.reviewed_by, filed.attestation.entered_by) for filed in store.attested()] == [
        ("Bob Winter", str(ANN))
    ]


def test_who_enters_a_record_gets_their_own(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the one that somebody else entered right after it."""
    store, alone = office.store, office.store.alone

    @contextmanager
    def overtaken() -> Iterator[None]:
        with alone():
            yield
        monkeypatch.undo()
        enter_record(store, a_record(office), MINUTES, BOB)

    monkeypatch.setattr(store, "alone", overtaken)

    assert enter_record(store, a_record(office), MINUTES, ANN).entered.by == ANN


def test_every_kind_of_act_has_its_line(office: Office) -> None:
    """Whoever reads the log sees who did what."""
    store = office.store
    record_act(store, AuditRequestDraft(verb="ask", audit="a", text="Who reads it?"), MAURER)
    entered = enter_record(store, a_record(office), MINUTES, ANN)
    review_record(store, entered.leaf, "returned", "wrong year", BOB)
    lines = [
        (who(entry.kind, entry.fact), line_of(entry.kind, entry.fact))
        for entry in store.log(kinds=("request_act", "record_entered", "record_reviewed"))
    ]

    assert lines == [
        ("H. Maurer", "audit request 1: ask as auditor (hm): Who reads it?"),
        ("Ann Sommer", f"record for 1.1-a, to be reviewed: minutes.pdf {digest_of(MINUTES)}"),
        ("Bob Winter", f"the record of log entry {entered.leaf} was returned: wrong year"),
    ]
    assert list(store.attested()) == []


@pytest.mark.parametrize("audits", [(), ("b",)])
def test_what_one_auditor_asked_is_not_for_another(office: Office, audits: tuple[str, ...]) -> None:
    """Unless the audit is named, no word of its requests is in any file; that there was an act is."""
    store, clock = office.store, office.desk.clock
    asked = record_act(store, AuditRequestDraft(verb="ask", audit="a", text="Who reads the salaries?"), MAURER)
    file = GivenFile(name="salaries.pdf", data=b"%PDF who gets what")
    draft = AuditRequestDraft(verb="answer", request=1, after=asked.last.leaf, text="These", file=file)
    record_act(store, draft, ANN)
    other = Identity(issuer="https://login", subject="ov", name="O. Vogel", role=Role.AUDITOR, audit="b")
    shown = record_act(store, AuditRequestDraft(verb="ask", audit="b", text="Where is the register?"), other)
    office.desk.world.run()
    today = clock.now().date()
    clock.move(timedelta(hours=1))
    office.export(period=office.period(today, today), exporters=(write_tables,), audits=audits)
    bundle = office.folder / "out.zip"

    assert (ours(bundle, office.key), theirs(bundle, office.key)) == ("", "")
    files = {name.partition("/")[2]: data for name, data in (contents(bundle) or {}).items()}
    with store.reading() as connection:
        data = next(LogParts(connection).between(shown.last.leaf, shown.last.leaf + 1)).data
    everything = b"".join(files.values())
    words = [word in everything for word in (b"salaries", b"H. Maurer", b64encode(file.data), file.data)]
    assert (words, data in everything) == ([False] * 4, bool(audits))
    rows = [row for row in rows_of(files, "acts") if row["act"] in {"request act", "ask"}]
    assert [row["by"] for row in rows] == ["withheld", "withheld", "O. Vogel" if audits else "withheld"]


def test_no_other_entry_can_be_hidden_in_place_of_a_request(office: Office) -> None:
    """The entry of the export says which entries are hashes only: as many others would be a way to leave out a fail."""
    store, clock = office.store, office.desk.clock
    asked = record_act(store, AuditRequestDraft(verb="ask", audit="a", text="Who reads it?"), MAURER).last.leaf
    office.desk.world.run()
    today = clock.now().date()
    clock.move(timedelta(hours=1))
    office.export(period=office.period(today, today))
    with store.reading() as connection:
        shown = next(LogParts(connection).between(asked, asked + 1)).data

    def exchange(files: dict[str, bytes]) -> None:
        path = next(name for name in sorted(files) if name.startswith("proof/leaves/"))
        lines = dict(line.split(b" ", 1) for line in files[path].splitlines())
        other = next(number for number, data in lines.items() if b'"k":"judged"' in data)
        lines[b"%d" % asked], lines[other] = shown, b"sha256:" + leaf_hash(lines[other]).hex().encode()
        files[path] = b"".join(b"%b %b\n" % line for line in lines.items())

    forged = sealed_again(office, exchange)
    said = ours(forged, office.key), theirs(forged, office.key)

    assert ["is not shown, and" in said[0], "is hidden, and is not withheld" in said[1]] == [True, True], said


@pytest.mark.parametrize(
    ("entries", "text"), [((), ""), ((7,), "7"), ((3, 4, 5, 9), "3-5,9"), ((0, 2, 3, 12), "0,2-3,12")]
)
def test_the_numbers_of_hidden_entries_are_read_as_they_are_written(entries: tuple[int, ...], text: str) -> None:
    """Each of them counts, and none beside them."""
    about = {REQUESTS: text}
    others = sorted({*range(15)} - {*entries})

    assert show_numbers(entries) == text
    assert first_not_stated(reversed(entries), about) is None
    assert [first_not_stated([*entries, other], about) for other in others] == others


@pytest.mark.parametrize("text", ["all", "-3", "3-", "3 4", "3,", "\u0663"])
def test_what_is_no_list_of_numbers_hides_nothing(text: str) -> None:
    """A number in other digits neither."""
    assert first_not_stated([3], {REQUESTS: text}) == 3
