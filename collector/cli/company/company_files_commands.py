"""`annexd company-files`: the company's own files in the log."""

from __future__ import annotations

import typer

from collector.cli.company.files_record_command import record

company_files = typer.Typer(add_completion=False, no_args_is_help=True)


@company_files.callback()
def group() -> None:
    """Record the company's own files in the log.

    They are scope.toml, soa.toml, exceptions.toml, actions.toml, risks.toml, register.toml and metrics.toml.
    """


company_files.command("record")(record)
