"""`annexd scan`: look now, judge, and keep it."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.scan.selection_options import CheckOption, ServiceOption, SourceOption
from collector.cli.terminal.options import unknown_word
from collector.cli.terminal.patience import WAIT, WaitOption
from collector.cli.terminal.session import session
from collector.core.errors import ConnectorError

if TYPE_CHECKING:
    from collector.actions.selection import Selection
    from collector.cli.terminal.session import Session
    from collector.core.ports import Store
    from collector.setup.app import App
    from storage import SqlStore


class Counting(StrEnum):
    """Verdicts that may be asked to count as found."""

    FAIL = "fail"
    UNKNOWN = "unknown"


def _counting(text: str) -> str:
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in list(Counting):
            raise unknown_word(word, list(Counting), "--fail-on")
    return ",".join(words)


def scan(  # noqa: PLR0913, PLR0917  one parameter an option
    ctx: typer.Context,
    source: SourceOption = None,
    service: ServiceOption = None,
    check: CheckOption = None,
    resume: Annotated[bool, typer.Option("--resume", help="Only what the last scan did not get to.")] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Only what was last not seen completely.")
    ] = False,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            metavar="VERDICTS",
            help="Exit with 1 if any came up: fail, unknown or both.",
            callback=_counting,
        ),
    ] = "",
    wait: WaitOption = WAIT,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Print the plan, and ask no platform.")] = False,
) -> None:
    """Look at the platforms now, judge, and keep both.

    On a terminal a bar shows what is being read; elsewhere stderr stays quiet unless -v or --log-level asks for more.
    """
    cli_session = session(ctx)
    app = cli_session.open_app()
    app.require_a_source()
    from collector.actions.selection import select

    chosen = select(app, source or (), service or (), check or ())
    if dry_run:
        from collector.cli.scan.plan_command import show_plan

        show_plan(app, chosen, cli_session)
        return
    app.prove_secrets(app.sources(chosen.sources))
    with app.open_store(writer=True, wait=wait) as store:
        narrowed = narrow(store, chosen, resume=resume, retry_failed=retry_failed)
        if narrowed is None:
            cli_session.say("there is nothing left to do")
            return
        _look(app, store, narrowed, cli_session, [word for word in fail_on.split(",") if word])


def narrow(store: Store, chosen: Selection, *, resume: bool, retry_failed: bool) -> Selection | None:
    """Return the selection without what need not be done again; None where nothing is left of it."""
    from dataclasses import replace

    from collector.actions.selection import incomplete_tasks, left_over

    if resume:
        left = left_over(store)
        if left is None:
            raise typer.BadParameter("there is no scan to go on with", param_hint="--resume")
        if not left[1]:
            return None
        chosen = replace(chosen, tasks=left[1], resumes=left[0])
    if retry_failed:
        again = incomplete_tasks(store)
        chosen = replace(chosen, tasks=again if chosen.tasks is None else chosen.tasks & again)
        if not chosen.tasks:
            return None
    return chosen


def _look(app: App, store: SqlStore, chosen: Selection, cli_session: Session, fail_on: list[str]) -> None:
    from collector.actions.overlapping_sources import overlaps
    from collector.actions.scan_report import counts_against, nothing_was_read, scan_report
    from collector.actions.scanning import INTERRUPTED, run
    from collector.cli.scan.scan_report_page import print_report
    from collector.cli.scan.terminal_progress import progress_on
    from collector.cli.terminal.page import print_json
    from collector.company.recording import prove_recorded
    from collector.engine.plan import known_scopes

    progress = (
        None
        if cli_session.quiet or cli_session.verbose or cli_session.log_level
        else progress_on(sys.stderr, app, store)
    )
    summary, seen = run(app, store, chosen, "scan", progress=progress)
    for overlap in overlaps(app.sources(), known_scopes(store.plans())):
        cli_session.say(f"note: {overlap.text}")
    report = scan_report(summary, seen, app.sources(chosen.sources))
    if cli_session.json:
        print_json(report)
    else:
        print_report(report, f" -c {cli_session.config}" if cli_session.config is not None else "")
    if report.stopped is not None:
        raise typer.Exit(INTERRUPTED)
    if nothing_was_read(report):
        raise ConnectorError(
            "nothing could be read from any platform",
            so="that was recorded, and everything that depends on it is unknown",
            mend="annexd doctor says what each source lacks",
        )
    prove_recorded(app, store)
    if counts_against(report, fail_on):
        raise typer.Exit(1)
