"""`annexd export`: the auditor's bundle."""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from collector.cli.terminal.options import give, unknown_word
from collector.cli.terminal.session import session
from collector.core.errors import ConfigError, StoreError, UsageError
from collector.core.plain_text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.actions.export_bundle import ExportResult
    from collector.bundle.proofs.proof import Previous
    from collector.cli.terminal.page import Page
    from collector.setup.app import App
    from storage import SqlStore

_logger = logging.getLogger(__name__)

_FOR = re.compile(r"internal-audit|stage-1|stage-2|surveillance-[1-9][0-9]?|recertification")


class ExportView(Struct, frozen=True, kw_only=True, tag="annexd.export/1", tag_field="schema"):
    """What `annexd export --json` prints. `is_new` is false where the leaf of an earlier export was used again.

    `receipt` is the log entry that states what was written, null where the store cannot be written. `pdf` is the copy
    of the report beside the bundle, null without --pdf.
    """

    file: str
    bytes: int
    digest: str
    files: int
    leaf: int
    is_new: bool
    origin: str
    size: int
    root: str
    first: int
    end: int
    leaves: int
    withheld_leaves: int
    withheld: int
    erased: int
    fingerprint: str
    previous: int | None
    anchored_at: str | None
    sample: int | None
    receipt: int | None
    pdf: str | None = None


class ReceiptView(Struct, frozen=True, kw_only=True, tag="annexd.receipt/1", tag_field="schema"):
    """What `annexd export --receipt --json` prints: the folder, the log entry, and how many entries its head covers."""

    folder: str
    leaf: int
    size: int


def export(  # noqa: PLR0913, PLR0917  one parameter an option
    ctx: typer.Context,
    to: Annotated[Path, typer.Argument(metavar="OUT.ZIP", help="The bundle; a file that is not there yet.")],
    first: Annotated[
        str, typer.Option("--from", metavar="DAY", help="The first day, included.", show_default=False)
    ] = "",
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day, included.", show_default=False)] = "",
    framework: Annotated[
        list[str] | None,
        typer.Option(help="Such as iso27001:2022; may be repeated.", show_default="all in use"),
    ] = None,
    zone: Annotated[str, typer.Option(help="The time zone of the days, such as Europe/Zurich.")] = "UTC",
    controls: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Only these controls, such as 8.*; may be repeated.")
    ] = None,
    made_for: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="AUDIT",
            help="internal-audit, stage-1, stage-2, surveillance-N or recertification.",
            show_default=False,
        ),
    ] = "",
    classification: Annotated[str, typer.Option(help="Such as confidential.", show_default=False)] = "",
    recipient: Annotated[str, typer.Option(help="Who is given it.", show_default=False)] = "",
    purpose: Annotated[str, typer.Option(help="What it is given for.", show_default=False)] = "",
    previous: Annotated[
        Path | None, typer.Option(metavar="OLD.ZIP", help="The bundle before: this one proves to go on from it.")
    ] = None,
    withhold: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Leave out sources, kinds, scopes or keys; may be repeated."),
    ] = None,
    pseudonymise: Annotated[
        bool, typer.Option("--pseudonymise", help="Show pseudonyms, and nothing that holds names.")
    ] = False,
    audit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Show the evidence requests of this audit too; may be repeated."),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            metavar="ENTRY", help="In place of a period: the sample of this log entry, with a proof for each item."
        ),
    ] = None,
    receipt: Annotated[
        int | None,
        typer.Option(metavar="ENTRY", help="Of an earlier export: write its receipt again, into the new folder named."),
    ] = None,
    pdf: Annotated[
        bool,
        typer.Option(
            "--pdf", help="Print the report to a PDF beside the bundle too; takes a Chromium, proves nothing."
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
) -> None:
    """Make the auditor's bundle of a period.

    It has evidence, proofs, pages and a workbook. What is exported, and to whom, is recorded first. The same period of
    the same log gives the same bytes.
    """
    if made_for and _FOR.fullmatch(made_for) is None:
        raise typer.BadParameter(
            f"{made_for!r} is none of internal-audit, stage-1, stage-2, surveillance-N, recertification",
            param_hint="--for",
        )
    if receipt is not None:
        if first or last or sample is not None or force or pdf:
            raise typer.BadParameter(
                "it is of one export: name its log entry and a folder only", param_hint="--receipt"
            )
        give(ctx, _receipt(session(ctx).open_app(), receipt, to), show_receipt)
        return
    from collector.actions.export_bundle import export as make
    from collector.actions.export_entry import ExportRequest
    from collector.actions.pdf_copy import check_pdf, write_pdf
    from collector.bundle.exporters.exporters import exporters
    from collector.bundle.sample_files.sample_items import sample_of
    from collector.cli.terminal.days import days_of
    from collector.engine.clock import SystemClock

    if sample is not None:
        _alone(first, last, withhold, controls, pseudonymise=pseudonymise, pdf=pdf)
    elif not first or not last:
        raise typer.BadParameter("a bundle of a period needs both days", param_hint="--from and --to")
    elif days_of(first, last, zone).start >= SystemClock().now():
        raise typer.BadParameter(f"{first} is yet to come: nothing has been seen of it", param_hint="--from")
    app = session(ctx).open_app()
    wanted = partial(
        ExportRequest,
        frameworks=_frameworks(app, framework or (), controls or ()),
        controls=tuple(controls or ()),
        made_for=made_for,
        classification=classification,
        recipient=recipient,
        purpose=purpose,
        withheld=tuple(withhold or ()),
        pseudonymised=pseudonymise,
        audits=tuple(dict.fromkeys(audit or ())),
        sample=sample,
    )
    browser = check_pdf(to, force=force) if pdf else ""
    with _store(app) as (store, read_only):
        if audit:
            from collector.cli.audit.known_audits import require_audits

            require_audits(store, audit)  # before anything is recorded
        before = None if previous is None else _previous(previous, store)
        days = days_of(first, last, zone) if sample is None else sample_of(app, store, sample).period
        asked = wanted(period=days)
        made = make(
            app,
            store,
            asked,
            to,
            exporters(sample=sample is not None),
            previous=before,
            force=force,
            read_only=read_only,
        )
    printed = write_pdf(to, browser, made.digest) if pdf else None
    give(ctx, export_view(to, made, printed), show_export)


@contextmanager
def _store(app: App) -> Iterator[tuple[SqlStore, bool]]:
    """Open the store, and say whether it is a copy that cannot be written: what is in it can be exported again."""
    from storage.database.read_only import is_read_only

    read_only = False
    try:
        opened = app.open_store(writer=True)
    except StoreError as error:
        if not is_read_only(error):
            raise
        _logger.warning("%s: only what was exported before can be exported again", error.what)
        opened, read_only = app.open_store(writer=False), True
    with opened as store:
        yield store, read_only


def _receipt(app: App, leaf: int, to: Path) -> ReceiptView:
    from collector.actions.export_receipt import receipt_again, write_receipt

    if to.exists():
        raise ConfigError(f"{to} is there already", so="nothing was written", mend="name a folder that is not there")
    with app.open_store(writer=False) as store:
        made = receipt_again(store, leaf)
    write_receipt(made, to)
    return ReceiptView(folder=str(to), leaf=made.leaf, size=made.size)


def show_receipt(shape: ReceiptView, out: Page) -> None:
    """Print for people which receipt was written."""
    out.line(f"{shape.folder}: the receipt in log entry {shape.leaf}, under the signed head over {shape.size} entries.")


def _alone(
    first: str,
    last: str,
    withhold: Sequence[str] | None,
    controls: Sequence[str] | None,
    *,
    pseudonymise: bool,
    pdf: bool,
) -> None:
    """Raise BadParameter where a sample is asked to be less, or more, than what was drawn."""
    given = {
        "--from": first,
        "--to": last,
        "--withhold": withhold,
        "--controls": controls,
        "--pseudonymise": pseudonymise,
        "--pdf": pdf,
    }
    names = [name for name, said in given.items() if said]
    if names:
        raise typer.BadParameter(
            f"a sample is all that was taken, of the days of its population: leave out {', '.join(names)}",
            param_hint="--sample",
        )


def show_export(shape: ExportView, out: Page) -> None:
    """Print for people what was exported."""
    out.line(f"{shape.file}: {plural(shape.files, 'file')}, {shape.bytes:,} bytes, {shape.digest}")
    said = "recorded in" if shape.is_new else "the same bundle as in"
    span = f"log entries {shape.first} to {shape.end - 1}" if shape.end > shape.first else "no log entry"
    rows = [
        ("Log entry", f"{said} log entry {shape.leaf}"),
        ("Log", f"{shape.origin}, {shape.size} entries, log hash {shape.root}"),
        (
            (
                "Period",
                f"{span}; with older ones {plural(shape.leaves, 'log entry is', 'log entries are')} in the bundle",
            )
            if shape.sample is None
            else ("Sample", f"the sample of log entry {shape.sample}; {shape.leaves} entries are in the bundle")
        ),
        (
            "Left out",
            f"{shape.withheld_leaves} entries as hashes only, {plural(shape.withheld, 'body')}; {shape.erased} erased",
        ),
        (
            "Receipt",
            "none: this copy of the store cannot be written, and both verifiers say so"
            if shape.receipt is None
            else f"log entry {shape.receipt} states what was written",
        ),
        ("Fingerprint", shape.fingerprint),
    ]
    if shape.pdf is not None:
        rows.append(("PDF", f"{shape.pdf}, a convenience copy of the report, which nothing proves"))
    out.rows(rows)
    out.gap()
    out.paragraph(
        "Give it to the auditor together with the verifier key (annexd key), each by a way of its own. Keep a copy: the"
        " next bundle proves with --previous that it goes on from this one."
    )


def _frameworks(app: App, named: Sequence[str], controls: Sequence[str]) -> tuple[str, ...]:
    """Return the frameworks that are meant. Raises UsageError before anything is recorded."""
    from fnmatch import fnmatchcase

    known = {framework.id: framework for framework in app.frameworks()}
    for id_ in named:
        if id_ not in known:
            raise unknown_word(id_, known, "--framework")
    chosen = tuple(dict.fromkeys(named)) or tuple(known)
    ids = [name for id_ in chosen for control in known[id_].controls for name in (control.id, f"{id_}/{control.id}")]
    for pattern in controls:
        if not any(fnmatchcase(id_, pattern) for id_ in ids):
            raise UsageError(
                f"no control of {', '.join(chosen)} is called {pattern}",
                so="nothing was exported, and nothing recorded",
                mend="annexd controls lists them; a pattern such as 8.* names several",
            )
    return chosen


def _previous(path: Path, store: SqlStore) -> Previous:
    from collector.bundle.proofs.proof import read_previous
    from collector.bundle.verifying.members import opened
    from storage.log.ranges import LogParts

    with store.reading() as connection:
        keys = [framework.key for framework in LogParts(connection).origins()]
    with opened(path) as members:
        return read_previous(members.text("proof/checkpoint"), *keys)


def export_view(to: Path, made: ExportResult, pdf: Path | None = None) -> ExportView:
    """Return what is told of an export."""
    head = made.head
    return ExportView(
        file=str(to),
        bytes=made.bytes,
        digest=made.digest,
        files=made.manifest.files,
        leaf=head.export_leaf,
        is_new=made.is_new,
        origin=head.origin,
        size=head.size,
        root=head.root,
        first=head.first,
        end=head.end,
        leaves=made.shown.leaves,
        withheld_leaves=made.shown.withheld_leaves,
        withheld=made.withheld,
        erased=made.erased,
        fingerprint=head.fingerprint,
        previous=head.previous_size,
        anchored_at=None if head.anchored_at is None else head.anchored_at.isoformat(),
        sample=made.sample,
        receipt=made.receipt,
        pdf=None if pdf is None else str(pdf),
    )
