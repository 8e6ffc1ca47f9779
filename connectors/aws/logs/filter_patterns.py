"""Patterns of metric filters of CloudWatch Logs: whether one takes an event of which only some fields are known.

Patterns for JSON and plain terms are read. Patterns of columns, what is not understood, and fields that are not known
leave it open. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from connectors.aws._policy import truth
from connectors.aws._policy.truth import Truth

Known = Mapping[str, "str | None"]
"""What is known of an event: values by dotted path; None for a field that is not there. Others are not known."""

ANY_ADDRESS = "<address>"
"""A value that is some address, of a machine and not of a service of AWS."""

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<field>\$(?:\.[A-Za-z0-9_-]+)+)(?=[\s=!<>)}]|$)
    | (?P<join>&&|\|\|)
    | (?P<operator><=|>=|!=|=|<|>)
    | (?P<mark>[(){}])
    | (?P<quoted>"(?:[^"\\]|\\.)*")
    | (?P<regex>%[^%]*%)
    | (?P<word>[^\s()=!<>&|"{}%$,\[\]]+)
    )""",
    re.VERBOSE,
)
_TERM = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\w+))(?=\s|$)')
_REGEX = re.compile(r"[A-Za-z0-9_#=@/;,:\-^$?\[\]{}|\\*+. ]*", re.ASCII)
_SERVICE = ".amazonaws.com"
_MOST_QUANTIFIERS = 4  # more of them can make Python's expressions run for long
_DEEPEST = 50

_Condition = Callable[[Known], Truth]


def takes(pattern: str, known: Known) -> Truth:
    """Return whether a filter takes an event."""
    text = pattern.strip()
    if not text:
        return Truth.YES
    if text.startswith("{"):
        condition = _parsed(text)
        return Truth.MAYBE if condition is None else condition(known)
    return _has_terms(text, known)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> _Condition | None:
    try:
        return _Reader(list(_tokens(text))).whole()
    except ValueError:
        return None


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ValueError(f"unknown at {at}")
        yield token.lastgroup or "", token[token.lastgroup or 0]
        at = token.end()


class _Reader:
    """Reads tokens; && binds closer than ||."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> _Condition:
        self._need("{")
        found = self._some()
        self._need("}")
        if self._at != len(self._tokens):
            raise ValueError("more after the end")
        return found

    def _some(self) -> _Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("too deep")
        parts = [self._every()]
        while self._take("||"):
            parts.append(self._every())
        self._depth -= 1
        return lambda known: truth.some([part(known) for part in parts])

    def _every(self) -> _Condition:
        parts = [self._one()]
        while self._take("&&"):
            parts.append(self._one())
        return lambda known: truth.every([part(known) for part in parts])

    def _one(self) -> _Condition:
        if self._take("("):
            found = self._some()
            self._need(")")
            return found
        kind, field = self._next()
        if kind != "field":
            raise ValueError("no field")
        path = field.removeprefix("$.")
        kind, word = self._next()
        if kind == "operator":
            return self._comparison(path, word)
        match word.upper():
            case "EXISTS":
                return lambda known: _exists(path, known)
            case "NOT" if self._next()[1].upper() == "EXISTS":
                return lambda known: _exists(path, known).negated
            case "IS" if self._next()[1].upper() in {"NULL", "TRUE", "FALSE"}:
                # What is known of events are texts, which are none of the three.
                return lambda known: Truth.MAYBE if known.get(path) is None else Truth.NO
        raise ValueError("no operator")

    def _comparison(self, path: str, operator: str) -> _Condition:
        kind, wanted = self._next()
        if kind not in {"quoted", "regex", "word"}:
            raise ValueError("no value")
        if operator not in {"=", "!="}:
            return lambda _known: Truth.MAYBE  # numbers, none of which is known
        fits = _matcher(kind, wanted)

        def compared(known: Known) -> Truth:
            value = known.get(path)
            if value is None:
                # What is not there equals nothing; whether it counts as different is not documented.
                return Truth.NO if operator == "=" and _exists(path, known) is Truth.NO else Truth.MAYBE
            is_service = wanted.strip('"').endswith(_SERVICE) and "*" not in wanted
            found = fits(value) if value != ANY_ADDRESS else Truth.NO if is_service else Truth.MAYBE
            return found if operator == "=" else found.negated

        return compared

    def _next(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise ValueError("ends too soon")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, text: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] in {("join", text), ("mark", text)}:
            self._at += 1
            return True
        return False

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise ValueError(f"{text} is missing")


def _exists(path: str, known: Known) -> Truth:
    parts = path.split(".")
    if any(known.get(".".join(parts[:depth]), "") is None for depth in range(1, len(parts) + 1)):
        return Truth.NO
    inside = any(name == path or name.startswith(f"{path}.") for name, value in known.items() if value is not None)
    return Truth.YES if inside else Truth.MAYBE


def _matcher(kind: str, wanted: str) -> Callable[[str], Truth]:
    """Return what compares a value: a text with stars, or an expression between percent signs."""
    if kind == "regex":
        expression = wanted[1:-1]
        if not _REGEX.fullmatch(expression) or len(re.findall(r"[*+{?]", expression)) > _MOST_QUANTIFIERS:
            return lambda _value: Truth.MAYBE
        try:
            compiled = re.compile(expression)
        except re.error:
            return lambda _value: Truth.MAYBE
        return lambda value: truth.of(compiled.search(value) is not None)
    text = wanted[1:-1] if kind == "quoted" else wanted
    if "\\" in text:
        return lambda _value: Truth.MAYBE
    pieces = re.compile(".*?".join(map(re.escape, re.split(r"\*+", text))), re.DOTALL)
    return lambda value: truth.of(pieces.fullmatch(value) is not None)


def _has_terms(text: str, known: Known) -> Truth:
    """Return whether a text has terms: all, or one of those with a question mark, and none with a minus."""
    found: dict[str, list[Truth]] = {"": [], "?": [], "-": []}
    values = [value for value in known.values() if value is not None]
    at = 0
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None:
            return Truth.MAYBE
        wanted = term[2] if term[2] is not None else term[3]
        # A term may be in a field that is not known, and of a part of a word it is not said whether it counts.
        is_there = Truth.YES if wanted in values else Truth.MAYBE
        found[term[1]].append(is_there.negated if term[1] == "-" else is_there)
        at = term.end()
    if found["?"] and (found[""] or found["-"]):
        return Truth.MAYBE
    return truth.every([*found[""], *found["-"], *([truth.some(found["?"])] if found["?"] else [])])
