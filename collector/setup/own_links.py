"""`[[links]]`: the operator's own links from checks to controls of the frameworks in use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

import mappings
from collector.core.controls import Link, Strength
from collector.setup.loading import platform_of
from collector.setup.toml_file import TomlFile, would_do

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from collector.core.controls import Control, Framework
    from collector.core.errors import ConfigError

OWN_LINK = "own link"
"""The origin of a link that the operator has written; that of the others is `FRAMEWORK_LINK`."""

FRAMEWORK_LINK = "framework"

_HEADER = re.compile(r"^\s*\[\[\s*links\s*\]\]")


class OwnLink(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[links]]` entry. `control` is an edition, a slash and the control's id: `iso27001:2022/8.5`."""

    check: Annotated[str, Meta(min_length=1)]
    control: Annotated[str, Meta(min_length=1)]
    strength: Strength
    because: str

    def __post_init__(self) -> None:
        if not self.because.strip():
            raise ValueError("because is blank; say what the check tests of the control")

    @property
    def edition(self) -> str:
        """The id of the framework that the control is of."""
        return self.control.partition("/")[0]


@dataclass(frozen=True)
class PlacedLink:
    """A link with the part of the file that it stands in."""

    link: OwnLink
    file: TomlFile

    def error(self, key: str, what: str, *, so: str = "", mend: str = "") -> ConfigError:
        """Return an error that names the line of a key of this entry."""
        return self.file.error(("links", key), what, so=so, mend=mend)


def read_links(file: TomlFile) -> tuple[PlacedLink, ...]:
    """Return the links of a configuration. Raises ConfigError with the line of an invalid entry.

    Whether check and control exist is checked when frameworks and connectors are loaded.
    """
    raw = file.data.get("links", [])
    if not isinstance(raw, list):
        raise file.error(("links",), "this is not a list of links", mend="write [[links]] above the keys of each")
    links: list[PlacedLink] = []
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(raw):
        own = _entry(file, number)
        strength = entry.get("strength", Strength.DIRECT) if isinstance(entry, dict) else Strength.DIRECT
        if strength not in tuple(Strength):  # an array or a table too, which no set can hold
            raise own.error(
                ("links", "strength"), f"{strength!r} is no strength", mend=f"strength takes: {', '.join(Strength)}"
            )
        placed = PlacedLink(own.convert(entry, OwnLink, ("links",)), own)
        if (placed.link.check, placed.link.control) in seen:
            raise placed.error(
                "check", f"{placed.link.check} is linked to {placed.link.control} twice", mend="take one out"
            )
        seen.add((placed.link.check, placed.link.control))
        links.append(placed)
    return tuple(links)


def require_known_links(
    links: Iterable[PlacedLink], editions: Collection[str], checks: Collection[str], missing: Collection[str] = ()
) -> None:
    """Raise ConfigError, with the nearest name, on a link of an unknown check or of an edition that is not in use.

    `missing` are platforms whose SDK is not installed: their checks are not known, and are accepted.
    """
    for placed in links:
        if placed.link.edition not in editions:
            raise placed.error(
                "control",
                f"{placed.link.control!r} is of no framework in use",
                so="the link would never count",
                mend=f"write version/control, or add the version to [frameworks] use;"
                f" {would_do(placed.link.edition, editions, 'in use are')}",
            )
        if placed.link.check not in checks and platform_of(placed.link.check) not in missing:
            raise placed.error(
                "check",
                f"there is no check {placed.link.check!r}",
                mend=would_do(placed.link.check, checks, "the checks are"),
            )


def with_links(framework: Framework, links: Iterable[PlacedLink]) -> Framework:
    """Return a framework with the links that name its controls, after those of its file.

    Raises ConfigError on an unknown control, on a link that the framework has already, and on one that the loader of
    frameworks refuses. Controls of other editions that are derived from this one do not get the link.
    """
    mine = [placed for placed in links if placed.link.edition == framework.id]
    if not mine:
        return framework
    controls = {control.id: control for control in framework.controls}
    for placed in mine:
        id_ = placed.link.control.partition("/")[2]
        if id_ not in controls:
            known = [f"{framework.id}/{known}" for known in controls]
            raise placed.error(
                "control",
                f"there is no control {placed.link.control!r}",
                mend=would_do(placed.link.control, known, "the controls are"),
            )
        controls[id_] = _linked(controls[id_], placed)
    return replace(framework, controls=tuple(controls.values()))


def is_own(links: Iterable[PlacedLink], framework: str, control: str, check: str) -> bool:
    """Whether the operator wrote the link from a check to a control of a framework."""
    named = f"{framework}/{control}"
    return any((placed.link.control, placed.link.check) == (named, check) for placed in links)


def _linked(control: Control, placed: PlacedLink) -> Control:
    check = placed.link.check
    if check in control.checks:
        raise placed.error(
            "check",
            f"the framework links {check} to {placed.link.control} already, as {control.checks[check].strength}",
            mend="take the link out",
        )
    link = Link(strength=placed.link.strength, because=placed.link.because)
    linked = replace(control, checks={**control.checks, check: link})
    return mappings.validated(f"{placed.file.path}: [[links]] {placed.link.control}", linked)


def _entry(file: TomlFile, number: int) -> TomlFile:
    """Return the file with only the lines of one `[[links]]` entry, in their places, so that errors name its line."""
    lines = file.text.splitlines()
    starts = [at for at, line in enumerate(lines) if _HEADER.match(line)]
    if number >= len(starts):
        return file  # written as a list of inline tables
    end = starts[number + 1] if number + 1 < len(starts) else len(lines)
    return TomlFile(file.path, "\n".join(_masked(lines, starts[number], end)), file.data)


def _masked(lines: list[str], start: int, end: int) -> Iterator[str]:
    for at, line in enumerate(lines):
        yield line if start <= at < end else ""
