"""One point that the doctor examined, and its state."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class DoctorState(StrEnum):
    """The state of one point of the doctor; `unknown` is neither a problem nor in order."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


class DoctorItem(Struct, frozen=True):
    """One point that the doctor examined. `scopes` are all that it is about, where `says` names a few."""

    about: str
    state: DoctorState
    says: str
    mend: str = ""
    scopes: tuple[str, ...] = ()
