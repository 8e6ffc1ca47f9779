"""Where a period is cut because the company, the mapping or the rules became others: told by leaves, not by today."""

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
    """Something that became another one. `control` (`iso27001:2022/8.5`) or `check`: it concerns these alone."""

    change: RuleChange
    control: str | None = None
    check: str | None = None

    @property
    def of_all(self) -> bool:
        """Whether it is told of the whole period, and not only of one control or check."""
        return self.control is None and self.check is None


class FileChange(Struct, frozen=True, kw_only=True):
    """One leaf with which a company file became another one. Digests are None where there was none, or it is gone."""

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
    """A state of a file with the one before it, and how long it was the last one; `until` is None where it still is."""

    before: RecordedFile | None
    now: RecordedFile
    until: datetime | None

    @property
    def changes(self) -> EntryChanges:
        """What changed with it."""
        return entry_changes(None if self.before is None else self.before.text, self.now.text)


def file_steps(store: object, end: datetime | None) -> list[Steps]:
    """Return every state of the company's files up to a moment, in the order of the log."""
    record = list(store.company_files(as_of=end)) if isinstance(store, CompanyRecord) else []
    made: list[Steps] = []
    last: dict[str, RecordedFile] = {}
    for number, one in enumerate(record):
        later = next((other.logged_at for other in record[number + 1 :] if other.file.name == one.file.name), None)
        made.append(Steps(last.get(one.file.name), one, later))
        last[one.file.name] = one
    return made


def file_changes(store: object, start: datetime, end: datetime | None) -> Iterator[FileChange]:
    """Yield the leaves after one moment and up to another with which a file became another one."""
    for step in file_steps(store, end):
        one, changes = step.now, step.changes
        if one.logged_at > start:
            yield FileChange(
                name=one.file.name,
                file_name=one.file.file_name,
                was=one.file.was,
                now=one.file.digest,
                by=one.file.by,
                leaf=one.leaf,
                logged_at=one.logged_at,
                added=changes.added,
                removed=changes.removed,
                changed=changes.changed,
                head=changes.head,
            )


def cuts_of_files(steps: Sequence[Steps], start: datetime, end: datetime) -> Iterator[Cut]:
    """Yield where a company file changed what it says; another layout or another comment cuts nothing."""
    for step in steps:
        one = step.now
        if one.file.name == "soa":
            yield from _takes_effect(step, start, end)
        if start < one.logged_at <= end and step.changes:
            what = f"{one.file.file_name} ({step.changes})"
            yield Cut(
                RuleChange(one.logged_at, what, one.file.was or "not in the log", one.file.digest or "no file any more")
            )
            if one.file.name == "soa":
                yield from _decisions(step)
            if one.file.name == "exceptions":
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
    was, now = (raw_entries(None if one is None else one.text) for one in (step.before, step.now))
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
    was, now = (raw_entries(None if one is None else one.text) for one in (step.before, step.now))
    for name in {**was, **now}:
        before, after = was.get(name), now.get(name)
        if before != after:
            change = RuleChange(
                step.now.logged_at, f"{step.now.file.file_name}: {name}", _exception(before), _exception(after)
            )
            for check in sorted({str(one["check"]) for one in (before, after) if one is not None and "check" in one}):
                yield Cut(change, check=check)


def _exception(entry: dict[str, Any] | None) -> str:
    if entry is None:
        return "no exception"
    return f"{entry.get('kind')} for {entry.get('subject') or 'the scope itself'} until {entry.get('expires')}"


def cuts_of_rules(last: InForce | None, facts: Sequence[tuple[datetime, InForce]]) -> Iterator[Cut]:
    """Yield where configuration, code, rules or mappings became others; what was in force first is no change."""
    for at, one in facts:
        if last is not None:
            yield from _between(at, last, one)
        last = one


def _between(at: datetime, was: InForce, now: InForce) -> Iterator[Cut]:
    for what, before, after in (
        ("configuration", was.config, now.config),
        ("code of annexd, with its mappings", was.code, now.code),
    ):
        if before != after:
            yield Cut(RuleChange(at, what, before, after))
    old, new = ({rule.check: rule for rule in one.rules} for one in (was, now))
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
    old, new = ({one.framework: one for one in each.editions} for each in (was, now))
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
            before, after = (one.controls.get(control, "not in it") for one in (a, b))
            yield Cut(RuleChange(at, "mapping of this control", before, after), control=f"{id_}/{control}")


def _touched(was: dict[str, str], now: dict[str, str]) -> list[str]:
    return [id_ for id_ in {**was, **now} if was.get(id_) != now.get(id_)]


def _used(one: EditionInForce | None) -> str:
    return "not in use" if one is None else one.digest
