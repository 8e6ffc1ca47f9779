"""The tables of what people decided and filed: exceptions, evidence requests with their records, SoA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.bundle.shown_names import WITHHELD, ShownNames, moment, place
from collector.bundle.tables.table import Column, Row, Table
from collector.core.attestations import Filed, due_again, same_files
from collector.report.company.evidence_request_views import same_file_as
from collector.report.company.exception_views import exceptions_view
from collector.report.company.soa_views import decided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.contents import BundleContents
    from collector.core.controls import Ask


def exceptions(contents: BundleContents, names: ShownNames) -> Table:
    """Return the exceptions on file at the end, including those that are not in force."""

    def rows() -> Iterator[Row]:
        for exception in exceptions_view(contents.assessment).exceptions:
            scope = tuple(exception.scope)
            hidden = names.hides(exception.source, names.kind_of(exception.check), scope, exception.subject)
            # A pattern is no name, and a pseudonym of it would name nothing.
            subject = exception.subject if "*" in exception.subject else names.name(exception.subject)
            yield (
                exception.id,
                exception.state,
                exception.kind.replace("_", " "),
                exception.check,
                exception.source,
                place(scope),
                WITHHELD if hidden else names.resource(exception.source, scope, subject),
                str(exception.matches),
                str(exception.covers),
                "" if exception.max_subjects is None else str(exception.max_subjects),
                WITHHELD if hidden else names.text(exception.reason),
                names.name(exception.owner),
                names.name(exception.approver),
                f"{exception.approval_ref}: approval stated, not verified",
                str(exception.approved_on),
                str(exception.expires),
                str(exception.renewals),
                moment(exception.logged_at, "not in the log"),
            )

    return Table(
        name="exceptions",
        title="Exceptions",
        description="Deviations accepted for a time. What they cover still fails, and is counted as accepted.",
        columns=(
            Column("id", "Exception", 14),
            Column("state", "State", 14),
            Column("kind", "Kind", 20),
            Column("check", "Check", 34),
            Column("source", "Source", 14),
            Column("scope", "Account, region or repository", 24),
            Column("subject", "Resource", 30),
            Column("matches", "Failing resources that match", 14),
            Column("covers", "Covered at the end", 10),
            Column("max_subjects", "Approved for at most", 10),
            Column("reason", "Reason", 50),
            Column("owner", "Owner", 20),
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


def records(contents: BundleContents, names: ShownNames) -> Table:
    """Return a row for each record that was filed, and one for each evidence request without a record."""

    def rows() -> Iterator[Row]:
        requests: dict[str, tuple[Ask, list[str]]] = {}
        wanted = {(control.framework, control.id) for control in contents.controls}
        for framework, states in contents.assessment.frameworks:
            for state in states:
                if (framework.id, state.control.id) in wanted:
                    for request in state.control.asked(state.role):
                        requests.setdefault(request.id, (request, []))[1].append(f"{framework.id}/{state.control.id}")
        store, on_file = contents.store, contents.assessment.records
        filed = list(store.attested(as_of=contents.at))
        by_request: dict[str, list[Filed]] = {}
        for record in filed:
            by_request.setdefault(record.attestation.ask, []).append(record)
        twice, by_leaf = same_files(filed), {record.leaf: record for record in filed}
        for id_, (request, used) in requests.items():
            about = (id_, request.kind.value, request.text, ", ".join(dict.fromkeys(used)))
            current = on_file.get(id_)
            for record in by_request.get(id_, ()):
                is_current = current is not None and current.filed is not None and current.filed.leaf == record.leaf
                state_word = (
                    current.state.value if current is not None and is_current else "not what the state is based on"
                )
                yield (*about, state_word, *_filed(record, request, names), ", ".join(same_file_as(record, twice)))
            if id_ not in by_request:
                shared = None if current is None or current.filed is None else by_leaf.get(current.filed.leaf)
                if current is None or shared is None:
                    yield (*about, "missing", *("",) * (len(_RECORD_COLUMNS) - 5))
                    continue
                also = ", ".join((shared.attestation.ask, *same_file_as(shared, twice)))
                yield (*about, current.state.value, *_filed(shared, request, names), also)

    return Table(
        name="records",
        title="Evidence requests",
        description="Evidence requests, and the records that people filed for them. A statement alone is no record.",
        columns=_RECORD_COLUMNS,
        rows=rows,
        is_sheet=True,
    )


_RECORD_COLUMNS = (
    Column("ask", "Evidence request", 16),
    Column("kind", "Kind", 14),
    Column("text", "What is requested", 40),
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
    Column("replaces", "Replaces or withdraws log entry", 14),
    Column("because", "Because", 30),
    Column("leaf", "Log entry", 9),
    Column("same_file", "The same file answers", 24),
)


def _filed(filed: Filed, request: Ask, names: ShownNames) -> Row:
    attestation = filed.attestation
    until = (
        attestation.valid_until
        if request.every is None
        else min(attestation.valid_until, due_again(attestation.approved_on, request.every))
    )
    hidden = attestation.file_name is not None and names.hides("", "attachment", (), attestation.file_name)
    report = attestation.supplier
    return (
        "statement" if attestation.digest is None and attestation.kind != "withdrawal" else attestation.kind,
        attestation.version,
        str(attestation.approved_on),
        str(until),
        "" if attestation.period is None else f"{attestation.period[0]} to {attestation.period[1]}",
        f"{names.name(attestation.stated_by.name)}, {attestation.stated_by.role}",
        names.name(attestation.entered_by),
        names.name(attestation.reviewed_by),
        names.text(attestation.obtained_from),
        moment(filed.logged_at),
        "late" if filed.is_late else "",
        WITHHELD if hidden else names.name(attestation.file_name or ""),
        attestation.digest or "",
        ""
        if report is None
        else f"{report.supplier}: {report.report}; {report.scope}; left to the customer: {report.customer_controls}",
        ", ".join(str(leaf) for leaf in (attestation.supersedes, attestation.withdraws) if leaf is not None),
        names.text(attestation.because) if attestation.because else "",
        str(filed.leaf),
    )


def statement(contents: BundleContents, names: ShownNames) -> Table:
    """Return the SoA beside the evidence."""
    wanted = {(control.framework, control.id, control.role) for control in contents.controls}

    def rows() -> Iterator[Row]:
        shape = contents.soa
        version = shape.version or "none on file"
        for decision in shape.decisions:
            if (decision.framework, decision.id, decision.role) in wanted:
                yield (
                    version,
                    decision.framework,
                    decision.id,
                    decision.title,
                    decision.role or "",
                    decided(decision),
                    ", ".join(decision.grounds),
                    decision.because,
                    names.name(decision.owner or ""),
                    ", ".join(decision.risks),
                    decision.label,
                    decision.counts_text,
                    "; ".join(decision.contradictions),
                )
        for own in shape.own:
            planned = "" if own.planned_for is None else f" for {own.planned_for}"
            implemented = f"implemented: {own.implemented}{planned}"
            owner = names.name(own.owner or "")
            unseen = "not collected by annexd"
            yield (version, own.source, own.id, own.title, "", implemented, "", own.because, owner, "", unseen, "", "")

    return Table(
        name="statement_of_applicability",
        title="SoA",
        description="The decision of the SoA on each control, and the state of the control.",
        columns=(
            Column("version", "Version", 12),
            Column("edition", "Framework version", 18),
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
            Column("contradictions", "Inconsistent with the SoA", 36),
        ),
        rows=rows,
        is_sheet=True,
    )
