"""What a person does with the record, written into the record: who, when, on which machine, and what it was about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.facts import OperatorAct
from collector.setup.this_machine import this_host, this_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage import SqlStore


def note(store: SqlStore, act: str, about: Mapping[str, str]) -> OperatorAct:
    """Write down an act before it is done, such as `backup` or `export`, with what it is about; nothing secret."""
    noted = OperatorAct(at=store.now(), by=this_user(), host=this_host(), act=act, about=dict(about))
    store.write([noted])
    return noted
