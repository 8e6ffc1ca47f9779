"""Paths that a resource type declares as secret or personal, and the tree in which they are looked up."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Keep = Literal["nothing", "last4", "domain"]


class Redact(Struct, frozen=True):
    """A path in a body whose text is secret or personal.

    `path` is dotted; lists are passed through, and `*` matches any key. `keep` is the part that stays readable.
    """

    path: str
    keep: Keep = "nothing"


class Node:
    """One step of the declared paths, as a node of their prefix tree."""

    __slots__ = ("children", "rule")

    def __init__(self) -> None:
        self.children: dict[str, Node] = {}
        self.rule: Redact | None = None

    def step(self, key: str) -> Node | None:
        """Return the node below a key; None where no rule goes on there."""
        return self.children.get(key) or self.children.get("*")


def tree(rules: tuple[Redact, ...]) -> Node:
    """Return the root of the rules' paths."""
    root = Node()
    for rule in rules:
        node = root
        for key in rule.path.split("."):
            node = node.children.setdefault(key, Node())
        node.rule = rule
    _merge_wildcards(root)
    return root


def _merge_wildcards(node: Node) -> None:
    """Copy the rules below `*` to each sibling key, so that one step finds all rules."""
    any_key = node.children.get("*")
    for key, child in node.children.items():
        if any_key is not None and key != "*":
            _merge(child, any_key)
        _merge_wildcards(child)


def _merge(onto: Node, branch: Node) -> None:
    onto.rule = onto.rule or branch.rule
    for key, child in branch.children.items():
        _merge(onto.children.setdefault(key, Node()), child)
