"""Control mappings, one TOML file for each framework version, and their loader.

`iso27001:2022` is the file `iso27001_2022.toml`; the links from checks to its controls are in `links`, by connector. A
file with a mistake is refused as a whole: half a mapping would show fewer controls than the framework has.
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
from mappings.connector_links import with_connector_links
from mappings.derive import Derived, Relation, derive

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

SHIPPED = Path(__file__).parent
"""The mappings that come with annexd."""

_ALLOWED_VALUES = {
    "shows": ", ".join(Shows),
    "strength": ", ".join(Strength),
    "kind": ", ".join(AskKind),
    "role": ", ".join(get_args(Role)),
    "status": ", ".join(get_args(EditionStanding)),
    "every": "a span such as 30d, 2w, 12mo, 2y",
    "relation": ", ".join(Relation),
}
"""The allowed values of keys that take only some."""

T = TypeVar("T")


class MappingGaps(msgspec.Struct, frozen=True, kw_only=True):
    """Controls that no check is mapped to, and checks that are mapped to no control."""

    controls: tuple[str, ...]  # ids of controls without a check
    checks: tuple[str, ...]  # ids of checks without a control


def available(folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """Return the ids of all frameworks with a mapping file, shipped or in the given folders, sorted."""
    return tuple(sorted(_files(folders)))


def load(framework_id: str, folders: Sequence[Path] = ()) -> Framework:
    """Return one framework with its controls. Raises ConfigError, naming file and key, for any mistake."""
    return _load(framework_id, _files(folders), {})


def _load(framework_id: str, files: dict[str, Path], loaded: dict[str, Framework | None]) -> Framework:
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
    if file.parent == SHIPPED:
        entries = with_connector_links(file.name, framework_id, entries)
    loaded[framework_id] = None  # being loaded: a control that is derived from it now would be derived from itself
    controls = [
        _derived(file.name, entry, files, loaded) if "from" in entry else _control(file.name, entry)
        for entry in entries
    ]
    _no_control_twice(file.name, controls)
    framework = _convert({**header, "control": []}, Framework, f"{file.name}: the head of the file")
    if framework.id != framework_id:
        raise ConfigError(
            f"{file.name}: the id in the file is {framework.id}",
            mend=f"give it the id {framework_id}, or the file the name {_file_name(framework.id)}",
        )
    loaded[framework_id] = framework_with_controls = msgspec.structs.replace(framework, controls=tuple(controls))
    return framework_with_controls


def cross_check(frameworks: Iterable[Framework], check_ids: Collection[str]) -> None:
    """Raise ConfigError where a mapping names a check that does not exist, with the nearest id of one that does."""
    problems = [
        f"{_file_name(framework.id)}: control {control.id}: checks.{check}: there is no such check."
        f" {_nearest(check, check_ids)}".rstrip()
        for framework in frameworks
        for control in framework.controls
        for check in control.checks
        if check not in check_ids
    ]
    if problems:
        raise ConfigError(
            "\n".join(problems),
            so="a link to a check that does not exist can never be established",
            mend="correct the check id, or take the link out until the check exists",
        )


def gaps(framework: Framework, check_ids: Iterable[str]) -> MappingGaps:
    """Return the controls without checks, and the checks without controls, in a framework."""
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
            # With two files for one framework version, a control would change its meaning by the order of folders.
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
    return validated(place, msgspec.structs.replace(control, asks=tuple(asks), checks=checks))


def _derived(file: str, entry: dict[str, Any], files: dict[str, Path], loaded: dict[str, Framework | None]) -> Control:
    place = f"{file}: control {entry.get('id', 'without an id')}"
    own_asks = _asks(place, entry.pop("asks", []))
    derived = _convert(entry, Derived, place)
    if not derived.sources:
        raise ConfigError(f"{place}: from: it names no control", mend="name one, or write the control out")
    source_controls = []
    for source in derived.sources:
        edition = loaded[source.edition] if source.edition in loaded else _load(source.edition, files, loaded)
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
        source_controls.append((source, edition, ids[source.id]))
    return validated(place, derive(derived, source_controls, own_asks))


def _asks(place: str, raw: object) -> list[Ask]:
    entries = _convert(raw, list[object], f"{place}: asks")
    return [_convert(ask, Ask, f"{place}: asks {number}") for number, ask in enumerate(entries, start=1)]


def validated(place: str, control: Control) -> Control:
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
        raise ConfigError(f"{place}: {error}", mend=_remedy(str(error), into)) from error


def _remedy(error: str, into: type[object]) -> str:
    keys: tuple[str, ...] = getattr(into, "__struct_encode_fields__", ())
    if unknown := re.search(r"unknown field `([^`]*)`", error):
        return f"{_nearest(unknown[1], keys)} The keys here are: {', '.join(keys)}"
    if field_match := re.search(r"`\$\.(?:.*\.)?(\w+)`$", error):
        return f"{field_match[1]} takes: {_ALLOWED_VALUES.get(field_match[1], 'some text')}"
    return "correct the value at that place"


def _nearest(word: str, candidates: Collection[str]) -> str:
    nearest = difflib.get_close_matches(word, candidates, n=1, cutoff=0.0)
    return f"The nearest is {nearest[0]}." if nearest else ""
