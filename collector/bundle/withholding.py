"""Which log entries, bodies and files a bundle leaves out; of such an entry it shows only the hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from collector.bundle.sampling.draws import DrawnItem
from collector.bundle.sampling.sampling import DRAW
from collector.core.attestations import Attestation
from collector.core.audit_requests import AttachedFile, RequestAct
from collector.core.facts import OperatorAct, RunStarted, TasksPlanned
from collector.core.findings import FindingChange
from collector.core.tasks import Task
from storage.tables.projections import TaskSeen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.bundle.contents import BundleContents
    from storage.log.ranges import EncodedLeaf

_WITHOUT_PEOPLE = frozenset({"genesis", "key", "restore", "run_started", "run_ended", "anchored"})
"""Kinds of leaves that are shown where the names of people are not."""


class Withholding:
    """Decides leaf by leaf and body by body, from the terms of the bundle alone."""

    def __init__(self, contents: BundleContents, export_leaf: int) -> None:
        self._contents = contents
        self._export_leaf = export_leaf
        self._terms = contents.terms
        self._kinds = _kinds(contents, contents.checks)
        self._of_check: dict[str, frozenset[str]] = {}
        self._of_task: dict[Task, bool] = {}

    why = "withheld"
    """Why a body that is left out is not here, unless it was erased."""

    def leaf(self, leaf: EncodedLeaf) -> bool:
        """Whether only the hash of a leaf is shown."""
        if leaf.index == self._export_leaf:
            return False
        kind = leaf.record.kind
        if (self._terms.pseudonymised and kind not in _WITHOUT_PEOPLE) or self._is_of_other_audit(leaf):
            return True
        match kind:
            case "task" if self._kinds is not None or self._terms.withheld:
                task = leaf.record.fact(TaskSeen).observation.task
                return self.task(task) or not self.is_selected(task)
            case "judged" if self._terms.withheld:
                return any(self._change(change) for batch in leaf.record.rows(FindingChange) for change in batch)
            case "tasks_planned" if self._terms.withheld:
                return self._plan(leaf)
            case "run_started" if self._terms.withheld:
                roots = leaf.record.fact(RunStarted).sources
                return any(self._scope(source.source, scope) for source in roots for scope in source.roots)
            case "operator_act" | "request_act" | "record_entered" if self._terms.withheld:
                return self._draw(leaf.record.fact(OperatorAct)) if kind == "operator_act" else self._attached(leaf)
            case _:
                return False

    def _is_of_other_audit(self, leaf: EncodedLeaf) -> bool:
        """Whether a leaf is about an evidence request of an audit whose requests this bundle does not show."""
        return leaf.record.kind == "request_act" and leaf.record.fact(RequestAct).audit not in self._terms.audits

    @property
    def everything(self) -> bool:
        """Whether nothing that names people is shown, and so no evidence."""
        return self._terms.pseudonymised

    def task(self, task: Task) -> bool:
        """Whether nothing of a task is shown."""
        if task not in self._of_task:
            hidden = self._contents.is_withheld(task.source, task.collection, task.scope, "")
            self._of_task[task] = hidden or self._terms.pseudonymised
        return self._of_task[task]

    def is_selected(self, task: Task) -> bool:
        """Whether a task is needed by the selected controls."""
        return self._kinds is None or task.collection in self._kinds

    def body(self, task: Task, key: str) -> bool:
        """Whether the body of a resource is left out; its digest stays."""
        return bool(self._terms.withheld) and self._contents.is_withheld(task.source, task.collection, task.scope, key)

    def facts(self, data: bytes) -> bool:
        """Whether a blob of volatile keys is left out: one of its resources is, or may be."""
        if not self._terms.withheld:
            return False
        blob = msgspec.json.decode(data, type=_Facts)
        if blob.kind != "annexd.facts":
            return True  # of many tasks at once
        source, collection, scope = msgspec.json.decode(blob.key, type=tuple[str, str, tuple[str, ...]])
        return any(self.body(Task(source, collection, scope), key) for key in blob.body)

    def file(self, name: str) -> bool:
        """Whether a file that people have filed is left out."""
        return self._contents.is_withheld("", "attachment", (), name)

    def finding(self, check: str, source: str, scope: tuple[str, ...]) -> bool:
        """Whether a finding has to do with a task of which nothing is shown."""
        if check not in self._of_check:
            self._of_check[check] = _kinds(self._contents, {check}) or frozenset()
        kinds = self._of_check[check] or {""}
        return any(self._contents.is_withheld(source, kind, scope, "") for kind in kinds)

    def _draw(self, act: OperatorAct) -> bool:
        """Whether an act names something of which nothing is shown, or an item that is left out."""
        if act.act != DRAW:
            return False
        kind = act.about["kind"]
        items = msgspec.json.decode(act.about["items"], type=list[DrawnItem])
        return any(self._contents.is_withheld(item.source, kind, item.scope, item.key) for item in items)

    def _attached(self, leaf: EncodedLeaf) -> bool:
        """Whether an entry has a file that is left out; its payloads are the file."""
        fact = leaf.record.fact(_WithFile)
        names = (None if fact.file is None else fact.file.name, None if fact.record is None else fact.record.file_name)
        return any(name is not None and self.file(name) for name in names)

    def _change(self, change: FindingChange) -> bool:
        return self.finding(change.id.check, change.id.source, change.id.scope)

    def _plan(self, leaf: EncodedLeaf) -> bool:
        plan = leaf.record.fact(TasksPlanned)
        if any(self._scope(source, scope) for source, scopes in plan.scopes.items() for scope in scopes):
            return True
        return any(self.task(task) for batch in leaf.record.rows(Task) for task in batch)

    def _scope(self, source: str, scope: tuple[str, ...]) -> bool:
        return self._contents.is_withheld(source, "", scope, "")


class _WithFile(msgspec.Struct):
    file: AttachedFile | None = None
    record: Attestation | None = None


class _Facts(msgspec.Struct):
    kind: str
    key: str
    body: dict[str, msgspec.Raw]


def _kinds(contents: BundleContents, checks: Iterable[str] | None) -> frozenset[str] | None:
    if checks is None:
        return None
    known = contents.app.checks
    return frozenset(need.kind.name for id_ in checks if id_ in known for need in known[id_].needs)
