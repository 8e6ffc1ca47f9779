"""One piece of code on its way to a digest: what it says, and what it refers to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from collector.setup.check_digest.origin import is_followed

Token = list[Any] | str | int | None
"""A part of the normal form: nested lists of text and numbers."""


class Names(IntEnum):
    """Which names count. Names that code can get at as text decide, and are kept then."""

    NONE = 0  # fields of views are keys of the body, parameters and local variables are numbers
    MEMBERS = 1  # the names of fields and parameters count: something is looked up by name
    ALL = 2  # every name counts: code looks at its own names


class Target(NamedTuple):
    """Something with a digest of its own; `of` is the object, `at` where a value was found."""

    kind: str
    of: Any
    at: tuple[str, str] | None = None

    @property
    def key(self) -> tuple[str, object]:
        """What tells this target from others: names are values, everything else counts as itself."""
        return self.kind, self.of if isinstance(self.of, str) else id(self.of)


@dataclass
class Draft:
    """What is known of one piece of code. `beside` is the top package of the check that it is read for.

    `attributes` and `keywords` are names that are used where nobody says of what, `fields` and `parameters` those that
    the normal form leaves out: where they meet, names have to count.
    """

    module: str
    beside: str
    names: Names = Names.NONE
    targets: list[Target] = field(default_factory=list)
    numbers: dict[tuple[str, object], int] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    keywords: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    needs: Names = Names.NONE

    def ref(self, target: Target) -> Token:
        """Return what stands for another piece: its number among those that this one refers to."""
        if target.key not in self.numbers:
            self.numbers[target.key] = len(self.targets)
            self.targets.append(target)
        return ["ref", self.numbers[target.key]]

    def follows(self, module: str) -> bool:
        """Whether the code of a module is followed."""
        return is_followed(module, self.beside)

    def need(self, names: Names) -> None:
        """Note that names count from here on."""
        self.needs = max(self.needs, names)

    def reads_files(self) -> Token:
        """Note that files may be read: every file of the package counts then."""
        return self.ref(Target("files", self.module.partition(".")[0]))

    def whole_module(self, name: str) -> Token:
        """Refer to all the code of a module, and of those that it imports."""
        return self.ref(Target("module", name))
