"""From one framework version to a later one: predecessors of each control, records that carry over, open points."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

import mappings
from collector.core.attestations import Attestations, on_file
from collector.core.errors import UsageError
from collector.core.tally import RecordState
from collector.report.controls.status_view import show_edition
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.core.assess import ControlState
    from collector.core.attestations import RecordOnFile
    from collector.core.controls import Control, Framework
    from collector.core.isms.soa import SoaRow
    from collector.report.state.assessment import Assessment

How = Literal["new", "same", "merged", "split"]
"""Whether a control has no predecessor, one that is all of it, several, or shares one with others."""


class CarriedView(Struct, frozen=True, kw_only=True):
    """A record that is filed under an earlier control and answers one of this one. `whole`: all of it."""

    request: str = field(name="ask")
    filed_as: str
    leaf: int
    valid_until: date | None
    whole: bool


class TransitionControl(Struct, frozen=True, kw_only=True):
    """One control of the later version. `decisions` are those of the SoA on its predecessors."""

    id: str
    title: str
    role: str | None
    how: How
    predecessors: dict[str, str]
    decisions: dict[str, str]
    status: str
    label: str
    checks: int
    carried: list[CarriedView]
    open: tuple[str, ...]


class TransitionView(Struct, frozen=True, kw_only=True, tag="annexd.transition/1", tag_field="schema"):
    """What `annexd gaps --from --to --json` prints. `dropped` are earlier controls without a successor."""

    at: datetime
    as_of: datetime | None
    earlier: str
    later: str
    counts: dict[str, int]
    dropped: dict[str, str]
    controls: list[TransitionControl]


def transition_view(assessment: Assessment, earlier: str, later: str) -> TransitionView:
    """Compare two framework versions. Raises UsageError where no control of one names the other."""
    reading = assessment.reading
    framework, states = _in_use(assessment, later)
    before = mappings.load(earlier, reading.app.config.framework_folders)
    ties = Ties(before, framework)
    if not ties.back:
        raise UsageError(
            f"nothing says how {show_edition(before.name, before.edition)} and"
            f" {show_edition(framework.name, framework.edition)} belong together",
            mend="name two versions of one framework, such as --from iso27001:2013 --to iso27001:2022",
        )
    requests = (request for control in before.controls for request in control.asks)
    filed = reading.store.attested(as_of=reading.as_of) if isinstance(reading.store, Attestations) else ()
    records = on_file(requests, filed, reading.at.date())
    rows = {} if assessment.company.soa is None else {row.id: row for row in assessment.company.soa.rows}
    made = [_control(state, ties, records, rows) for state in states]
    return TransitionView(
        at=reading.at,
        as_of=reading.as_of,
        earlier=before.id,
        later=framework.id,
        counts={how: sum(control.how == how for control in made) for how in ("new", "same", "merged", "split")},
        dropped={control.id: control.title for control in before.controls if not ties.forward[control.id]},
        controls=made,
    )


def _in_use(assessment: Assessment, later: str) -> tuple[Framework, tuple[ControlState, ...]]:
    known = [framework.id for framework, _ in assessment.frameworks]
    for framework, states in assessment.frameworks:
        if framework.id == later:
            return framework, states
    raise UsageError(
        f"the framework {later!r} is not in use",
        mend=f"add it to use in [frameworks]; {would_do(later, known, 'in use are')}",
    )


class Ties:
    """Predecessors and successors of the controls of two framework versions, by their `derived_from`."""

    def __init__(self, before: Framework, after: Framework) -> None:
        self.before = before
        self.back: defaultdict[str, list[Control]] = defaultdict(list)
        self.forward: defaultdict[str, list[str]] = defaultdict(list)
        earlier = {control.id: control for control in before.controls}
        for old in before.controls:
            for new in _named(old, after):
                self._tie(old, new)
        for control in after.controls:
            for old_id in _named(control, before):
                if old_id in earlier:
                    self._tie(earlier[old_id], control.id)

    def _tie(self, old: Control, new: str) -> None:
        if new not in self.forward[old.id]:
            self.forward[old.id].append(new)
            self.back[new].append(old)

    def how(self, id_: str) -> How:
        """Return how a control is related to its predecessors."""
        predecessors = self.back.get(id_, [])
        if not predecessors:
            return "new"
        if any(len(self.forward[old.id]) > 1 for old in predecessors):
            return "split"
        return "same" if len(predecessors) == 1 else "merged"


def _named(control: Control, edition: Framework) -> Iterator[str]:
    for source in control.derived_from:
        of, _, id_ = source.partition(" ")
        if of == edition.id:
            yield id_


def _control(
    state: ControlState, ties: Ties, records: Mapping[str, RecordOnFile], rows: Mapping[str, SoaRow]
) -> TransitionControl:
    control = state.control
    predecessors, how = ties.back.get(control.id, []), ties.how(control.id)
    decided = {
        old.id: rows[f"{ties.before.id}/{old.id}"] for old in predecessors if f"{ties.before.id}/{old.id}" in rows
    }
    return TransitionControl(
        id=control.id,
        title=control.title,
        role=state.role,
        how=how,
        predecessors={old.id: old.title for old in predecessors},
        decisions={id_: _decided(row) for id_, row in decided.items()},
        status=state.status.value,
        label=state.label,
        checks=len(control.checks),
        carried=list(_carried(state, predecessors, records, whole=how == "same")),
        open=state.reasons,
    )


def _decided(row: SoaRow) -> str:
    return f"applies, implemented: {row.implemented}" if row.applicable else "excluded"


def _carried(
    state: ControlState, predecessors: Iterable[Control], records: Mapping[str, RecordOnFile], *, whole: bool
) -> Iterator[CarriedView]:
    """Yield the valid records of the predecessors; where two were merged, each answers a part."""
    for request in state.control.asked(state.role):
        for old in predecessors:
            for theirs in old.asks:
                record = records[theirs.id]
                same = theirs.id == request.id
                if (
                    not same
                    and theirs.id != f"{old.id}-{request.id}"
                    and request.id != f"{state.control.id}-{theirs.id}"
                ):
                    continue
                if record.state is RecordState.VALID and record.filed is not None:
                    yield CarriedView(
                        request=request.id,
                        filed_as=theirs.id,
                        leaf=record.filed.leaf,
                        valid_until=record.until,
                        whole=whole or same,
                    )
