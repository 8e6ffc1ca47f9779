"""Why a verdict that comes out otherwise proves nothing: what it rests on is not all here, or other code ran then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.checks import Extent
from collector.core.scopes import within
from collector.setup import loading
from collector.setup.app import code_of
from collector.setup.check_digest.carried import carried

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.bundle.reevaluation.bundle_store import BundleStore
    from collector.core.checks import Check
    from collector.core.findings import FindingId
    from collector.core.tasks import Observation, Task
    from collector.setup.loading import LoadedConnector

NOT_SHOWN = "not shown"
"""In place of whose code is another one: the bundle does not show which code it was."""


def connector_of(seen: Observation) -> str:
    """Return the name of the connector that saw something; the record has its version after a slash."""
    return seen.provenance.connector.partition("/")[0]


class Reasons:
    """Looks at the tasks that a verdict rests on. `loaded` are the connectors that are installed, by their names."""

    def __init__(self, store: BundleStore, loaded: Mapping[str, LoadedConnector]) -> None:
        self._store = store
        self._loaded = loaded
        self._program = code_of(loaded.values())

    @property
    def version_then(self) -> str:
        """The version of the newest run that the bundle shows, empty where it shows none."""
        newest = next(self._store.runs(), None)
        return "" if newest is None else newest[0].version

    def doubt(self, check: Check[...], id_: FindingId) -> str:
        """Say why a verdict cannot be given from this bundle; empty where it can."""
        told = self._store.told
        if id_.source not in told.plans:
            return "the bundle does not show what was planned for its source"
        for need in check.needs:
            for task in self._around(id_, need.kind.name):
                latest = told.latest(task)
                if latest is None:
                    if told.hidden:
                        return f"what {task.collection} showed is withheld"
                    continue
                if not told.is_over(latest[0].run):
                    return "the bundle does not show that the run which saw its evidence was over"
                if told.complete(task) is None:
                    return f"{task.collection} was never seen completely, and the bundle has no list of it"
                left_out = self._store.left_out(task)
                if need.shape is Extent.EACH:
                    left_out = {key: why for key, why in left_out.items() if key in {id_.subject, ""}}
                for why in sorted(left_out.values()):
                    return f"evidence of {task.collection} that it rests on: {why}"
        return ""

    def code(self, check: Check[...], id_: FindingId) -> str:
        """Say whose code is another one here than then: the check's, the connector's or annexd's; empty: nobody's."""
        seen = list(self._seen(check, id_))
        own = {carried(code) for one in seen if (code := self._store.told.codes.get((one.run, check.id, id_.source)))}
        if own - {loading.check_code(check)}:
            return "check"
        if any(one.provenance.code != self._loaded[connector_of(one)].code for one in seen):
            return "connector"
        runs = [self._store.told.runs[one.run][0] for one in seen if one.run in self._store.told.runs]
        if not own or not runs:
            return NOT_SHOWN
        return "annexd" if any(one.code != self._program for one in runs) else ""

    def was_judged(self, check: Check[...], id_: FindingId) -> bool:
        """Whether the bundle shows that the check was applied in a run that saw what the verdict rests on."""
        return any((one.run, check.id, id_.source) in self._store.told.codes for one in self._seen(check, id_))

    def _seen(self, check: Check[...], id_: FindingId) -> Iterator[Observation]:
        for need in check.needs:
            for task in self._around(id_, need.kind.name):
                latest = self._store.told.latest(task)
                if latest is not None:
                    yield latest[0]

    def _around(self, id_: FindingId, collection: str) -> Iterator[Task]:
        """Yield the tasks of a collection in the scope of a verdict, around it and below it."""
        for task in sorted(self._store.tasks(id_.source, collection)):
            if within(task.scope, id_.scope) or within(id_.scope, task.scope):
                yield task
