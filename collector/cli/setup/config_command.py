"""`annexd config`: whether the configuration can be taken as it is."""

from __future__ import annotations

import sys

import typer
from msgspec import Struct

from collector.actions.overlapping_sources import Overlap, overlaps
from collector.cli.terminal.session import session
from collector.core.addresses import shown_address

config = typer.Typer(no_args_is_help=True, help="Check the configuration; print one with every setting.")


@config.callback()
def group() -> None:
    """Check the configuration; print one with every setting."""


class CheckedSource(Struct, frozen=True):
    """A source that can be taken as it is. `roots` are the accounts or organizations that its settings name."""

    name: str
    connector: str
    every: str
    roots: tuple[tuple[str, ...], ...]


class CheckedConfig(Struct, frozen=True):
    """The JSON of `annexd config check`. `limits` are those that the operator has set, `overlaps` are read twice."""

    file: str
    store: str
    sources: tuple[CheckedSource, ...]
    frameworks: tuple[str, ...]
    checks: int
    disabled: tuple[str, ...]
    limits: dict[str, dict[str, str]]
    overlaps: tuple[Overlap, ...]


@config.command("check")
def config_check(ctx: typer.Context) -> None:
    """Read the whole configuration, and its secrets' places, without asking any platform."""
    cli_session = session(ctx)
    app = cli_session.open_app()
    from collector.cli.terminal.page import page, print_json
    from collector.core.scopes import show_scope
    from collector.core.spans import show_span

    sources = app.sources()
    app.prove_secrets(sources)
    rules = app.rules()
    configured = app.config.checks
    report = CheckedConfig(
        file=str(app.config.file.path),
        store=shown_address(app.config.store.url),
        sources=tuple(
            CheckedSource(
                source.name,
                source.connector.name,
                show_span(app.config.sources[source.name].every),
                tuple(source.roots()),
            )
            for source in sources
        ),
        frameworks=tuple(framework.id for framework in app.frameworks()),
        checks=len(rules),
        disabled=tuple(id_ for id_, said in configured.items() if not said.enabled),
        limits={
            rule.check.id: rule.shown_limits
            for rule in rules
            if rule.check.id in configured and configured[rule.check.id].limits
        },
        overlaps=tuple(overlaps(sources)),
    )
    if cli_session.json:
        print_json(report)
        return
    out = page()
    out.line(f"{report.file} can be taken as it is.")
    out.line(f"store: {report.store}", indent=2)
    for source in report.sources:
        roots = ", ".join(show_scope(root) for root in source.roots)
        out.line(f"source {source.name}: {source.connector}, every {source.every}, from {roots}", indent=2)
    for overlap in report.overlaps:
        out.paragraph(f"note: {overlap.text}", indent=2)
    if not report.sources:
        out.line("there is no source to look at yet", indent=2)
    out.line(f"frameworks: {', '.join(report.frameworks)}", indent=2)
    out.line(f"{report.checks} checks, {len(report.disabled)} disabled", indent=2)
    for id_ in report.disabled:
        out.line(f"disabled: {id_}: {configured[id_].reason}", indent=2)
    for id_, limits in report.limits.items():
        out.line(f"{id_}: " + ", ".join(f"{name} = {value}" for name, value in limits.items()), indent=2)


@config.command("example")
def config_example(ctx: typer.Context) -> None:
    """Print a configuration with every setting, commented."""
    from collector.cli.setup.shipped_files import example_configuration

    text = example_configuration()
    if session(ctx).json:
        from collector.cli.terminal.page import print_json

        print_json({"schema": "annexd.config_example/1", "text": text})
    else:
        sys.stdout.write(text)
