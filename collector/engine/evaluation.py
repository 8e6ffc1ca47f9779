"""Evaluate a check once and say until when its verdict holds, and on demand which evidence it read."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collector.core.checks import Check, Status, Verdict
from collector.core.errors import StoreError, Unread
from collector.core.plain_text import bounded
from collector.core.views import UndecodableError
from collector.engine.time_use import STEPS, TimeUse
from collector.engine.touched_evidence import Recording, TouchedEvidence
from collector.engine.tracked_time import tracked_now

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARKER = re.compile("\ue000[0-9]+\ue001")


@dataclass(frozen=True)
class Evaluation:
    """A verdict, and what is known of how it came about.

    At every moment from `judged_at` until before `holds_until` the check says the same of the same evidence under the
    same limits: the same status, and the same reason but for the texts in it that are made of the time ("91 days").
    Until before `reason_until` those are the same too. None: at every later moment. Equal to `judged_at`: nothing is
    known of any other moment, and the check has to judge again.

    `trace` is the traceback of a check that broke, whose verdict holds at no other moment. `touched` has what it read
    of the evidence, by parameter; None where that was not asked for, or where reading was not the same when recorded.
    """

    verdict: Verdict
    trace: str | None
    judged_at: datetime
    holds_until: datetime | None
    reason_until: datetime | None
    touched: tuple[TouchedEvidence, ...] | None = None

    @property
    def judges_again(self) -> bool:
        """Whether nothing is known of any other moment."""
        return self.holds_until == self.judged_at


def outcome(check: Check[...], arguments: Mapping[str, Any]) -> tuple[Verdict, str | None]:
    """Call a check; return its verdict, and the traceback where it broke. Raises StoreError."""
    try:
        return _verdict_of(check.judge(**arguments)), None
    except StoreError:
        raise
    except Unread as reason:
        return Verdict(Status.UNKNOWN, str(reason)), None
    except UndecodableError as error:
        return Verdict(Status.UNKNOWN, f"the stored evidence does not have the documented shape: {error}"), None
    except Exception as error:  # noqa: BLE001  a check that breaks is unknown, with its traceback, and the run goes on
        return Verdict(Status.UNKNOWN, f"the check itself broke: {type(error).__name__}: {error}"), _trace(error)


def evaluate(
    check: Check[...],
    evidence: Mapping[str, Any],
    now: datetime,
    *,
    limits: Mapping[str, Any],
    touched: bool = False,
) -> Evaluation:
    """Evaluate a check on views and sets by parameter. Raises StoreError.

    The verdict is that of an ordinary call. A check that wants `now` is called once more with a tracked one, and with
    `touched` once more with recording views: a call that does not come to the same verdict says nothing.
    """
    arguments = {**evidence, **limits}
    with_now = {**arguments, "now": now} if check.wants_now else arguments
    verdict, trace = outcome(check, with_now)
    holds_until, reason_until = (now, now) if trace is not None else _holding(check, arguments, now, verdict)
    read = None
    if touched:
        recording = Recording(check)
        if outcome(check, {**with_now, **recording.of(evidence)})[0] == verdict:
            read = recording.touched()
    return Evaluation(verdict, trace, now, holds_until, reason_until, read)


def _holding(
    check: Check[...], arguments: Mapping[str, Any], now: datetime, verdict: Verdict
) -> tuple[datetime | None, datetime | None]:
    """Return until when the status of a verdict holds, and until when its reason does."""
    if not check.wants_now:
        return None, None
    use = TimeUse(now)
    tracked, trace = outcome(check, {**arguments, "now": tracked_now(use)})
    use.end()
    reason_steps = _reason_steps(use, tracked.reason, verdict.reason)
    if trace is not None or tracked.status is not verdict.status or reason_steps is None:
        return now, now
    if not use.used:
        return None, None
    return now + timedelta(microseconds=use.steps), now + timedelta(microseconds=min(use.steps, reason_steps))


def _reason_steps(use: TimeUse, tracked: object, reason: object) -> int | None:
    """Return for how many steps the texts in a reason stay the same; None where the two reasons are not the same.

    Each text that a check made of the time has to stand in its reason as it is: one that does not may have decided.
    """
    texts = {text.marker: text for text in use.texts}
    if type(tracked) is not str or not texts.keys() <= set(_MARKER.findall(tracked)):
        return None
    written = _MARKER.sub(lambda found: texts[found[0]].text if found[0] in texts else found[0], tracked)
    return min((text.steps for text in use.texts), default=STEPS) if written == reason else None


def _verdict_of(returned: object) -> Verdict:
    if not isinstance(returned, Verdict):
        message = f"it returned {type(returned).__name__} and no verdict"
        raise TypeError(message)
    # Nobody reads a line of a thousand names, and the evidence has them all.
    return Verdict(returned.status, bounded(returned.reason)) if type(returned.reason) is str else returned


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error, limit=-8))[-4000:]
