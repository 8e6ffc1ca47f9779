"""Why a verdict that differs proves nothing: its evidence is not all in the bundle, or other code ran then."""

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
"""What `Reasons.code` returns where the bundle does not show with which code was judged."""


def connector_of(observation: Observation) -> str:
    """Return the name of the connector that made an observation, without the version that the record has with it."""
    return observation.provenance.connector.partition("/")[0]


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
        """Return why a verdict cannot be given from this bundle, as words; empty where it can."""
        leaves = self._store.leaves
        if id_.source not in leaves.plans:
            return "the bundle does not show what was planned for its source"
        for need in check.needs:
            for task in self._around(id_, need.kind.name):
                latest = leaves.latest(task)
                if latest is None:
                    if leaves.hidden:
                        return f"what {task.collection} showed is withheld"
                    continue
                if not leaves.is_over(latest[0].run):
                    return "the bundle does not show that the run which saw its evidence was over"
                if leaves.complete(task) is None:
                    return f"{task.collection} was never seen completely, and the bundle has no list of it"
                left_out = self._store.left_out(task)
                if need.shape is Extent.EACH:
                    left_out = {key: why for key, why in left_out.items() if key in {id_.subject, ""}}
                for why in sorted(left_out.values()):
                    return f"evidence of {task.collection} that it is based on: {why}"
        return ""

    def code(self, check: Check[...], id_: FindingId) -> str:
        """Return whose code differs from that of then: `check`, `connector`, `annexd` or NOT_SHOWN; empty: nobody's."""
        seen = list(self._seen(check, id_))
        codes = self._store.leaves.codes
        own = {carried(code) for observation in seen if (code := codes.get((observation.run, check.id, id_.source)))}
        if own - {loading.check_code(check)}:
            return "check"
        if any(observation.provenance.code != self._loaded[connector_of(observation)].code for observation in seen):
            return "connector"
        known = self._store.leaves.runs
        runs = [known[observation.run][0] for observation in seen if observation.run in known]
        if not own or not runs:
            return NOT_SHOWN
        return "annexd" if any(run.code != self._program for run in runs) else ""

    def was_judged(self, check: Check[...], id_: FindingId) -> bool:
        """Whether the bundle shows that the check was applied in a run that saw what the verdict rests on."""
        codes = self._store.leaves.codes
        return any((observation.run, check.id, id_.source) in codes for observation in self._seen(check, id_))

    def _seen(self, check: Check[...], id_: FindingId) -> Iterator[Observation]:
        for need in check.needs:
            for task in self._around(id_, need.kind.name):
                latest = self._store.leaves.latest(task)
                if latest is not None:
                    yield latest[0]

    def _around(self, id_: FindingId, collection: str) -> Iterator[Task]:
        """Yield the tasks of a collection in the scope of a verdict, around it and below it."""
        for task in sorted(self._store.tasks(id_.source, collection)):
            if within(task.scope, id_.scope) or within(id_.scope, task.scope):
                yield task
