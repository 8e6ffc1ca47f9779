"""The expressions of GitHub Actions: `${{ github.event.issue.title }}` as a tree.

Names of contexts, properties and functions have no case, and `github['event']` is `github.event`.
https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

ANY = "*"
"""A step of a path that stands for every item: `commits.*.message`, `commits[0].message`."""

COMPUTED = "?"
"""A step of a path that is computed: `github.event[inputs.field]`."""


@dataclass(frozen=True)
class Literal:
    """A text, number, boolean or null."""

    value: str | float | bool | None


@dataclass(frozen=True)
class Context:
    """A value of a context, by its path in lower case; steps may be ANY or COMPUTED."""

    path: tuple[str, ...]

    def __str__(self) -> str:
        """The path as it is usually written."""
        return ".".join(self.path)


@dataclass(frozen=True)
class Call:
    """A function, its name in lower case, and its arguments."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Within:
    """Something inside of a value that is not a context, as `fromJSON(x).y`."""

    of: Expression


@dataclass(frozen=True)
class Operation:
    """An operator: `!` with one operand, comparisons, `&&` and `||` with two."""

    operator: str
    operands: tuple[Expression, ...]


Expression = Literal | Context | Call | Within | Operation

Template = tuple[str | Expression, ...]
"""A text with expressions in it: the pieces in order."""


class NotAnExpressionError(Exception):
    """The text between `${{` and `}}` is not an expression as GitHub documents them."""


_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+))(?![\w])"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<mark>&&|\|\||==|!=|<=|>=|[<>!().,*\[\]]))"
)
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_MAX_NESTING = 50


@lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """Return the pieces of a text: plain text, and the expressions in `${{ }}`. Raises NotAnExpressionError."""
    pieces: list[str | Expression] = []
    place = 0
    while (start := text.find("${{", place)) >= 0:
        if start > place:
            pieces.append(text[place:start])
        end = _end_of(text, start + 3)
        pieces.append(parse(text[start + 3 : end]))
        place = end + 2
    if place < len(text):
        pieces.append(text[place:])
    return tuple(pieces)


def _end_of(text: str, place: int) -> int:
    """Return where the `}}` is that ends an expression; one inside of a text does not."""
    quoted = False
    while place < len(text):
        if text[place] == "'":
            quoted = not quoted
        elif not quoted and text.startswith("}}", place):
            return place
        place += 1
    raise NotAnExpressionError("an expression does not end")


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Return the tree of one expression, without its `${{` and `}}`. Raises NotAnExpressionError."""
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place, end)
        if match is None:
            raise NotAnExpressionError(f"{text.strip()[:80]} is not an expression")
        kind = match.lastgroup or ""
        found.append((kind, match.group(kind)))
        place = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._place = 0
        self._nesting = 0

    def whole(self) -> Expression:
        made = self._level(0)
        if self._place != len(self._tokens):
            raise NotAnExpressionError(f"{self._peek()} is not expected in an expression")
        return made

    def _peek(self) -> str:
        return self._tokens[self._place][1] if self._place < len(self._tokens) else ""

    def _take(self, mark: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place] == ("mark", mark):
            self._place += 1
            return True
        return False

    def _require(self, mark: str) -> None:
        if not self._take(mark):
            raise NotAnExpressionError(f"{mark} is missing in an expression")

    def _level(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        made = self._level(level + 1)
        while (mark := next((one for one in _LEVELS[level] if self._take(one)), None)) is not None:
            made = Operation(mark, (made, self._level(level + 1)))
        return made

    def _unary(self) -> Expression:
        self._nesting += 1
        if self._nesting > _MAX_NESTING:
            raise NotAnExpressionError("an expression is nested too deeply")
        made = Operation("!", (self._unary(),)) if self._take("!") else self._steps(self._primary())
        self._nesting -= 1
        return made

    def _primary(self) -> Expression:
        if self._take("("):
            made = self._level(0)
            self._require(")")
            return made
        if self._place >= len(self._tokens):
            raise NotAnExpressionError("an expression is not complete")
        kind, text = self._tokens[self._place]
        self._place += 1
        match kind:
            case "text":
                return Literal(text[1:-1].replace("''", "'"))
            case "number":
                return Literal(float(int(text, 16)) if "0x" in text else float(text))
            case "name" if text.lower() in _WORDS and self._peek() not in (".", "[", "("):
                return Literal(_WORDS[text.lower()])
            case "name" if self._take("("):
                return Call(text.lower(), self._arguments())
            case "name":
                return Context((text.lower(),))
            case _:
                raise NotAnExpressionError(f"{text} is not expected in an expression")

    def _arguments(self) -> tuple[Expression, ...]:
        if self._take(")"):
            return ()
        found = [self._level(0)]
        while self._take(","):
            found.append(self._level(0))
        self._require(")")
        return tuple(found)

    def _steps(self, made: Expression) -> Expression:
        while True:
            if self._take("."):
                step = ANY if self._take("*") else self._name()
            elif self._take("["):
                step = ANY if self._take("*") else _index(self._level(0))
                self._require("]")
            else:
                return made
            made = Context((*made.path, step)) if isinstance(made, Context) else Within(made)

    def _name(self) -> str:
        if self._place < len(self._tokens) and self._tokens[self._place][0] == "name":
            self._place += 1
            return self._tokens[self._place - 1][1].lower()
        raise NotAnExpressionError("a name is missing in an expression")


def _index(step: Expression) -> str:
    match step:
        case Literal(value=str() as name):
            return name.lower()
        case Literal():
            return ANY
        case _:
            return COMPUTED
