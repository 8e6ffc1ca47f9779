"""A gate: every call that counts against one bucket passes it, and waits there for a place, the rate, quota and pauses.

After a pause one call is tried before the others, so that a platform that still refuses is asked once and not by all.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

from collector.core.plain_text import show_moment
from collector.core.spans import show_span
from collector.engine.quota import Quota

if TYPE_CHECKING:
    from collector.core.buckets import Bucket
    from collector.core.wire import Answer
    from collector.engine.clock import Clock
    from collector.engine.wire import Recorder

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.2
"""Seconds between two checks whether the run is to stop, while waiting for a place."""

_LONGEST_QUOTA_WAIT = 12 * 3600.0  # seconds without quota after which a task ends, because others use it up
_LONGEST_PAUSE = 3600.0
"""Seconds: a longer pause that a platform asks for is cut to this."""

_LONGEST_OWN_PAUSE = 60.0
"""Seconds: where a platform names no time, the pause doubles from one second up to this."""

_NOTICED = 10.0
"""Seconds: a pause from this length on is told as a warning, once until calls are answered again."""

_ORDER = count(1)
"""Numbers calls and pauses in the order in which they begin."""


@dataclass(frozen=True)
class Budget:
    """The limits of one bucket: calls at the same time, calls a second, a share of its quota. None: no limit."""

    concurrency: int | None = None
    per_second: float | None = None
    share: float = 1.0

    @classmethod
    def of(cls, bucket: Bucket) -> Budget:
        """Return the limits that a connector declares."""
        return cls(bucket.concurrency, bucket.per_second, bucket.share)

    def stricter(self, other: Budget) -> Budget:
        """Return the budget that is within both."""
        places = [number for number in (self.concurrency, other.concurrency) if number is not None]
        rates = [rate for rate in (self.per_second, other.per_second) if rate]
        return Budget(min(places, default=None), min(rates, default=None), min(self.share, other.share))


class Gate:
    """Limits the calls that count against one bucket. `name` is what people read of it."""

    def __init__(self, budget: Budget, clock: Clock, name: str = "the platform") -> None:
        self.quota = Quota(budget.share, clock)
        self.name = name
        self._budget = budget
        self._clock = clock
        self._changed = threading.Condition()
        self._under_way = 0
        self._next = 0.0
        self._paused_at = 0
        self._refusals = 0
        self._is_trying = False
        self._tried = 0
        self._is_told = False
        self._told_until = 0.0

    def tighten(self, budget: Budget) -> None:
        """Obey another budget too, from the next call on."""
        with self._changed:
            self._budget = self._budget.stricter(budget)
        self.quota.tighten(budget.share)

    def enter(self, recorder: Recorder) -> int:
        """Wait until a call may be sent, and return its number in the order of calls. Raises what the recorder does."""
        while True:
            self._wait_for_quota(recorder)
            try:
                number = self._wait_for_turn(recorder)
            except BaseException:
                self.quota.release()
                raise
            if number is not None:
                return number
            self.quota.release()

    def _wait_for_quota(self, recorder: Recorder) -> None:
        recorder.uses_quota(self.quota)
        recorder.check_running()
        began = self._clock.monotonic()
        while wait := self.quota.acquire():
            if self._clock.monotonic() - began > _LONGEST_QUOTA_WAIT:
                recorder.give_up(
                    f"for {show_span(timedelta(seconds=_LONGEST_QUOTA_WAIT))} no quota was left: others use it up"
                )
            self._tell_used_up(wait)
            recorder.wait_for_quota(wait, self.name)

    def _tell_used_up(self, wait: float) -> None:
        """Tell once for each time that the quota is used up."""
        with self._changed:
            now = self._clock.monotonic()
            if wait < _NOTICED or now < self._told_until:
                return
            self._told_until = now + wait
        logger.warning("%s is used up as far as annexd may: no call is sent for %s", self.name, self._span_until(wait))

    def _wait_for_turn(self, recorder: Recorder) -> int | None:
        """Return the number of the call; None where the quota was used up meanwhile, which is waited for elsewhere."""
        while True:
            recorder.check_running(self._why_held)
            with self._changed:
                wait = self._next - self._clock.monotonic()
                if wait <= 0:
                    if not self._is_full():
                        self._under_way += 1
                        rate = self._budget.per_second
                        self._next = self._clock.monotonic() + (1 / rate if rate else 0.0)
                        number = next(_ORDER)
                        if self._is_trying:
                            self._tried = number
                        return number
                    self._changed.wait(_POLL_SECONDS)
            if self.quota.is_used_up():
                return None
            if wait > 0:
                recorder.wait(wait, self._why_held, what=self.name)

    def _is_full(self) -> bool:
        places = self._budget.concurrency
        return (self._is_trying and self._tried > 0) or (places is not None and self._under_way >= places)

    def _why_held(self) -> str:
        """Return why calls are held beyond the order of the rate; empty where they are not."""
        return f" while {self.name} took no more calls" if self._is_trying else ""

    def leave(self, number: int) -> None:
        """Return the place and the quota reservation of call `number`."""
        with self._changed:
            self._under_way -= 1
            if number == self._tried:
                self._tried = 0
            self._changed.notify()
        self.quota.release()

    def heard(self, answer: Answer, number: int) -> None:
        """Take from the answer to call `number` what the platform says of the quota, and whether it wants a pause."""
        if answer.remaining is not None and answer.limit is not None and answer.resets_in is not None:
            self.quota.update(answer.remaining, answer.limit, answer.resets_in, answer.cost)
        # Too Many Requests; Service Unavailable until a time.
        if answer.throttled or answer.status == 429 or (answer.status == 503 and answer.retry_after is not None):  # noqa: PLR2004
            self._pause(answer.retry_after, number)
        elif self._is_trying or self._refusals:
            self._open(number, is_good=answer.status is not None and answer.status < 500)  # noqa: PLR2004  the server's own errors

    def _pause(self, asked: timedelta | None, number: int) -> None:
        """Send no call for the time that is asked for, or for one that doubles with each pause in a row."""
        with self._changed:
            # Calls that were under way when a pause began are refused for the same reason: it was found out once.
            is_new = number > self._paused_at
            if asked is not None and asked > timedelta(0):
                seconds = min(asked.total_seconds(), _LONGEST_PAUSE)
            elif is_new:
                seconds = min(2.0 ** min(self._refusals, 10), _LONGEST_OWN_PAUSE)
            else:
                return
            self._next = max(self._next, self._clock.monotonic() + seconds)
            if not is_new:
                return
            self._refusals += 1
            self._paused_at = next(_ORDER)
            self._is_trying = True
            is_warning = seconds >= _NOTICED and not self._is_told
            self._is_told = self._is_told or is_warning
        logger.log(
            logging.WARNING if is_warning else logging.INFO,
            "%s takes no more calls now: none is sent for %s",
            self.name,
            self._span_until(seconds),
        )

    def _span_until(self, seconds: float) -> str:
        """Return a wait with its end, for a line of the log."""
        span = timedelta(seconds=seconds)
        return f"{show_span(span)}, until {show_moment(self._clock.now() + span)}"

    def _open(self, number: int, *, is_good: bool) -> None:
        """Let all calls go on after one that was sent since the last pause; a good answer ends the growth of pauses."""
        with self._changed:
            if number < self._paused_at:
                return
            self._is_trying = False
            if is_good:
                self._refusals = 0
                self._is_told = False
            self._changed.notify_all()

    def seconds_held(self) -> float:
        """Return for how many seconds no call will be sent yet; 0 where one may be."""
        with self._changed:
            return max(self._next - self._clock.monotonic(), 0.0)
