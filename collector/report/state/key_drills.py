"""When the backup of the keys was tried last, as the log says."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collector.core.company_record import CompanyRecord

KEY_DRILL = "key_drill"
"""The act in the log."""


class KeyDrill(Struct, frozen=True, kw_only=True):
    """The newest drill. `is_of_current_key`: the signing key has not been replaced since."""

    at: datetime
    by: str
    is_of_current_key: bool


def newest_drill(store: CompanyRecord, *, as_of: datetime | None = None) -> KeyDrill | None:
    """Return the newest drill, None where there was none. Raises StoreError where the log cannot be read."""
    newest = None
    for entry in store.log(as_of=as_of, kinds=("operator_act", "key")):
        if entry.kind == "key":
            newest = None if newest is None else KeyDrill(at=newest.at, by=newest.by, is_of_current_key=False)
        elif entry.kind == "operator_act" and entry.fact.get("act") == KEY_DRILL:
            newest = KeyDrill(at=entry.logged_at, by=entry.fact["by"], is_of_current_key=True)
    return newest
