"""Clocks that disagree: what a run found of this machine's clock and of the platforms', and whose is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from collector.core.plain_text import show_age, show_moment

CLOCK_ANOMALY = "clock_anomaly"
"""The kind of the log entries, and the word for them everywhere."""


class WhoseClock(StrEnum):
    """Whose clock is wrong, as far as the clocks that were compared can tell."""

    MACHINE = "machine"
    PLATFORM = "platform"
    UNCLEAR = "unclear"


class ComparedClock(Struct, frozen=True, kw_only=True):
    """The clock of one source's platform in a run, compared with this machine's.

    `answers` is how many answers told the time, `beyond` how many collections saw a difference beyond the limit.
    `largest` is the largest of these (ours less the platform's), seen in a collection that ended at `ours` by this
    machine's clock; both are None where there is none.
    """

    source: str
    answers: int
    beyond: int
    largest: timedelta | None = None
    ours: datetime | None = None


class ClockAnomaly(Struct, frozen=True, kw_only=True, tag=CLOCK_ANOMALY):
    """Written as soon as a run sees a source's clock differ beyond `limit`, and once more at its end if there is more.

    Each states all that the run has seen so far: the last one of a run is the one to read. `jumped`: this machine's
    clock was set while the run went on. `whose` says whose clock is wrong.
    """

    run: str
    at: datetime
    limit: timedelta
    whose: WhoseClock
    jumped: bool
    sources: tuple[ComparedClock, ...]

    @property
    def furthest(self) -> ComparedClock:
        """The source with the largest difference."""
        return max(self.sources, key=lambda compared: abs(compared.largest or timedelta()))

    @property
    def beyond(self) -> int:
        """How many collections saw a difference beyond the limit."""
        return sum(compared.beyond for compared in self.sources)


def whose_clock(sources: Sequence[ComparedClock], limit: timedelta, *, jumped: bool) -> WhoseClock:
    """Return whose clock is wrong, of what a run has compared.

    Two clocks that agree outweigh one that does not: where another platform agrees with this machine, a platform is
    odd; where all of at least two platforms differ from it by the same, it is this machine's. A clock that was set
    during the run is this machine's. One platform against this machine tells nothing.
    """
    if jumped:
        return WhoseClock.MACHINE
    told = [compared for compared in sources if compared.answers]
    differences = [compared.largest for compared in told if compared.largest is not None]
    if len(differences) < len(told):
        return WhoseClock.PLATFORM
    if len(differences) > 1 and max(differences) - min(differences) <= limit:
        return WhoseClock.MACHINE
    return WhoseClock.UNCLEAR


def show_difference(off: timedelta) -> str:
    """Write a difference (ours less the platform's) for people: `60d behind`, `2h ahead`."""
    return f"{show_age(abs(off))} {'ahead' if off > timedelta() else 'behind'}"


def _beside(off: timedelta) -> str:
    return f"{show_difference(off)} of" if off > timedelta() else show_difference(off)


def show_anomaly(anomaly: ClockAnomaly) -> str:
    """Write what a run found of the clocks, as one sentence for people."""
    off = {compared.source: compared.largest for compared in anomaly.sources if compared.largest is not None}
    agreeing = [compared.source for compared in anomaly.sources if compared.answers and compared.largest is None]
    by = ", ".join(f"{_beside(largest)} that of {source}" for source, largest in off.items())
    text = f"this machine's clock was {by}"
    match anomaly.whose:
        case WhoseClock.MACHINE if anomaly.jumped:
            text += "; it was set while the run went on"
        case WhoseClock.MACHINE:
            text += "; it is this machine's that is wrong, for all platforms say the same"
        case WhoseClock.PLATFORM:
            text += f"; it agrees with {', '.join(agreeing)}, so the clock of {', '.join(off)} is odd"
        case _:
            text += "; no other clock tells which of them is wrong"
    return text


def last_of_each_run(anomalies: Iterable[ClockAnomaly]) -> list[ClockAnomaly]:
    """Return the last of each run, in the order in which the runs came."""
    return list({anomaly.run: anomaly for anomaly in anomalies}.values())


def apart(ours: datetime, theirs: datetime) -> str:
    """Write two clocks that disagree, for a reason."""
    return (
        f"this machine's clock said {show_moment(ours)} and the platform's {show_moment(theirs)}"
        f" ({show_difference(ours - theirs)})"
    )
