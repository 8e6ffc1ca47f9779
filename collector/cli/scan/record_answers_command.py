"""`annexd record-answers`: what a platform really answers, without anything of the company's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import one_of
from collector.cli.terminal.session import session
from collector.core.errors import ConnectorError

if TYPE_CHECKING:
    from collector.actions.recording.record import RecordingReport
    from collector.cli.terminal.page import Page


def record_answers(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source whose platform is asked.")],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A new or empty folder.")],
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="Only the resources of this kind; may be repeated.")
    ] = None,
    answers: Annotated[
        int, typer.Option("--answers", min=1, help="How many answers of each operation and status are kept.")
    ] = 3,
) -> None:
    """Record what a platform answers, scrubbed, to give it on.

    Asks as a scan does; stores nothing, sends nothing anywhere. Secrets are removed, and names, mails, ids and free
    texts are replaced by invented ones. Read REVIEW.md in the folder before you share it.
    """
    cli_session = session(ctx)
    app = cli_session.open_app()
    one_of([source], tuple(app.config.sources), "SOURCE")
    (chosen,) = app.sources((source,))
    one_of(kind, tuple(chosen.collections), "--kind")
    app.prove_secrets([chosen])
    from collector.actions.recording.record import record
    from collector.actions.scanning import INTERRUPTED
    from collector.cli.terminal.page import page, print_json

    report = record(chosen, to, app.clock, app.limits(), kinds=kind or (), most=answers)
    if cli_session.json:
        print_json(report)
    else:
        _show(report, page())
    if report.stopped is not None:
        raise typer.Exit(INTERRUPTED)
    if not report.answers:
        raise ConnectorError(
            "the platform answered nothing",
            so="the recording is empty",
            mend="annexd doctor says what the source lacks",
        )


def _show(report: RecordingReport, out: Page) -> None:
    from collector.core.plain_text import plural

    out.line(f"Wrote {plural(report.recorded, 'answer')} of {report.answers} to {report.folder}; nothing was sent.")
    if report.refused:
        refused = ", ".join(f"{operation} ({count})" for operation, count in report.refused.items())
        out.line(f"refusals and errors, recorded too: {refused}", indent=2)
    made = ", ".join(f"{count} {kind}" for kind, count in report.replaced.items() if count)
    out.line(f"replaced: {made or 'nothing'}", indent=2)
    out.line(f"kept: {plural(report.kept, 'text')} of the platform's own", indent=2)
    if report.doubtful:
        out.line(f"look first for names of yours among: {', '.join(report.doubtful)}", indent=2)
    out.line(f"Read {report.folder}/REVIEW.md, which lists every text that was kept, before you share the folder.")
