"""`annexd soa`: begin, check and write out the statement of applicability."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.terminal.options import AsOf, give, opened
from collector.cli.terminal.session import session
from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.core.controls import Framework
    from collector.report.company.soa_views import SoaView

soa = typer.Typer(add_completion=False, no_args_is_help=True)


class Form(StrEnum):
    """What a statement can be written as."""

    JSON = "json"
    HTML = "html"
    XLSX = "xlsx"


@soa.callback()
def statement() -> None:
    """Draft, check or export the statement of applicability."""


@soa.command("init")
def begin(ctx: typer.Context) -> None:
    """Print a draft of soa.toml, with a row for each control in use.

    annexd refuses it until every row is decided.
    """
    cli_session = session(ctx)
    text = "\n".join(draft(cli_session.open_app().frameworks())) + "\n"
    if cli_session.json:
        from collector.cli.terminal.page import print_json

        print_json({"schema": "annexd.soa_draft/1", "text": text})
    else:
        typer.echo(text, nl=False)


@soa.command("check")
def check(ctx: typer.Context, as_of: AsOf = None) -> None:
    """Show what the SoA leaves open, and where it and the evidence are inconsistent. Exits 1 if there is any."""
    from collector.cli.company.soa_text import show_soa

    shape = _shape(ctx, as_of)
    give(ctx, shape, show_soa)
    if shape.undecided or shape.contradictions or not shape.in_force:
        raise typer.Exit(1)


@soa.command("export")
def export(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write; it must not exist.")],
    form: Annotated[Form, typer.Option("--format", help="What to write.", show_default="by the name of the file")]
    | None = None,
    as_of: AsOf = None,
) -> None:
    """Write the SoA to a file, with the state of each control beside its decision."""
    shape = _shape(ctx, as_of)
    chosen = form or _form_of(out)
    if out.exists():
        raise ConfigError(f"{out} is there already", so="nothing is overwritten", mend="name another file")
    match chosen:
        case Form.JSON:
            from collector.report.json_text import json_text

            out.write_text(json_text(shape) + "\n", encoding="utf-8")
        case Form.HTML:
            from collector.pages.soa_page import html

            out.write_text(html(shape), encoding="utf-8")
        case Form.XLSX:
            from collector.pages.soa_workbook import write_sheet

            write_sheet(shape, out)


def _shape(ctx: typer.Context, as_of: str | None) -> SoaView:
    from collector.report.company.soa_views import soa_view
    from collector.report.state.assessment import assessed

    with opened(ctx, as_of) as reading:
        return soa_view(assessed(reading))


def _form_of(out: Path) -> Form:
    try:
        return Form(out.suffix.removeprefix(".").lower())
    except ValueError as error:
        raise typer.BadParameter(
            f"{out.name} does not say what to write: json, html or xlsx", param_hint="--format"
        ) from error


def draft(frameworks: Iterable[Framework]) -> Iterator[str]:
    """Yield the lines of a draft. What only a person can decide stays empty, and is refused while it is."""
    yield "# Statement of applicability. Every empty value is a decision; annexd refuses the file until it is made."
    yield 'version        = "1"'
    yield 'approved_by    = ""'
    yield "approved_on    =          # a day, such as 2026-01-31"
    yield "effective_from =          # from when on it counts"
    for framework in frameworks:
        if not framework.soa:
            continue
        yield ""
        yield f"# {framework.name}:{framework.edition} {'-' * 60}"
        for control in framework.controls:
            yield ""
            yield "[[control]]"
            yield f"id          = {json.dumps(f'{framework.id}/{control.id}')}          # {control.title}"
            if control.roles:
                yield f'# role      = "{control.roles[0]}"   # only where the roles differ: {", ".join(control.roles)}'
            yield "applicable  =             # true or false"
            yield "grounds     = []          # why it is in: risk, law, contract, baseline"
            yield 'because     = ""          # the justification, for inclusion and for exclusion'
            yield 'implemented = ""          # yes, partly, planned, no; take it out where the control does not apply'
