"""`[[links]]`: the operator's own links from checks to controls of the frameworks in use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

import mappings
from collector.core.controls import Link, Strength
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
    """Return the links of a configuration. Raises ConfigError with the place of what is wrong.

    Whether check and control exist is known when frameworks and connectors are loaded.
    """
    raw = file.data.get("links", [])
    if not isinstance(raw, list):
        raise file.error(("links",), "this is not a list of links", mend="write [[links]] above the keys of each")
    placed: list[PlacedLink] = []
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(raw):
        own = _entry(file, number)
        strength = entry.get("strength", Strength.DIRECT) if isinstance(entry, dict) else Strength.DIRECT
        if strength not in {*Strength}:
            raise own.error(
                ("links", "strength"), f"{strength!r} is no strength", mend=f"strength takes: {', '.join(Strength)}"
            )
        one = PlacedLink(own.convert(entry, OwnLink, ("links",)), own)
        if (one.link.check, one.link.control) in seen:
            raise one.error("check", f"{one.link.check} is linked to {one.link.control} twice", mend="take one out")
        seen.add((one.link.check, one.link.control))
        placed.append(one)
    return tuple(placed)


def links_are_known(
    links: Iterable[PlacedLink], editions: Collection[str], checks: Collection[str], missing: Collection[str] = ()
) -> None:
    """Raise ConfigError, with the nearest that would do, on a link of an unknown check or of no edition in use.

    `missing` are platforms whose SDK is not installed: which checks they have cannot be said.
    """
    for one in links:
        if one.link.edition not in editions:
            raise one.error(
                "control",
                f"{one.link.control!r} is of no framework in use",
                so="the link would never count",
                mend=f"write edition/control, or add the edition to [frameworks] use;"
                f" {would_do(one.link.edition, editions, 'in use are')}",
            )
        if one.link.check not in checks and one.link.check.partition("_")[0] not in missing:
            raise one.error(
                "check",
                f"there is no check {one.link.check!r}",
                mend=would_do(one.link.check, checks, "the checks are"),
            )


def with_links(framework: Framework, links: Iterable[PlacedLink]) -> Framework:
    """Return a framework with the links that name its controls, after those of its file.

    Raises ConfigError on a control that there is not, on a link that the framework has already, and on one that the
    loader of frameworks would refuse. A control of another edition that is taken from this one does not get the link.
    """
    mine = [one for one in links if one.link.edition == framework.id]
    if not mine:
        return framework
    controls = {control.id: control for control in framework.controls}
    for one in mine:
        id_ = one.link.control.partition("/")[2]
        if id_ not in controls:
            known = [f"{framework.id}/{known}" for known in controls]
            raise one.error(
                "control",
                f"there is no control {one.link.control!r}",
                mend=would_do(one.link.control, known, "the controls are"),
            )
        controls[id_] = _linked(controls[id_], one)
    return replace(framework, controls=tuple(controls.values()))


def is_own(links: Iterable[PlacedLink], framework: str, control: str, check: str) -> bool:
    """Whether the operator wrote the link from a check to a control of a framework."""
    named = f"{framework}/{control}"
    return any((one.link.control, one.link.check) == (named, check) for one in links)


def _linked(control: Control, one: PlacedLink) -> Control:
    check = one.link.check
    if check in control.checks:
        raise one.error(
            "check",
            f"the framework links {check} to {one.link.control} already, as {control.checks[check].strength}",
            mend="take the link out",
        )
    link = Link(strength=one.link.strength, because=one.link.because)
    linked = replace(control, checks={**control.checks, check: link})
    return mappings.validated(f"{one.file.path}: [[links]] {one.link.control}", linked)


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
