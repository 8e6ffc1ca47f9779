"""Which fields of its evidence a check can read, and which verdicts its code can give, from its code alone.

The code is that of the digest (ADR 0015): the function of the check and whatever it uses. A name of a field that occurs
anywhere in it counts as read, so that the answer may name a field too many, and none too few. Where code looks fields
up by name, all of them count.
"""

from __future__ import annotations

import dis
import types
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from msgspec.structs import fields

from collector.core import checks
from collector.core.checks import Status
from collector.setup.check_digest.digest import reached_targets
from collector.setup.check_digest.draft import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.checks import Check, Need
    from collector.setup.check_digest.draft import Target

_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_GIVES: dict[Any, Status] = {
    checks.passed: Status.PASS,
    checks.failed: Status.FAIL,
    checks.unknown: Status.UNKNOWN,
    checks.not_applicable: Status.NOT_APPLICABLE,
}


class CheckReads:
    """What the code of one check reads and gives."""

    def __init__(self, check: Check[...]) -> None:
        self._check = check
        pairs = reached_targets(check)
        self._targets = [target for target, _ in pairs]
        self._by_name = any(node.draft.names is not Names.NONE for _, node in pairs)

    def fields(self, need: Need) -> tuple[str, ...]:
        """Return the top-level keys of a body that the check can read of one of its parameters, in their order."""
        return tuple(
            field.encode_name
            for field in fields(need.kind.view)
            if self._by_name or field.name in self._attributes or self._is_opaque
        )

    @cached_property
    def statuses(self) -> frozenset[Status]:
        """The verdicts that the code can give; all of them where it makes verdicts in a way of its own."""
        if self._is_opaque or any("Status" in code.co_names or "Verdict" in code.co_names for code in self._own_codes):
            return frozenset(Status)
        reached = {id(target.of) for target in self._targets}
        return frozenset(status for function, status in _GIVES.items() if id(function) in reached)

    @cached_property
    def _is_opaque(self) -> bool:
        """Whether a part of the code is known as a whole module or by files only."""
        judge = self._check.judge
        return not isinstance(judge, types.FunctionType) or any(
            target.kind not in {"check", "function", "class", "value"} for target in self._targets
        )

    @cached_property
    def _own_codes(self) -> list[types.CodeType]:
        """The code of functions, and of those members of classes whose names occur in it."""
        codes = [code for target in self._targets for code in _codes_of_function(target)]
        waiting = [member for target in self._targets if isinstance(target.of, type) for member in _members(target.of)]
        while True:
            names = {name for code in codes for name in _attributes_of(code)}
            used = [(name, function) for name, function in waiting if name in names or name.startswith("__")]
            if not used:
                return codes
            codes += [code for _, function in used for code in _codes(function.__code__)]
            waiting = [member for member in waiting if member not in used]

    @cached_property
    def _attributes(self) -> frozenset[str]:
        return frozenset(name for code in self._own_codes for name in _attributes_of(code))


def _codes_of_function(target: Target) -> Iterator[types.CodeType]:
    function = target.of.judge if target.kind == "check" else target.of
    if isinstance(function, types.FunctionType) and function not in _GIVES:
        yield from _codes(function.__code__)


def _members(of: type) -> Iterator[tuple[str, types.FunctionType]]:
    """Yield the functions of a class and of its properties, by their names."""
    for name, member in vars(of).items():
        inner: Any = member
        for wrapped in ("fget", "func", "__func__"):
            inner = getattr(inner, wrapped, inner)
        if isinstance(inner, types.FunctionType):
            yield name, inner


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield the code of a function and of those inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


@cache  # the same functions are behind many checks
def _attributes_of(code: types.CodeType) -> frozenset[str]:
    names: set[str] = set()
    for step in dis.get_instructions(code):
        if step.opname in _ATTRIBUTES:
            names.add(str(step.argval))
        elif step.opname == "MATCH_CLASS":
            # The names in a pattern such as `case Grant(grantee=who)` are a constant of the function.
            for constant in code.co_consts:
                if isinstance(constant, tuple):
                    names.update(name for name in constant if isinstance(name, str))
    return frozenset(names)
