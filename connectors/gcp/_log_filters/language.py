"""The language of Google's filters, read into expressions. Monitoring has the same one with other functions.

https://cloud.google.com/logging/docs/view/logging-query-language and https://cloud.google.com/monitoring/api/v3/filters
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(
    r"""
    (?P<skipped>\s+|--[^\n]*)
    | (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<operator><=|>=|!=|=~|!~|[=<>:])
    | (?P<mark>[(),])
    | (?P<word>[^\s()=<>!:"'~,]+(?:"(?:[^"\\]|\\.)*"[^\s()=<>!:"'~,]*)*)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"""\\(["'\\])""")
_DEEPEST = 50


@dataclass(frozen=True)
class Text:
    """A text by itself, which is looked for in every field."""

    text: str


@dataclass(frozen=True)
class Call:
    """A function with its arguments, as a condition or as the value of a comparison."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """A field, an operator and a value."""

    field: str
    operator: str
    value: str | Call


@dataclass(frozen=True)
class Not:
    """What is so where something else is not."""

    of: Expression


@dataclass(frozen=True)
class Every:
    """What is so where each of these is; where there are none, always."""

    of: tuple[Expression, ...]


@dataclass(frozen=True)
class OneOf:
    """What is so where one of these is."""

    of: tuple[Expression, ...]


Expression = Text | Call | Comparison | Not | Every | OneOf


@lru_cache(maxsize=4096)
def parsed(text: str) -> Expression | None:
    """Return the expression of a filter; None where it is not understood. An empty one takes everything."""
    try:
        return _Reader(_tokens(text)).whole()
    except ValueError:
        return None


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            message = f"unknown at {at}"
            raise ValueError(message)
        if token.lastgroup != "skipped":
            found.append((token.lastgroup or "", token[0]))
        at = token.end()
    return found


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(r"\1", text[1:-1])


class _Reader:
    """Reads tokens. NOT binds the closest, OR closer than AND, and AND may be left out."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        """Read to the end."""
        found = self._every(None) if self._tokens else Every(())
        self._need("end", "")
        return found

    def _every(self, compared: tuple[str, str] | None) -> Expression:
        """Read what is joined by AND; with `compared` these are values of that field and operator."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("too deep")
        parts = [self._any(compared)]
        while not self._is("end", "") and not self._is("mark", ")"):
            self._take("word", "AND")
            parts.append(self._any(compared))
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _any(self, compared: tuple[str, str] | None) -> Expression:
        parts = [self._one(compared)]
        while self._take("word", "OR"):
            parts.append(self._one(compared))
        return parts[0] if len(parts) == 1 else OneOf(tuple(parts))

    def _one(self, compared: tuple[str, str] | None) -> Expression:
        is_negative = False
        while self._take("word", "NOT") or self._take("word", "-") or self._take_minus():
            is_negative = not is_negative
        found = self._inside(compared) if self._take("mark", "(") else self._condition(compared)
        return Not(found) if is_negative else found

    def _inside(self, compared: tuple[str, str] | None) -> Expression:
        found = self._every(compared)
        self._need("mark", ")")
        return found

    def _condition(self, compared: tuple[str, str] | None) -> Expression:
        value = self._value()
        if compared is not None:
            return Comparison(*compared, value)
        kind, operator = self._peek()
        if kind != "operator":
            return value if isinstance(value, Call) else Text(value)
        if isinstance(value, Call):
            raise ValueError("a function as a field")  # noqa: TRY004  what is not understood
        self._at += 1
        if self._take("mark", "("):
            return self._inside((value, operator))
        return Comparison(value, operator, self._value())

    def _value(self) -> str | Call:
        kind, text = self._peek()
        if kind not in {"quoted", "word"} or (kind == "word" and text in {"AND", "OR", "NOT"}):
            raise ValueError("no value")
        self._at += 1
        if kind == "quoted":
            return _unquoted(text)
        return Call(text, self._arguments()) if self._take("mark", "(") else text

    def _arguments(self) -> tuple[str, ...]:
        found: list[str] = []
        while not self._take("mark", ")"):
            kind, text = self._peek()
            if kind not in {"quoted", "word"}:
                raise ValueError("no argument")
            found.append(_unquoted(text) if kind == "quoted" else text)
            self._at += 1
            if not self._is("mark", ")"):
                self._need("mark", ",")
        return tuple(found)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _is(self, kind: str, text: str) -> bool:
        return self._peek() == (kind, text)

    def _take(self, kind: str, text: str) -> bool:
        if not self._is(kind, text):
            return False
        self._at += 1
        return True

    def _take_minus(self) -> bool:
        """Take the minus off a word, which negates what begins with it."""
        kind, text = self._peek()
        if kind != "word" or not text.startswith("-"):
            return False
        self._tokens[self._at] = ("word", text[1:])
        return True

    def _need(self, kind: str, text: str) -> None:
        if not self._take(kind, text):
            message = f"{text} is missing"
            raise ValueError(message)
