"""Commands about connectors: what each may be asked. What they do is imported when they are given."""

from __future__ import annotations

import sys
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from collector.cli.terminal.options import give, one_of
from collector.cli.terminal.session import session

if TYPE_CHECKING:
    from collector.setup.app import App


connectors = typer.Typer(add_completion=False, invoke_without_command=True)


@connectors.callback()
def every_connector(ctx: typer.Context) -> None:
    """List the platforms, and what to install for each."""
    if ctx.invoked_subcommand is not None:
        return
    from collector.cli.setup.connectors_page import show_connectors
    from collector.cli.terminal.browsing import browsed
    from collector.report.state.connector_views import connectors_view

    give(ctx, connectors_view(browsed(session(ctx))), show_connectors)


@connectors.command("coverage")
def coverage(ctx: typer.Context, connector: Annotated[str, typer.Argument(help="A platform, such as aws.")]) -> None:
    """List its checks: verdicts that tests show, and links."""
    from collector.cli.setup.connectors_page import show_connector_coverage
    from collector.cli.terminal.browsing import browsed
    from collector.report.state.check_coverage_views import connector_coverage_view

    app = browsed(session(ctx))
    _require_known(app, connector)
    give(ctx, connector_coverage_view(app, connector), show_connector_coverage)


def permissions(
    ctx: typer.Context,
    connector: Annotated[str, typer.Argument(help="A platform, such as aws.")],
    source: Annotated[
        str | None, typer.Option("--source", "-s", help="As the settings of this source need them.")
    ] = None,
    by_call: Annotated[bool, typer.Option("--by-call", help="A table of calls, and of what each is for.")] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Also for what no enabled check needs: it is read, and kept as evidence.")
    ] = False,
    organization: Annotated[
        bool, typer.Option("--organization", help="What makes the access in every account of an organization.")
    ] = False,
    form: Annotated[
        str | None,
        typer.Option(
            "--form", help="One form of what makes the access, to be copied; without --organization of one account."
        ),
    ] = None,
) -> None:
    """Print the permissions that the enabled checks need.

    With --organization or --form also what makes the access: on AWS roles, CloudFormation templates, the commands that
    make a stack set, and Terraform.
    """
    from collector.cli.setup.permissions_page import show_calls, show_document, show_form, show_forms
    from collector.cli.terminal.browsing import browsed
    from collector.cli.terminal.page import page
    from collector.report.state.permission_views import permissions_view

    app = browsed(session(ctx))
    _require_known(app, connector)
    roll_out: Literal["one", "all"] | None = "all" if organization else "one" if form is not None else None
    shape = permissions_view(app, connector, source, everything=every, roll_out=roll_out)
    if form is not None:
        one_of([form], tuple(shape.forms), "--form")
        give(ctx, shape, partial(show_form, name=form))
    else:
        give(ctx, shape, show_calls if by_call else show_forms if organization else show_document)
    if shape.left_out and not session(ctx).json:
        # On stderr: what is on stdout goes into a policy as it is.
        page(sys.stderr).line(
            f"not asked for, because no enabled check needs it: {', '.join(shape.left_out)};"
            " without --all these collections are refused"
        )


def _require_known(app: App, connector: str) -> None:
    """Raise UsageError that names the nearest, where no connector of the name is installed or comes with annexd."""
    from collector.setup.loading import GROUP

    offered = (entry.name for entry in entry_points(group=GROUP))
    one_of([connector], tuple(sorted({*app.loaded, *app.missing, *offered})), "CONNECTOR")
