"""The YAML of a workflow or an action as plain lists, objects and texts, within bounds.

Every scalar stays the text that it is written as: GitHub reads YAML 1.2, where `on` and `no` are words, and PyYAML
would take them for booleans. An alias is followed, and a merge key is a key like any other, as for GitHub.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from collector.core.secret_names import is_secret_name

MAX_BYTES = 262_144
"""A longer text is not read. The largest workflows that people write have some 100 KB."""

_MAX_NODES = 50_000
_MAX_DEPTH = 60

REDACTED = "[redacted]"


class UnreadableError(Exception):
    """The text is not a workflow as annexd reads it; the message says why."""


def plain(text: str) -> Any:
    """Return lists, objects with text keys, and texts; None of nothing but comments. Raises UnreadableError."""
    node = _compose(text)
    return None if node is None else _Builder().build(node, 0)


def without_secrets(text: str) -> str:
    """Return the text with each literal value of a key whose name means a secret replaced. Raises UnreadableError.

    A value with an expression stays: it names where a secret is kept, or what an outsider wrote.
    """
    spans = sorted(_secret_spans(_compose(text), 0, set()), reverse=True)
    for start, end, ending in spans:
        text = f"{text[:start]}'{REDACTED}'{ending}{text[end:]}"
    return text


def _compose(text: str) -> Any:
    if len(text) > MAX_BYTES:
        raise UnreadableError(f"it has {len(text)} characters; {MAX_BYTES} are read")
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise UnreadableError(f"it is not YAML as annexd reads it{where}") from error
    return node


class _Builder:
    """Makes plain values of nodes, and counts them: aliases of aliases would grow without end."""

    def __init__(self) -> None:
        self._count = 0

    def build(self, node: Any, depth: int) -> Any:
        self._count += 1
        if self._count > _MAX_NODES or depth > _MAX_DEPTH:
            raise UnreadableError("it is too large or nested too deeply to be read")
        match node:
            case yaml.MappingNode():
                made: dict[str, Any] = {}
                for key, value in node.value:
                    if not isinstance(key, yaml.ScalarNode):
                        raise UnreadableError("a key in it is not a text")
                    if key.value in made:
                        raise UnreadableError(f"it has the key {key.value} twice in one place")
                    made[key.value] = self.build(value, depth + 1)
                return made
            case yaml.SequenceNode():
                return [self.build(value, depth + 1) for value in node.value]
            case _:
                return str(node.value)


def _secret_spans(node: Any, depth: int, seen: set[int]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and what has to follow, of each literal value that is secret by the name of its key."""
    if id(node) in seen or depth > _MAX_DEPTH:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _secret_spans(value, depth + 1, seen)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if _is_secret(key, value):
                ending = "\n" if value.style in ("|", ">") else ""
                yield value.start_mark.index, value.end_mark.index, ending
            else:
                yield from _secret_spans(value, depth + 1, seen)


def _is_secret(key: Any, value: Any) -> bool:
    if not (isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode)):
        return False
    if key.value == "id-token" and value.value in ("read", "write", "none"):
        return False  # a permission: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
    return value.value != "" and "${{" not in value.value and is_secret_name(key.value)
