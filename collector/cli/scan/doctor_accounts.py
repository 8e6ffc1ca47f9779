"""What the doctor says of the accounts of a source: the same trouble is one point, however many accounts have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.actions.doctor_items import DoctorItem, DoctorState
from collector.core.plain_text import first_few, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.actions.entering import Entered, Entering
    from collector.core.connectors import Probe


def about_accounts(entering: Entering, probe: Probe[Any], settings: object) -> Iterator[DoctorItem]:
    """Yield what is missing, by what it is: not entered, lacking permissions, not established; and the sum."""
    about = f"{entering.level}s"
    for why in entering.unlisted:
        yield DoctorItem(
            about, DoctorState.UNKNOWN, f"there may be more {about} than those below: {why}", "fix what is above"
        )
    for why, entered in _grouped(entering, closed=True).items():
        names = _names(entered)
        yield DoctorItem(
            about,
            DoctorState.PROBLEM,
            f"{_shown(entering.level, names)} cannot be entered: {why}",
            probe.mend(settings, names, ()),
            names,
        )
    for why, entered in _grouped(entering, closed=False).items():
        needs = entered[0].needs
        yield DoctorItem(
            about,
            DoctorState.UNKNOWN,
            f"{_shown(entering.level, _names(entered))}: what is lacking could not be asked: {why}",
            f"grant {needs}" if needs else "",
            _names(entered),
        )
    yield from _lacking(entering, probe, settings)
    answered = [one for one in entering.scopes if not one.why]
    whole = sum(not one.lacking for one in answered)
    yield DoctorItem(
        about,
        DoctorState.OK if whole == len(entering.scopes) else DoctorState.NOTE,
        f"{len(answered):,} of {len(entering.scopes):,} {about} could be entered and asked; {whole:,} lack nothing",
    )


def _grouped(entering: Entering, *, closed: bool) -> dict[str, list[Entered]]:
    """Return the scopes that gave no answer by why, in which the name of the scope is no difference."""
    by_why: dict[str, list[Entered]] = {}
    for one in entering.scopes:
        if one.why and one.closed is closed:
            by_why.setdefault(one.why.replace(one.scope[-1], entering.level.upper()), []).append(one)
    return by_why


def _lacking(entering: Entering, probe: Probe[Any], settings: object) -> Iterator[DoctorItem]:
    by_lack: dict[tuple[str, bool, tuple[str, ...]], list[Entered]] = {}
    for one in entering.scopes:
        by_reason: dict[tuple[str, bool], list[str]] = {}
        for each in one.lacking:
            by_reason.setdefault((each.why, each.certain), []).append(each.permission)
        for (why, certain), permissions in by_reason.items():
            by_lack.setdefault((why, certain, tuple(sorted(permissions))), []).append(one)
    for (why, certain, lacking), entered in by_lack.items():
        names = _names(entered)
        yield DoctorItem(
            f"{entering.level}s",
            DoctorState.PROBLEM if certain else DoctorState.UNKNOWN,
            f"{_shown(entering.level, names)}: {plural(len(lacking), 'permission')}"
            f" {'lacking' if certain else 'in doubt'}, {why}: {first_few(lacking)}",
            probe.mend(settings, names, lacking),
            names,
        )


def _names(entered: list[Entered]) -> tuple[str, ...]:
    return tuple(one.scope[-1] for one in entered)


def _shown(level: str, names: tuple[str, ...]) -> str:
    return f"{plural(len(names), level)} ({first_few(names)})"
