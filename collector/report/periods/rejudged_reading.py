"""The store as it would read with some verdicts replaced by those of a re-evaluation. Nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.findings import FindingState
from collector.core.history import LastFailing
from collector.core.scopes import scope_text
from collector.report.state.known import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.core.findings import FindingId
    from collector.core.scopes import Scope
    from collector.engine.replay import Replayed
    from collector.report.state.known import CurrentFinding


class RejudgedReading(Reading):
    """A reading in which the verdicts that came out otherwise stand as a run at its moment would have recorded them.

    Holds those verdicts and no others. What failed and is unknown now stays open, as it does in the store.
    """

    def __init__(self, like: Reading, changed: Iterable[Replayed]) -> None:
        super().__init__(like.app, like.store, like.at, as_of=like.as_of)
        self._changed = {result.id: result for result in changed}
        newest = self.last_run()
        self._run = "" if newest is None else newest[0].run

    @property
    def grouped(self) -> None:
        """None: the store counts the verdicts that were recorded."""

    def findings(
        self, *, check: str | None = None, source: str | None = None, scope: Scope | None = None
    ) -> Iterator[CurrentFinding]:
        """Stream the findings with the changed ones in their places, in the order of the store."""
        added = iter(
            sorted(
                (
                    result
                    for id_, result in self._changed.items()
                    if result.recorded is None
                    and check in (None, id_.check)
                    and source in (None, id_.source)
                    and scope in (None, id_.scope)
                ),
                key=lambda result: _order(result.id),
            )
        )
        following = next(added, None)
        for state in self.store.findings(check=check, source=source, scope=scope, as_of=self.as_of):
            while following is not None and _order(following.id) < _order(state.finding.id):
                yield from self._rejudged(following)
                following = next(added, None)
            result = self._changed.get(state.finding.id)
            if result is None:
                yield self._current(state)
            else:
                yield from self._rejudged(result)
        while following is not None:
            yield from self._rejudged(following)
            following = next(added, None)

    def _rejudged(self, result: Replayed) -> Iterator[CurrentFinding]:
        """Yield the new verdict; one that is not given any more is yielded by nothing."""
        if result.judged is not None:
            run = self._run if result.recorded is None else result.recorded.run
            yield self._current(FindingState(result.judged, self.at, run))

    @property
    def last_failing(self) -> Mapping[FindingId, LastFailing]:
        """The findings that are unknown and failed when they were last decided, those of the re-evaluation too."""
        return {**super().last_failing, **self._lost}

    @property
    def _lost(self) -> dict[FindingId, LastFailing]:
        return {
            id_: LastFailing(since=result.recorded.since, reason=result.recorded.finding.reason)
            for id_, result in self._changed.items()
            if result.recorded is not None
            and result.recorded.finding.status is Status.FAIL
            and result.judged is not None
            and result.judged.status is Status.UNKNOWN
        }


def _order(id_: FindingId) -> tuple[str, str, str, str]:
    return id_.check, id_.source, scope_text(id_.scope), id_.subject
