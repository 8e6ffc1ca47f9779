"""The moments at which company files, mappings or rules changed and so cut a period, as the log states them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from collector.company.file_changes import EntryChanges, entry_changes, head_of_text, raw_entries
from collector.core.company_record import CompanyRecord
from collector.core.history_fold import RuleChange, show_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.core.company_record import RecordedFile
    from collector.core.facts import EditionInForce, InForce


@dataclass(frozen=True)
class Cut:
    """A change that cuts a period. With `control` (such as `iso27001:2022/8.5`) or `check` it concerns only that."""

    change: RuleChange
    control: str | None = None
    check: str | None = None

    @property
    def of_all(self) -> bool:
        """Whether the change concerns the whole period, and not only one control or check."""
        return self.control is None and self.check is None


class FileChange(Struct, frozen=True, kw_only=True):
    """A leaf that records a change of a company file. `was` and `now` are digests, None where there is no file."""

    name: str
    file_name: str
    was: str | None
    now: str | None
    by: str
    leaf: int
    logged_at: datetime
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    head: tuple[str, ...]


@dataclass(frozen=True)
class Steps:
    """A state of a file, the state before it, and when the next one followed; `until` is None for the latest state."""

    before: RecordedFile | None
    now: RecordedFile
    until: datetime | None

    @property
    def changes(self) -> EntryChanges:
        """The entries that differ from those of the state before."""
        return entry_changes(None if self.before is None else self.before.text, self.now.text)


def file_steps(store: object, end: datetime | None) -> list[Steps]:
    """Return every state of the company's files up to a moment, in the order of the log."""
    record = list(store.company_files(as_of=end)) if isinstance(store, CompanyRecord) else []
    made: list[Steps] = []
    last: dict[str, RecordedFile] = {}
    for number, recorded in enumerate(record):
        later = next((other.logged_at for other in record[number + 1 :] if other.file.name == recorded.file.name), None)
        made.append(Steps(last.get(recorded.file.name), recorded, later))
        last[recorded.file.name] = recorded
    return made


def file_changes(store: object, start: datetime, end: datetime | None) -> Iterator[FileChange]:
    """Yield the changes of company files that were logged after `start` and up to `end`."""
    for step in file_steps(store, end):
        recorded, changes = step.now, step.changes
        if recorded.logged_at > start:
            yield FileChange(
                name=recorded.file.name,
                file_name=recorded.file.file_name,
                was=recorded.file.was,
                now=recorded.file.digest,
                by=recorded.file.by,
                leaf=recorded.leaf,
                logged_at=recorded.logged_at,
                added=changes.added,
                removed=changes.removed,
                changed=changes.changed,
                head=changes.head,
            )


def cuts_of_files(steps: Sequence[Steps], start: datetime, end: datetime) -> Iterator[Cut]:
    """Yield a cut for each change of an entry of a company file; a change of layout or comments gives none."""
    for step in steps:
        recorded = step.now
        if recorded.file.name == "soa":
            yield from _takes_effect(step, start, end)
        if start < recorded.logged_at <= end and step.changes:
            what = f"{recorded.file.file_name} ({step.changes})"
            yield Cut(
                RuleChange(
                    recorded.logged_at,
                    what,
                    recorded.file.was or "not in the log",
                    recorded.file.digest or "no file any more",
                )
            )
            if recorded.file.name == "soa":
                yield from _decisions(step)
            if recorded.file.name == "exceptions":
                yield from _accepted(step)


def _takes_effect(step: Steps, start: datetime, end: datetime) -> Iterator[Cut]:
    head = head_of_text(step.now.text)
    days = [head[key] for key in ("approved_on", "effective_from") if isinstance(head.get(key), date)]
    if not days:
        return
    day = max(days)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if max(start, step.now.logged_at) < at < min(end, step.until or end):
        yield Cut(
            RuleChange(at, step.now.file.file_name, "not in force yet", f"version {head.get('version')} in force")
        )


def _decisions(step: Steps) -> Iterator[Cut]:
    was, now = (raw_entries(None if state is None else state.text) for state in (step.before, step.now))
    for name in {**was, **now}:
        before, after = was.get(name), now.get(name)
        if before != after:
            keys = sorted(key for key in {**(before or {}), **(after or {})} if _of(before, key) != _of(after, key))
            detail = f" ({', '.join(keys)})" if before is not None and after is not None else ""
            what = f"{step.now.file.file_name}: decision{detail}"
            change = RuleChange(step.now.logged_at, what, _decision(before), _decision(after))
            yield Cut(change, control=str((after or before or {}).get("id", name)))


def _of(entry: dict[str, Any] | None, key: str) -> object:
    return None if entry is None else entry.get(key)


def _decision(entry: dict[str, Any] | None) -> str:
    if entry is None:
        return "no row"
    if entry.get("applicable") is False:
        return "not applicable"
    return f"applicable, implemented {entry.get('implemented', 'not stated')}"


def _accepted(step: Steps) -> Iterator[Cut]:
    was, now = (raw_entries(None if state is None else state.text) for state in (step.before, step.now))
    for name in {**was, **now}:
        before, after = was.get(name), now.get(name)
        if before != after:
            change = RuleChange(
                step.now.logged_at, f"{step.now.file.file_name}: {name}", _exception(before), _exception(after)
            )
            for check in sorted(
                {str(entry["check"]) for entry in (before, after) if entry is not None and "check" in entry}
            ):
                yield Cut(change, check=check)


def _exception(entry: dict[str, Any] | None) -> str:
    if entry is None:
        return "no exception"
    return f"{entry.get('kind')} for {entry.get('subject') or 'the scope itself'} until {entry.get('expires')}"


def cuts_of_rules(last: InForce | None, facts: Sequence[tuple[datetime, InForce]]) -> Iterator[Cut]:
    """Yield a cut for each change of configuration, code, rules or mappings. `last` was in force before `facts`."""
    for at, in_force in facts:
        if last is not None:
            yield from _between(at, last, in_force)
        last = in_force


def _between(at: datetime, was: InForce, now: InForce) -> Iterator[Cut]:
    for what, before, after in (
        ("configuration", was.config, now.config),
        ("code of annexd, with its mappings", was.code, now.code),
    ):
        if before != after:
            yield Cut(RuleChange(at, what, before, after))
    old, new = ({rule.check: rule for rule in in_force.rules} for in_force in (was, now))
    for id_ in sorted({**old, **new}):
        a, b = old.get(id_), new.get(id_)
        if a is None or b is None:
            yield Cut(
                RuleChange(at, f"check {id_}", "not there" if a is None else "there", "gone" if b is None else "there")
            )
            continue
        if a.enabled != b.enabled:
            words = {True: "enabled", False: f"disabled ({b.reason or a.reason or 'no reason given'})"}
            yield Cut(RuleChange(at, f"check {id_}", words[a.enabled], words[b.enabled]))
        elif a.limits != b.limits:
            because = f" ({b.reason})" if b.reason is not None else ""
            yield Cut(RuleChange(at, f"limits of {id_}", show_limits(a.limits), f"{show_limits(b.limits)}{because}"))
    yield from _mappings(at, was, now)


def _mappings(at: datetime, was: InForce, now: InForce) -> Iterator[Cut]:
    old, new = ({edition.framework: edition for edition in in_force.editions} for in_force in (was, now))
    if not old:
        return  # an older version of annexd did not say
    for id_ in sorted({**old, **new}):
        a, b = old.get(id_), new.get(id_)
        if a is not None and b is not None and a.digest == b.digest:
            continue
        touched = [] if a is None or b is None else _touched(a.controls, b.controls)
        what = f"mapping {id_} ({', '.join(touched)})" if touched else f"mapping {id_}"
        yield Cut(RuleChange(at, what, _used(a), _used(b)))
        for control in touched:
            assert a is not None  # noqa: S101  only of an edition in use before and after
            assert b is not None  # noqa: S101
            before, after = (edition.controls.get(control, "not in it") for edition in (a, b))
            yield Cut(RuleChange(at, "mapping of this control", before, after), control=f"{id_}/{control}")


def _touched(was: dict[str, str], now: dict[str, str]) -> list[str]:
    return [id_ for id_ in {**was, **now} if was.get(id_) != now.get(id_)]


def _used(edition: EditionInForce | None) -> str:
    return "not in use" if edition is None else edition.digest
