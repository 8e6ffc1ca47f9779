"""The digest of a check's code: of everything that decides its verdict, and of nothing else."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from collector.setup.check_digest.draft import Names, Target
from collector.setup.check_digest.member_types import hints_of
from collector.setup.check_digest.nodes import Node, build
from collector.setup.check_digest.origin import files_digest, is_followed, package_folder, source_of

if TYPE_CHECKING:
    from collector.core.checks import Check

METHOD = "rule1"
"""How digests are made. Another method has another word, so that its digests are not taken for these."""

_NODES: dict[tuple[str, tuple[str, object], Names], tuple[Target, Node]] = {}
_DIGESTS: dict[int, tuple[Check[...], str]] = {}


def check_digest(check: Check[...]) -> str:
    """Return the digest of what decides a check's verdict: `rule1:` and 64 hexadecimal digits.

    Raises ConfigError where source code that decides cannot be read.
    """
    known = _DIGESTS.get(id(check))
    if known is None:
        known = _DIGESTS[id(check)] = (check, _made(check))
    return known[1]


def forget_sources() -> None:
    """Drop what was read of source files, because modules of the same names were loaded from them again.

    Digests of checks that were made already stay: they are of the code that those checks run.
    """
    _NODES.clear()
    for kept in (source_of, is_followed, files_digest, package_folder, hints_of):
        kept.cache_clear()


def reached(check: Check[...]) -> list[tuple[Target, Node]]:
    """Return every piece of code that a check's verdict rests on, in the order in which it refers to them."""
    names = Names.NONE
    while True:
        found = _reached(check, names)
        needed = _needed([node for _, node in found])
        if needed <= names:
            return found
        names = needed


def _made(check: Check[...]) -> str:
    found = reached(check)
    place = {target.key: number for number, (target, _) in enumerate(found)}
    written = [
        [node.form.hex(), [place[one.key] for one in node.draft.targets], int(node.draft.names)] for _, node in found
    ]
    return f"{METHOD}:{hashlib.sha256(json.dumps(written).encode()).hexdigest()}"


def _reached(check: Check[...], names: Names) -> list[tuple[Target, Node]]:
    module = str(check.judge.__module__)
    beside = module.partition(".")[0]
    found: dict[tuple[str, object], tuple[Target, Node]] = {}
    waiting = [(Target("check", check), module)]
    while waiting:
        target, within = waiting.pop()
        if target.key in found:
            continue
        key = (beside, target.key, names)
        if key not in _NODES:
            # The target is kept: what is gone may leave its place in memory to something else.
            _NODES[key] = target, build(target, within, beside, names)
        node = _NODES[key][1]
        found[target.key] = (target, node)
        waiting += [(one, node.draft.module) for one in reversed(node.draft.targets)]
    return list(found.values())


def _needed(nodes: list[Node]) -> Names:
    """Return which names have to count: those that are left out may not be what something is looked up by."""
    needed = max(node.draft.needs for node in nodes)
    by_name = {name for node in nodes for name in node.draft.attributes}
    by_keyword = {name for node in nodes for name in node.draft.keywords}
    left_out = {name for node in nodes for name in node.draft.fields}
    numbered = {name for node in nodes for name in node.draft.parameters}
    if by_name & left_out or by_keyword & (numbered | left_out):
        needed = max(needed, Names.MEMBERS)
    return needed
