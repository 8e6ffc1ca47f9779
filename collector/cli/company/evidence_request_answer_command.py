"""`annexd evidence-request answer`: file a record in the log, whole or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.actions.file_pieces import LARGEST_FILE, pieces_of
from collector.actions.filing import FieldError, requests_on, require_complete, supplier_report
from collector.cli.terminal.options import give, unknown_word
from collector.cli.terminal.session import session
from collector.core.attestations import (
    Attestation,
    Attested,
    MediaKind,
    Person,
    kind_of_answer,
    same_files,
)
from collector.core.canonical import Digest, digest_of
from collector.core.errors import ConfigError
from collector.core.likely_same import likely_same
from collector.report.company.evidence_request_views import same_file_as
from collector.setup.this_machine import operator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.cli.terminal.page import Page
    from collector.core.attestations import Filed
    from collector.core.controls import Ask
    from collector.setup.app import App

_DAY = ["%Y-%m-%d"]


class AttestedView(Struct, frozen=True, kw_only=True, tag="annexd.attested/1", tag_field="schema"):
    """The JSON of `annexd evidence-request answer`. Without a digest it is a statement, and answers no request."""

    ask: str
    leaf: int
    kind: str
    digest: str | None
    size: int | None
    valid_until: date
    stated_by: str
    reviewed_by: str
    also: list[str]
    same_file: list[str]


def answer(  # noqa: PLR0913, PLR0917  one parameter an option
    ctx: typer.Context,
    ask: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="The evidence request, such as 8.5-a; annexd evidence-request list has them."
        ),
    ],
    by: Annotated[str, typer.Option("--by", help='Who states it, and in what role: "Name, role".')],
    reviewed_by: Annotated[str, typer.Option("--reviewed-by", help="Who looked it over: somebody else.")],
    file: Annotated[Path | None, typer.Option("--file", help="The document. Without it, it is a statement.")] = None,
    approved_on: Annotated[
        datetime | None,
        typer.Option("--approved-on", formats=_DAY, metavar="DATE", help="When the document was approved."),
    ] = None,
    valid_until: Annotated[
        datetime | None,
        typer.Option("--valid-until", formats=_DAY, metavar="DATE", help="The last day on which it is valid."),
    ] = None,
    version: Annotated[str, typer.Option("--document-version", help="The version of the document.")] = "",
    obtained: Annotated[str, typer.Option("--obtained-from", help="Where the document was obtained.")] = "",
    period: Annotated[str, typer.Option("--period", metavar="DATE..DATE", help="The period that it covers.")] = "",
    supersedes: Annotated[
        int | None, typer.Option("--supersedes", metavar="ENTRY", help="The log entry of an earlier record.")
    ] = None,
    withdraws: Annotated[
        int | None, typer.Option("--withdraws", metavar="ENTRY", help="The log entry of a record to take back.")
    ] = None,
    because: Annotated[str, typer.Option("--because", help="Why it is withdrawn.")] = "",
    supplier: Annotated[str, typer.Option("--supplier", help="Of a supplier's report: whose it is.")] = "",
    report: Annotated[str, typer.Option("--report", help="What it is, such as SOC 2 type 2.")] = "",
    report_scope: Annotated[str, typer.Option("--report-scope", help="Which services it covers.")] = "",
    customer_controls: Annotated[
        str, typer.Option("--customer-controls", help="What it leaves to the customer, and where that is looked at.")
    ] = "",
) -> None:
    """Answer an evidence request: file a record.

    With who stated it, who looked it over, and until when it is valid. The file is kept as it is in the log; take out
    what nobody may see before filing it.
    """
    from collector.company.recording import bring_in
    from collector.engine.clock import SystemClock

    app = session(ctx).open_app()
    now = SystemClock().now()
    asked = _ask(app, ask, now.date())
    person = _person(by)
    _is_somebody_else(person, reviewed_by)
    data = None if file is None else _bytes(file)
    with _options():
        details = (supplier, report, report_scope, customer_controls)
        of_supplier = None if withdraws is not None else supplier_report(asked, *details, has_file=data is not None)
    made = Attestation(
        ask=ask,
        kind=_kind(asked, withdraws, because),
        stated_by=person,
        entered_by=operator(),
        reviewed_by=reviewed_by.strip(),
        version=version,
        approved_on=_day(approved_on, "--approved-on", now.date() if withdraws is not None else None),
        obtained_from=obtained,
        period=_period(period) if period else None,
        made_at=now,
        valid_until=_day(valid_until, "--valid-until", now.date() if withdraws is not None else None),
        file_name=None if file is None else file.name,
        digest=None if data is None else digest_of(data),
        size=None if data is None else len(data),
        supersedes=supersedes,
        withdraws=withdraws,
        because=because,
        supplier=of_supplier,
    )
    with _options():
        require_complete(made, now.date())
    with app.open_store(writer=True, alongside=True) as store:
        for option, leaf in (("--supersedes", supersedes), ("--withdraws", withdraws)):
            if leaf is not None:
                _is_of_this_ask(store.attested(), leaf, ask, option)
        bring_in(app, store, now)
        store.write([Attested(made, tuple(pieces_of(data or b"")))])
        on_record = list(store.attested())
    give(ctx, _shape(on_record, _also(app, asked)), _show)


def _ask(app: App, id_: str, day: date) -> Ask:
    known = requests_on(app, day)
    if id_ not in known:
        raise unknown_word(id_, known, "evidence request", "annexd evidence-request list --all has them all")
    return known[id_]


@contextmanager
def _options() -> Iterator[None]:
    """Name the option where a field of the record cannot be taken."""
    try:
        yield
    except FieldError as error:
        raise typer.BadParameter(error.what, param_hint=f"--{error.field}") from error


def _person(text: str) -> Person:
    name, comma, role = text.partition(",")
    if not comma or not name.strip() or not role.strip():
        raise typer.BadParameter(f'{text!r} is not "Name, role"', param_hint="--by")
    return Person(name.strip(), role.strip())


def _is_somebody_else(person: Person, reviewer: str) -> None:
    name = reviewer.partition(",")[0].strip()
    if not name:
        raise typer.BadParameter("nobody is named", param_hint="--reviewed-by")
    if likely_same(name, person.name):
        raise typer.BadParameter(
            f"{name} is likely the same person as {person.name}: whoever states something does not review it",
            param_hint="--reviewed-by",
        )


def _kind(asked: Ask, withdraws: int | None, because: str) -> MediaKind:
    if withdraws is None:
        return kind_of_answer(asked)
    if not because.strip():
        raise typer.BadParameter("say why the record is taken back", param_hint="--because")
    return "withdrawal"


def _day(given: datetime | None, option: str, otherwise: date | None) -> date:
    if given is not None:
        return given.date()
    if otherwise is None:
        raise typer.BadParameter("this day is needed", param_hint=option)
    return otherwise


def _period(text: str) -> tuple[date, date]:
    first, _, last = text.partition("..")
    try:
        period = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is no period; write 2026-01-01..2026-03-31", param_hint="--period"
        ) from error
    if period[1] < period[0]:
        raise typer.BadParameter(f"{text} ends before it begins", param_hint="--period")
    return period


def _is_of_this_ask(filed: Iterable[Filed], leaf: int, ask: str, option: str) -> None:
    mine = [record.leaf for record in filed if record.attestation.ask == ask]
    if leaf not in mine:
        there = ", ".join(map(str, mine)) or "none"
        raise typer.BadParameter(f"log entry {leaf} is no record for {ask}; there are: {there}", param_hint=option)


def _bytes(file: Path) -> bytes:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}", mend="correct the path or its rights") from error
    if not data:
        raise ConfigError(f"{file}: it is empty", so="an empty document shows nothing", mend="name the document")
    if len(data) > LARGEST_FILE:
        raise ConfigError(
            f"{file}: it has {len(data)} bytes; {LARGEST_FILE} are kept", mend="file a shorter form of it"
        )
    return data


def _also(app: App, asked: Ask) -> list[str]:
    """Return the other requests that the record answers: those that repeat this one, whatever asks for them."""
    asks = {ask.id: ask for framework in app.frameworks() for control in framework.controls for ask in control.asks}
    same = [ask for ask in asks.values() if ask.owed == asked.owed and ask.id != asked.id]
    return [ask.id for ask in same if asked.id == asked.owed or ask.text == asked.text]


def _shape(on_record: list[Filed], also: list[str]) -> AttestedView:
    filed = on_record[-1]
    record = filed.attestation
    digest: Digest | None = record.digest
    return AttestedView(
        ask=record.ask,
        leaf=filed.leaf,
        kind=record.kind,
        digest=digest,
        size=record.size,
        valid_until=record.valid_until,
        stated_by=f"{record.stated_by.name}, {record.stated_by.role}",
        reviewed_by=record.reviewed_by,
        also=also if record.kind != "withdrawal" else [],
        same_file=same_file_as(filed, same_files(on_record)),
    )


def _show(shape: AttestedView, out: Page) -> None:
    kind = "record" if shape.kind != "withdrawal" else "withdrawal"
    out.line(f"{shape.ask}: {kind} filed, log entry {shape.leaf}")
    if shape.kind == "withdrawal":
        return
    if shape.digest is None:
        out.paragraph("It is a statement: without a document it does not answer the request.", indent=2)
    else:
        out.rows([("digest", shape.digest), ("bytes", str(shape.size)), ("valid until", str(shape.valid_until))])
    out.paragraph(f"As stated: by {shape.stated_by}, reviewed by {shape.reviewed_by}.", indent=2)
    if shape.also:
        out.paragraph(f"It also answers {', '.join(shape.also)}.", indent=2)
    if shape.same_file:
        out.paragraph(f"The same file was also filed for {', '.join(shape.same_file)}.", indent=2)
