"""`annexd evidence-request`: what people are asked to provide, and the records that answer it."""

from __future__ import annotations

import typer

from collector.cli.company.evidence_request_answer_command import answer
from collector.cli.company.evidence_request_list_command import list_requests

evidence_request = typer.Typer(add_completion=False, no_args_is_help=True)


@evidence_request.callback()
def group() -> None:
    """List evidence requests to people, and answer them."""


evidence_request.command("list")(list_requests)
evidence_request.command("answer")(answer)
