"""Control mappings, one TOML file a framework edition, and the loader that lets no mistake through in silence.

`iso27001:2022` is the file `iso27001_2022.toml`. A file is refused as a whole: half a mapping would show fewer
controls than the framework has, and nobody would see which.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import msgspec

from collector.core.controls import Ask, AskKind, Control, EditionStanding, Framework, Link, Role, Shows, Strength
from collector.core.errors import ConfigError
from mappings.derive import Derived, Relation, derive

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

SHIPPED = Path(__file__).parent
"""The mappings that come with annexd."""

_WOULD_DO = {
    "shows": ", ".join(Shows),
    "strength": ", ".join(Strength),
    "kind": ", ".join(AskKind),
    "role": ", ".join(get_args(Role)),
    "status": ", ".join(get_args(EditionStanding)),
    "every": "a span such as 30d, 2w, 12mo, 2y",
    "relation": ", ".join(Relation),
}
"""For keys that take only some values, the values."""

T = TypeVar("T")


class MappingGaps(msgspec.Struct, frozen=True, kw_only=True):
    """What a mapping leaves open, on both sides."""

    controls: tuple[str, ...]  # no check speaks about them
    checks: tuple[str, ...]  # they speak about no control


def available(folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """The ids of all frameworks that have a mapping file, here or in the user's own folders."""
    return tuple(sorted(_files(folders)))


def load(framework_id: str, folders: Sequence[Path] = ()) -> Framework:
    """Read one mapping; raises ConfigError, naming file, control and key, unless the whole file is sound."""
    return _load(framework_id, _files(folders), {})


def _load(framework_id: str, files: dict[str, Path], known: dict[str, Framework | None]) -> Framework:
    if framework_id not in files:
        raise ConfigError(
            f"there is no mapping for the framework {framework_id}",
            mend=f"{_nearest(framework_id, files)} use one of: {', '.join(sorted(files))}",
        )
    file = files[framework_id]
    try:
        header = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file.name}: this is not TOML: {error}", mend="correct the file at that place") from error
    entries = _convert(header.pop("control", []), list[dict[str, Any]], f"{file.name}: control")
    if not entries:
        raise ConfigError(f"{file.name}: it holds no control", mend="write each control under [[control]]")
    known[framework_id] = None  # being read: whoever takes a control from it now takes it from itself
    controls = [
        _derived(file.name, entry, files, known) if "from" in entry else _control(file.name, entry) for entry in entries
    ]
    _no_control_twice(file.name, controls)
    framework = _convert({**header, "control": []}, Framework, f"{file.name}: the head of the file")
    if framework.id != framework_id:
        raise ConfigError(
            f"{file.name}: the id in the file is {framework.id}",
            mend=f"give it the id {framework_id}, or the file the name {_file_name(framework.id)}",
        )
    known[framework_id] = read = msgspec.structs.replace(framework, controls=tuple(controls))
    return read


def cross_check(frameworks: Iterable[Framework], check_ids: Collection[str]) -> None:
    """Raise ConfigError if a mapping names a check that does not exist: it would count as never run, for ever."""
    wrong = [
        f"{_file_name(framework.id)}: control {control.id}: checks.{check}: there is no such check."
        f" {_nearest(check, check_ids)}".rstrip()
        for framework in frameworks
        for control in framework.controls
        for check in control.checks
        if check not in check_ids
    ]
    if wrong:
        raise ConfigError(
            "\n".join(wrong),
            so="a link to a check that does not exist can never be established",
            mend="correct the check id, or take the link out until the check exists",
        )


def gaps(framework: Framework, check_ids: Iterable[str]) -> MappingGaps:
    """Controls without checks, and checks without controls, in this framework."""
    linked = {check for control in framework.controls for check in control.checks}
    return MappingGaps(
        controls=tuple(control.id for control in framework.controls if not control.checks),
        checks=tuple(sorted(set(check_ids) - linked)),
    )


def _files(folders: Sequence[Path]) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for folder in (SHIPPED, *folders):
        if not folder.is_dir():
            raise ConfigError(f"{folder}: there is no such folder of mappings", mend="correct the path, or take it out")
        for file in sorted(folder.glob("*.toml")):
            name, _, edition = file.stem.rpartition("_")
            if not name:
                raise ConfigError(
                    f"{file}: the name does not say which edition it maps",
                    mend="call it framework_edition.toml, such as iso27001_2022.toml",
                )
            framework_id = f"{name}:{edition}"
            # Two files for one edition: whichever won, a control would change its meaning without a trace.
            if framework_id in files:
                raise ConfigError(
                    f"{file}: {framework_id} has a mapping already, in {files[framework_id]}",
                    mend="give your own mapping an id and a file name of its own",
                )
            files[framework_id] = file
    return files


def _file_name(framework_id: str) -> str:
    return f"{framework_id.replace(':', '_')}.toml"


def _control(file: str, entry: dict[str, Any]) -> Control:
    place = f"{file}: control {entry.get('id', 'without an id')}"
    asks = _asks(place, entry.pop("asks", []))
    raw_links = _convert(entry.pop("checks", {}), dict[str, object], f"{place}: checks")
    control = _convert({**entry, "asks": []}, Control, place)
    checks = {check: _convert(link, Link, f"{place}: checks.{check}") for check, link in raw_links.items()}
    return sound(place, msgspec.structs.replace(control, asks=tuple(asks), checks=checks))


def _derived(file: str, entry: dict[str, Any], files: dict[str, Path], known: dict[str, Framework | None]) -> Control:
    place = f"{file}: control {entry.get('id', 'without an id')}"
    own = _asks(place, entry.pop("asks", []))
    derived = _convert(entry, Derived, place)
    if not derived.sources:
        raise ConfigError(f"{place}: from: it names no control", mend="name one, or write the control out")
    taken = []
    for source in derived.sources:
        edition = known[source.edition] if source.edition in known else _load(source.edition, files, known)
        if edition is None:
            raise ConfigError(
                f"{place}: from: {source.edition} is itself taken from this file",
                mend="write the controls out in one of the two",
            )
        ids = {control.id: control for control in edition.controls}
        if source.id not in ids:
            raise ConfigError(
                f"{place}: from: {source.edition} has no control {source.id}",
                mend=f"{_nearest(source.id, ids)} Name a control of that edition",
            )
        taken.append((source, edition, ids[source.id]))
    return sound(place, derive(derived, taken, own))


def _asks(place: str, raw: object) -> list[Ask]:
    entries = _convert(raw, list[object], f"{place}: asks")
    return [_convert(ask, Ask, f"{place}: asks {number}") for number, ask in enumerate(entries, start=1)]


def sound(place: str, control: Control) -> Control:
    """Return a control whose asks and links can count as they are; raises ConfigError, beginning with `place`."""
    _roles_are_addressed(place, control.roles, [*control.asks, *control.checks.values()])
    _asks_can_be_filed(place, control)
    for check, link in control.checks.items():
        if control.shows is Shows.NONE and link.strength is Strength.DIRECT:
            raise ConfigError(
                f"{place}: checks.{check}: strength = direct, but shows = none",
                so="no technical evidence can show anything of this control, so no check can test it",
                mend="make the link supporting or contextual, or say what of the control can be shown",
            )
    return control


def _roles_are_addressed(place: str, roles: Sequence[Role], entries: Sequence[Ask | Link]) -> None:
    for entry in entries:
        if entry.role is not None and entry.role not in roles:
            raise ConfigError(
                f"{place}: role = {entry.role}, but the control does not address that role",
                so="the entry would never count",
                mend="add the role to the roles of the control, or take it out here",
            )


def _asks_can_be_filed(place: str, control: Control) -> None:
    for role in control.roles or (None,):
        if not control.asked(role):
            raise ConfigError(
                f"{place}: asks: nothing is asked of people{'' if role is None else f' in the role of {role}'}",
                so="checks alone would make it look complete",
                mend="ask at least for its governing document, under [[control.asks]]",
            )
    seen: set[str] = set()
    for ask in control.asks:
        if not ask.id.startswith(f"{control.id}-"):
            raise ConfigError(
                f"{place}: asks: the id {ask.id} does not begin with {control.id}-",
                mend=f"call it {control.id}-a, {control.id}-b and so on: records are filed under this id",
            )
        if ask.id in seen:
            raise ConfigError(
                f"{place}: asks: the id {ask.id} is there twice",
                so="one record would answer two questions",
                mend="give the second one the next free letter",
            )
        seen.add(ask.id)


def _no_control_twice(file: str, controls: Sequence[Control]) -> None:
    seen: set[str] = set()
    for control in controls:
        if control.id in seen:
            raise ConfigError(
                f"{file}: control {control.id}: the id is there twice",
                so="one of the two would hide the other",
                mend="make them one entry",
            )
        seen.add(control.id)


def _convert(raw: object, into: type[T], place: str) -> T:
    try:
        return msgspec.convert(raw, into)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{place}: {error}", mend=_mend(str(error), into)) from error


def _mend(error: str, into: type[object]) -> str:
    keys: tuple[str, ...] = getattr(into, "__struct_encode_fields__", ())
    if unknown := re.search(r"unknown field `([^`]*)`", error):
        return f"{_nearest(unknown[1], keys)} The keys here are: {', '.join(keys)}"
    if at := re.search(r"`\$\.(?:.*\.)?(\w+)`$", error):
        return f"{at[1]} takes: {_WOULD_DO.get(at[1], 'some text')}"
    return "correct the value at that place"


def _nearest(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.0)
    return f"The nearest is {near[0]}." if near else ""
