"""`annexd verify`: prove that the store holds what was recorded, and nothing else."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from msgspec import Struct

from collector.cli.terminal.session import session
from collector.cli.terminal.verifier_keys import text_of, verifier_key
from collector.core.clocks import show_anomaly
from collector.core.errors import StoreError, VerificationError
from collector.core.plain_text import plural

if TYPE_CHECKING:
    from collector.cli.terminal.page import Page
    from collector.setup.app import App
    from storage.verification import VerificationReport, VerificationRequest
    from storage.verifying.clock_check import Backwards, DisagreeingClocks

_logger = logging.getLogger(__name__)

ONLY_OUTSIDE = (
    "Who holds the signing key, or puts back an older copy of the store together with the signer's memory beside the"
    " key, can show another history that proves just as well. Only a checkpoint that was kept outside shows that:"
    " annexd verify --against FILE."
)
"""What no proof on this machine can show."""


class PlatformClocksView(Struct, frozen=True, kw_only=True):
    """What runs saw of clocks that differ beyond the limit: in how many runs and collections, and since which entry.

    `largest_seconds` is the largest difference (this machine's clock less that of `source`), seen in `run`; `whose`
    clock is wrong is machine, platform or unclear.
    """

    runs: int
    collections: int
    first: int
    largest_seconds: int
    source: str
    run: str
    whose: str
    sources: list[str]


class VerifiedView(Struct, frozen=True, kw_only=True, tag_field="schema", tag="annexd.verified/1"):
    """What was proven, for machines."""

    store: str
    origin: str
    leaves: int
    root: str
    checkpoints: int
    signed: int
    unsigned: int
    authenticated: int
    unauthenticated: int
    key: str
    fingerprint: str
    key_given: bool
    anchors: int
    anchors_proven: int
    anchored_size: int | None
    anchored_at: str | None
    pending: int
    payloads: int
    bodies: int
    erased: int
    inventories: int
    rows: int | None
    against: int | None
    copies: int
    copies_oldest: int | None
    copies_newest: int | None
    copies_missing: int
    copies_given_up: int
    memory_compared: bool
    lookups_checked: bool
    interrupted: int | None
    clock_anomalies: int
    first_clock_anomaly: int | None
    platform_clocks: PlatformClocksView | None


def verify(  # noqa: PLR0913, PLR0917  one parameter an option
    ctx: typer.Context,
    bundle: Annotated[
        Path | None,
        typer.Argument(metavar="[BUNDLE]", help="A bundle, zip or folder, instead of the store.", show_default=False),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="The verifier key you trust, or a file with it; from another channel.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", help="A checkpoint that was kept outside: it must lead to this store.")
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Derive every table from the log again, and compare.")
    ] = False,
    previous: Annotated[
        Path | None, typer.Option(metavar="OLD", help="Of a bundle: an earlier one, which it must go on from.")
    ] = None,
    tsa_ca: Annotated[
        Path | None,
        typer.Option("--tsa-ca", metavar="PEM", help="Of a bundle: the root of the time-stamping authority."),
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Of a bundle: re-evaluate its evidence, and compare every verdict.")
    ] = False,
    render: Annotated[
        bool,
        typer.Option("--render", help="Of a bundle: render what people read again from what it proves, and compare."),
    ] = False,
) -> None:
    """Prove that a store or a bundle is as it was recorded.

    Log entries, tree, checkpoints, anchors and bodies; the first thing that is not as it was recorded is named. With a
    bundle the same is proven of that, with neither a store nor a configuration.
    """
    cli_session = session(ctx)
    if bundle is not None:
        if against is not None or rebuild:
            raise typer.BadParameter("--against and --rebuild are of a store, not of a bundle", param_hint="BUNDLE")
        _verify_bundle(ctx, bundle, key, previous, tsa_ca, replay=replay, render=render)
        return
    if previous is not None or tsa_ca is not None or replay or render:
        raise typer.BadParameter(
            "--previous, --tsa-ca, --replay and --render are of a bundle; name one", param_hint="BUNDLE"
        )
    app = cli_session.open_app()
    from collector.actions.checkpoint_copies import kept_copies
    from collector.cli.terminal.page import page, print_json
    from storage.verification import VerificationRequest

    asked = VerificationRequest(
        key=None if key is None else verifier_key(key),
        against=None if against is None else text_of(against, "--against"),
        copies=kept_copies(app.config.store),
        rebuild=rebuild,
    )
    report, times = _proven(app, asked)
    if cli_session.json:
        print_json(_shape(report, times, asked))
    else:
        _print(report, times, asked, page())


def _verify_bundle(
    ctx: typer.Context,
    bundle: Path,
    key: str | None,
    previous: Path | None,
    tsa_ca: Path | None,
    *,
    replay: bool,
    render: bool,
) -> None:
    from collector.bundle.reevaluation.reevaluation import replay_bundle
    from collector.bundle.rendering.rendered_bundle import render_bundle
    from collector.bundle.verifying.bundle import verify_bundle
    from collector.bundle.verifying.evidence import is_evidence, verify_evidence
    from collector.cli.audit.verification_report import show_bundle, show_evidence
    from collector.cli.audit.verification_shape import bundle_view
    from collector.cli.terminal.options import give
    from storage.log.anchors import read_roots

    if key is None:
        raise typer.BadParameter(
            "a bundle proves nothing without the key of its log, from another channel than the bundle",
            param_hint="--key",
        )
    if is_evidence(bundle):
        if previous is not None or replay or render:
            raise typer.BadParameter(
                "--previous, --replay and --render are of a bundle, not of one body", param_hint="BUNDLE"
            )
        give(ctx, verify_evidence(bundle, verifier_key(key)), show_evidence)
        return
    report = verify_bundle(bundle, key=verifier_key(key), previous=previous, roots=read_roots(tsa_ca))
    replayed = replay_bundle(bundle) if replay else None
    rendered = render_bundle(bundle) if render else None
    give(ctx, bundle_view(str(bundle), report, replayed, rendered), show_bundle)
    for again in (replayed, rendered):
        if again is not None:
            again.prove()


class _Times(NamedTuple):
    """What the log says of wrong clocks."""

    backwards: Backwards
    disagreeing: DisagreeingClocks


def _proven(app: App, asked: VerificationRequest) -> tuple[VerificationReport, _Times]:
    from storage.log.anchors import read_roots
    from storage.verification import verify as prove
    from storage.verifying.clock_check import disagreeing_clocks, ran_backwards

    roots = read_roots(app.config.store.anchor_ca)
    try:
        with app.open_store(writer=False) as store:
            report = prove(store, asked, roots=roots, tell=lambda what: _logger.info("verifying %s", what))
            with store.reading() as connection:
                return report, _Times(ran_backwards(connection), disagreeing_clocks(connection))
    except StoreError as error:
        # A file that the database cannot read any more is what this command is there to tell.
        if error.__cause__ is not None:
            raise VerificationError(error.what, so=error.so, mend=error.mend) from error
        raise


def _shape(report: VerificationReport, times: _Times, asked: VerificationRequest) -> VerifiedView:
    values = {name: getattr(report, name) for name in report.__struct_fields__}
    return VerifiedView(
        **values,
        key_given=asked.key is not None,
        clock_anomalies=times.backwards.leaves,
        first_clock_anomaly=times.backwards.first,
        platform_clocks=_platform_clocks(times.disagreeing),
    )


def _platform_clocks(clocks: DisagreeingClocks) -> PlatformClocksView | None:
    worst = clocks.furthest
    if worst is None or clocks.first is None:
        return None
    furthest = worst.furthest
    off = {compared.source for anomaly in clocks.runs for compared in anomaly.sources if compared.beyond}
    return PlatformClocksView(
        runs=len(clocks.runs),
        collections=clocks.collections,
        first=clocks.first,
        largest_seconds=int((furthest.largest or timedelta()).total_seconds()),
        source=furthest.source,
        run=worst.run,
        whose=worst.whose.value,
        sources=sorted(off),
    )


def _print(report: VerificationReport, times: _Times, asked: VerificationRequest, out: Page) -> None:
    out.line(f"The store holds what was recorded: {report.leaves} log entries, log hash {report.root}.")
    out.head("Proven")
    out.rows(list(_rows(report)))
    out.head("Not proven")
    if asked.key is None:
        out.line(
            "That the log is signed by whom you think: the key was taken from the log itself. Compare the fingerprint"
            " with one from another channel, and give it with --key.",
            indent=2,
        )
    if not asked.rebuild:
        out.line(
            "That the tables follow from the record, beyond the inventories: --rebuild derives them again.", indent=2
        )
    if report.unauthenticated:
        out.line(
            f"Who wrote the last {plural(report.unauthenticated, 'log entry', 'log entries')}: no checkpoint covers"
            " them, and their MACs can be proven only where the signing key is.",
            indent=2,
        )
    elif report.unsigned:
        out.line(
            f"The last {plural(report.unsigned, 'log entry', 'log entries')}, to anybody else: their MACs hold here,"
            " and the next scan signs them.",
            indent=2,
        )
    for line in _skipped(report):
        out.line(line, indent=2)
    backwards, clocks = times
    if backwards.leaves:
        out.line(
            f"The times of the record: clock_anomaly, {backwards.leaves} log entries are dated before the entry before"
            f" them, the first of them entry {backwards.first}. Their order holds all the same.",
            indent=2,
        )
    if (worst := clocks.furthest) is not None:
        out.line(
            f"The times of the record: clock_anomaly, {plural(clocks.collections, 'collection')} in"
            f" {plural(len(clocks.runs), 'run')} saw a platform's clock differ, the first told by log entry"
            f" {clocks.first}. The furthest, in run {worst.run}: {show_anomaly(worst)}.",
            indent=2,
        )
    if asked.against is None and not asked.copies:
        out.line(ONLY_OUTSIDE, indent=2)
    if asked.copies and (after := report.leaves - (report.copies_newest or 0)):
        out.line(
            f"Against the holder of the signing key: the last {plural(after, 'log entry', 'log entries')}, which no"
            " copy outside covers.",
            indent=2,
        )
    if report.copies_missing:
        out.line(
            f"Against the holder of the signing key: that the first {report.copies_oldest} log entries were not written"
            f" anew before the oldest copy outside was made. {plural(report.copies_missing, 'earlier checkpoint')} ha"
            f"{'s' if report.copies_missing == 1 else 've'} none: where there were some, find out who removed them.",
            indent=2,
        )
    if report.copies_given_up:
        out.line(
            f"What {plural(report.copies_given_up, 'copy', 'copies')} outside covered of the history that was given up"
            " when the store was restored, which a log entry states.",
            indent=2,
        )


def _skipped(report: VerificationReport) -> list[str]:
    """Say which comparisons were skipped, because what they need is not here."""
    lines = []
    if not report.memory_compared:
        lines.append(
            "That this is not an older copy: the signer's memory is not here, so what was signed last was not compared."
        )
    if not report.lookups_checked:
        lines.append(
            "That equal bodies are recognised: the store key is not here, so the values they are looked up by were not"
            " compared."
        )
    if report.interrupted is not None:
        lines.append(
            f"The checkpoint of {report.interrupted} log entries: annexd ended while it was being signed, or somebody"
            " removed it; the next scan signs again."
        )
    return lines


def _rows(report: VerificationReport) -> list[tuple[str, str]]:
    rows = [
        ("Log entries", f"{report.leaves}, each with its own hash, in their order, without a gap"),
        (
            "Checkpoints",
            f"{report.checkpoints}, the newest over {report.signed} log entries, each signed and with its log hash",
        ),
        (
            "MACs",
            f"{report.authenticated}, each computed again with the signing key"
            if report.authenticated
            else "present, and not computed again: that takes the signing key",
        ),
        ("Key", report.key),
        ("Fingerprint", report.fingerprint),
        ("Bodies", f"{report.bodies}, and {report.payloads} payloads, each with its digest; {report.erased} erased"),
        ("Inventories", f"{report.inventories}, the latest of each collection that was complete"),
    ]
    if report.anchors or report.pending:
        newest = (
            "" if report.anchored_at is None else f", the newest over {report.anchored_size} at {report.anchored_at}"
        )
        roots = f"{report.anchors_proven} against the root that is configured"
        rows.append(("Anchors", f"{report.anchors}{newest}; {roots}; {report.pending} pending"))
    if report.rows is not None:
        rows.append(("Tables", f"{report.rows} rows, each derived again"))
    if report.against is not None:
        rows.append(("Outside", f"the checkpoint of {report.against} log entries is the beginning of this log"))
    if report.copies:
        span = f"the oldest over {report.copies_oldest} log entries, the newest over {report.copies_newest}"
        rows.append(("Copies", f"{report.copies} outside lead to this log, {span}"))
    return rows
