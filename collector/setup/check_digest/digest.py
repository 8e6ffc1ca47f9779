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
"""The prefix of digests, by which those of different methods are told apart."""

_NODES: dict[tuple[str, tuple[str, object], Names], tuple[Target, Node]] = {}
_DIGESTS: dict[int, tuple[Check[...], str]] = {}


def check_digest(check: Check[...]) -> str:
    """Return the digest of the code that decides a check's verdict: `rule1:` and 64 hexadecimal digits.

    Raises ConfigError where its source cannot be read.
    """
    known = _DIGESTS.get(id(check))
    if known is None:
        known = _DIGESTS[id(check)] = (check, _make_digest(check))
    return known[1]


def forget_sources() -> None:
    """Clear the caches of source files, after modules of the same names were loaded from them again.

    Digests of checks stay cached: they are of the code that those checks run.
    """
    _NODES.clear()
    for cached in (source_of, is_followed, files_digest, package_folder, hints_of):
        cached.cache_clear()


def reached_targets(check: Check[...]) -> list[tuple[Target, Node]]:
    """Return every target that a check's verdict depends on with its node, in the order in which they are reached."""
    names = Names.NONE
    while True:
        targets = _reached_with(check, names)
        needed = _needed_names([node for _, node in targets])
        if needed <= names:
            return targets
        names = needed


def _make_digest(check: Check[...]) -> str:
    pairs = reached_targets(check)
    numbers = {target.key: number for number, (target, _) in enumerate(pairs)}
    forms = [
        [node.form.hex(), [numbers[other.key] for other in node.draft.targets], int(node.draft.names)]
        for _, node in pairs
    ]
    return f"{METHOD}:{hashlib.sha256(json.dumps(forms).encode()).hexdigest()}"


def _reached_with(check: Check[...], names: Names) -> list[tuple[Target, Node]]:
    module = str(check.judge.__module__)
    check_package = module.partition(".")[0]
    nodes: dict[tuple[str, object], tuple[Target, Node]] = {}
    waiting = [(Target("check", check), module)]
    while waiting:
        target, within = waiting.pop()
        if target.key in nodes:
            continue
        key = (check_package, target.key, names)
        if key not in _NODES:
            # The target is kept alive, because its id may be used again after it.
            _NODES[key] = target, build(target, within, check_package, names)
        node = _NODES[key][1]
        nodes[target.key] = (target, node)
        waiting += [(other, node.draft.module) for other in reversed(node.draft.targets)]
    return list(nodes.values())


def _needed_names(nodes: list[Node]) -> Names:
    """Return which names have to count, because code may look up names that the forms leave out."""
    needed = max(node.draft.needs for node in nodes)
    by_name = {name for node in nodes for name in node.draft.attributes}
    by_keyword = {name for node in nodes for name in node.draft.keywords}
    left_out = {name for node in nodes for name in node.draft.fields}
    numbered = {name for node in nodes for name in node.draft.parameters}
    if by_name & left_out or by_keyword & (numbered | left_out):
        needed = max(needed, Names.MEMBERS)
    return needed
