"""`--audit`: an audit is known by its evidence requests, whether or not the configuration still has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.cli.terminal.options import unknown_word
from collector.report.company.audit_request_views import request_threads

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage import SqlStore


def require_audits(store: SqlStore, named: Iterable[str], configured: Iterable[str] = ()) -> None:
    """Raise UsageError for an audit that has no evidence requests in the log, and is none of those configured."""
    known = {thread.asked.audit for thread in request_threads(store).values()}.union(configured)
    for name in named:
        if name not in known:
            raise unknown_word(name, known, "--audit")
