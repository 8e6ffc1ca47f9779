"""Acts of operators in the log: who, when, on which machine, and what the act was about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.facts import OperatorAct
from collector.setup.this_machine import this_host, this_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage import SqlStore


def note(store: SqlStore, act: str, about: Mapping[str, str], *, by: str | None = None) -> OperatorAct:
    """Write an act such as `backup` or `export` into the log before it is done; `about` must not contain secrets.

    `by` is who signed in and did it; None for whoever runs annexd.
    """
    recorded = OperatorAct(at=store.now(), by=by or this_user(), host=this_host(), act=act, about=dict(about))
    store.write([recorded])
    return recorded
