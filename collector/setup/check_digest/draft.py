"""The state of the normal form of a target while it is built: names, references and needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from collector.setup.check_digest.origin import is_followed

Token = list[Any] | str | int | None
"""A part of the normal form: nested lists of text and numbers."""


class Names(IntEnum):
    """Which names count: names that code can read as text decide."""

    NONE = 0  # fields of views are keys of the body, parameters and local variables are numbers
    MEMBERS = 1  # the names of fields and parameters count: something is looked up by name
    ALL = 2  # every name counts: code looks at its own names


class Target(NamedTuple):
    """A node of the graph; `of` is the object, `at` the module and name of a value."""

    kind: str
    of: Any
    at: tuple[str, str] | None = None

    @property
    def key(self) -> tuple[str, object]:
        """The identity of the target: names by value, everything else by object."""
        return self.kind, self.of if isinstance(self.of, str) else id(self.of)


@dataclass
class Draft:
    """The state of a target while its form is built. `check_package` is the top package of the check it is read for.

    `attributes` and `keywords` are names that are used on values of unknown types, `fields` and `parameters` those that
    the normal form leaves out: where they overlap, names have to count.
    """

    module: str
    check_package: str
    names: Names = Names.NONE
    targets: list[Target] = field(default_factory=list)
    numbers: dict[tuple[str, object], int] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    keywords: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    needs: Names = Names.NONE

    def ref(self, target: Target) -> Token:
        """Return the reference to another target: its number among those that this one refers to."""
        if target.key not in self.numbers:
            self.numbers[target.key] = len(self.targets)
            self.targets.append(target)
        return ["ref", self.numbers[target.key]]

    def follows(self, module: str) -> bool:
        """Whether the code of a module is followed."""
        return is_followed(module, self.check_package)

    def need(self, names: Names) -> None:
        """Raise `needs` to at least `names`."""
        self.needs = max(self.needs, names)

    def reads_files(self) -> Token:
        """Return the reference to every file of the package, for code that may read files."""
        return self.ref(Target("files", self.module.partition(".")[0]))

    def whole_module(self, name: str) -> Token:
        """Return the reference to all the code of a module, and of those that it imports."""
        return self.ref(Target("module", name))
