"""The tables of what people have decided and filed: exceptions, records, statement of applicability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.shown_names import WITHHELD, ShownNames, moment, place
from collector.bundle.tables.table import Column, Row, Table
from collector.core.attestations import Filed, due_again
from collector.report.company.exception_views import exceptions_view
from collector.report.company.soa_views import decided
from collector.report.findings.finding_filter import show_subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.core.controls import Ask


def exceptions(dossier: BundleContents, words: ShownNames) -> Table:
    """Return the exceptions on file at the end, also those that do not count."""

    def rows() -> Iterator[Row]:
        for one in exceptions_view(dossier.assessment).exceptions:
            scope = tuple(one.scope)
            hidden = words.hides(one.source, words.kind_of(one.check), scope, one.subject)
            # A pattern is no name, and a pseudonym of it would name nothing.
            subject = one.subject if "*" in one.subject else words.name(one.subject)
            yield (
                one.id,
                one.state,
                one.kind.replace("_", " "),
                one.check,
                one.source,
                place(scope),
                WITHHELD if hidden else show_subject(subject),
                str(one.matches),
                str(one.covers),
                "" if one.max_subjects is None else str(one.max_subjects),
                WITHHELD if hidden else words.text(one.reason),
                words.name(one.owner),
                words.name(one.approver),
                f"{one.approval_ref}: approval stated, not verified",
                str(one.approved_on),
                str(one.expires),
                str(one.renewals),
                moment(one.logged_at, "not in the log"),
            )

    return Table(
        name="exceptions",
        title="Exceptions",
        says="Deviations that somebody has accepted for a time. What they cover still fails, and is counted so.",
        columns=(
            Column("id", "Exception", 14),
            Column("state", "State", 14),
            Column("kind", "Kind", 20),
            Column("check", "Check", 34),
            Column("source", "Source", 14),
            Column("scope", "Scope", 24),
            Column("subject", "Subject", 30),
            Column("matches", "Failing subjects that it speaks of", 14),
            Column("covers", "Covered at the end", 10),
            Column("max_subjects", "Approved for at most", 10),
            Column("reason", "Reason", 50),
            Column("owner", "Asked for by", 20),
            Column("approver", "Approved by", 20),
            Column("approval", "Approval", 36),
            Column("approved_on", "Approved on", 12),
            Column("expires", "Expires", 12),
            Column("renewals", "Renewals", 10),
            Column("logged_at", "In the log since", 20),
        ),
        rows=rows,
        is_sheet=True,
    )


def records(dossier: BundleContents, words: ShownNames) -> Table:
    """Return every record that is asked for or was filed; an ask that nobody has answered is a row too."""

    def rows() -> Iterator[Row]:
        asks: dict[str, tuple[Ask, list[str]]] = {}
        wanted = {(one.framework, one.id) for one in dossier.controls}
        for framework, states in dossier.assessment.frameworks:
            for state in states:
                if (framework.id, state.control.id) in wanted:
                    for ask in state.control.asked(state.role):
                        asks.setdefault(ask.id, (ask, []))[1].append(f"{framework.id}/{state.control.id}")
        store, standing = dossier.store, dossier.assessment.records
        filed = list(store.attested(as_of=dossier.at))
        by_ask: dict[str, list[Filed]] = {}
        for one in filed:
            by_ask.setdefault(one.attestation.ask, []).append(one)
        for id_, (ask, used) in asks.items():
            about = (id_, ask.kind.value, ask.text, ", ".join(dict.fromkeys(used)))
            current = standing.get(id_)
            for one in by_ask.get(id_, ()):
                is_current = current is not None and current.filed is not None and current.filed.leaf == one.leaf
                state_word = (
                    current.state.value if current is not None and is_current else "not what the state rests on"
                )
                yield (*about, state_word, *_filed(one, ask, words))
            if id_ not in by_ask:
                yield (*about, "missing", *("",) * (len(_RECORD_COLUMNS) - 5))

    return Table(
        name="records",
        title="Records",
        says="What people are asked for, and what they have filed; a statement alone is no record.",
        columns=_RECORD_COLUMNS,
        rows=rows,
        is_sheet=True,
    )


_RECORD_COLUMNS = (
    Column("ask", "Asked for", 12),
    Column("kind", "Kind", 14),
    Column("text", "What is asked", 40),
    Column("controls", "For the controls", 28),
    Column("state", "State at the end", 20),
    Column("what", "Filed as", 16),
    Column("version", "Version of the document", 16),
    Column("approved_on", "Approved on", 12),
    Column("valid_until", "Valid until", 12),
    Column("period", "Covers", 24),
    Column("stated_by", "Stated by", 24),
    Column("entered_by", "Entered by", 20),
    Column("reviewed_by", "Reviewed by", 20),
    Column("obtained_from", "Obtained from", 24),
    Column("logged_at", "In the log since", 20),
    Column("late", "Late entry", 10),
    Column("file", "File", 30),
    Column("digest", "Digest of the file", 74),
    Column("supplier", "Supplier report", 40),
    Column("replaces", "Replaces or withdraws leaf", 12),
    Column("because", "Because", 30),
    Column("leaf", "Leaf", 9),
)


def _filed(filed: Filed, ask: Ask, words: ShownNames) -> Row:
    one = filed.attestation
    until = one.valid_until if ask.every is None else min(one.valid_until, due_again(one.approved_on, ask.every))
    hidden = one.file_name is not None and words.hides("", "attachment", (), one.file_name)
    report = one.supplier
    return (
        "statement" if one.digest is None and one.kind != "withdrawal" else one.kind,
        one.version,
        str(one.approved_on),
        str(until),
        "" if one.period is None else f"{one.period[0]} to {one.period[1]}",
        f"{words.name(one.stated_by.name)}, {one.stated_by.role}",
        words.name(one.entered_by),
        words.name(one.reviewed_by),
        words.text(one.obtained_from),
        moment(filed.logged_at),
        "late" if filed.is_late else "",
        WITHHELD if hidden else words.name(one.file_name or ""),
        one.digest or "",
        ""
        if report is None
        else f"{report.supplier}: {report.report}; {report.scope}; left to the customer: {report.customer_controls}",
        ", ".join(str(leaf) for leaf in (one.supersedes, one.withdraws) if leaf is not None),
        words.text(one.because) if one.because else "",
        str(filed.leaf),
    )


def statement(dossier: BundleContents, words: ShownNames) -> Table:
    """Return the statement of applicability beside the evidence."""
    wanted = {(one.framework, one.id, one.role) for one in dossier.controls}

    def rows() -> Iterator[Row]:
        shape = dossier.soa
        version = shape.version or "none on file"
        for one in shape.decisions:
            if (one.framework, one.id, one.role) in wanted:
                yield (
                    version,
                    one.framework,
                    one.id,
                    one.title,
                    one.role or "",
                    decided(one),
                    ", ".join(one.grounds),
                    one.because,
                    words.name(one.owner or ""),
                    ", ".join(one.risks),
                    one.label,
                    one.counts_text,
                    "; ".join(one.contradictions),
                )
        for own in shape.own:
            planned = "" if own.planned_for is None else f" for {own.planned_for}"
            decision = f"implemented: {own.implemented}{planned}"
            owner = words.name(own.owner or "")
            unseen = "not looked at by annexd"
            yield (version, own.source, own.id, own.title, "", decision, "", own.because, owner, "", unseen, "", "")

    return Table(
        name="statement_of_applicability",
        title="Statement of applicability",
        says="What was decided about each control, and where it stands.",
        columns=(
            Column("version", "Version", 12),
            Column("edition", "Edition", 16),
            Column("control", "Control", 10),
            Column("title", "Title", 36),
            Column("role", "Role", 10),
            Column("decision", "Decision", 26),
            Column("grounds", "Grounds", 18),
            Column("because", "Justification", 46),
            Column("owner", "Owner", 20),
            Column("risks", "Risks", 14),
            Column("state", "State at the end", 22),
            Column("counts", "Counts", 46),
            Column("contradictions", "Contradictions", 36),
        ),
        rows=rows,
        is_sheet=True,
    )
