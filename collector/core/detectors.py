"""Find values that look like secrets in a text, also behind encodings, in bounded work.

What a secret looks like is in token_shapes, what stands before one in named_values, what hides one in encodings.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.core.encodings import (
    Budget,
    BudgetSpentError,
    has_bytes,
    json_inside,
    rewritten,
    runs,
)
from collector.core.named_values import may_have_named, named_values
from collector.core.odd_shapes import AZURE_KEY, BY_MARK, BY_RUN, LONG, SECRET_KEY, SHAPES
from collector.core.secret_names import is_no_secret, is_secret_name, place_of
from collector.core.token_shapes import TOKEN_SHAPES, find_tokens, has_token_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class SecretSpan(NamedTuple):
    """A span of a text, `start` to `end`, that looks like a secret of a kind."""

    start: int
    end: int
    kind: str


NOT_LOOKED_AT = "not-looked-at"
"""The kind of a text in which more is nested than is looked at: it is taken as a whole."""

SHORTEST = 6
"""No detector matches in fewer characters than this."""

# A platform's own name for a thing, such as subnet-0123456789abcdef0: long, frequent, and never an encoded secret.
_IDENTIFIER = re.compile(
    r"[a-z]{1,12}(?:-[a-z]{1,8}){0,3}-[0-9a-f]{8}(?:[0-9a-f]{9})?|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)|(?:sha\d{1,3}[:-])?[0-9a-f]{64}"
)
_ENCODED_KINDS = "encoded url-encoded html-encoded json-encoded escaped quoted-printable invisible wide joined"
ENCODED = frozenset(_ENCODED_KINDS.split())
"""Kinds of spans that hide a secret behind an encoding."""
_OTHER_KINDS = "aws-secret-key azure-key assignment option authorization url-query url-user url-password element cell"
_KINDS = ENCODED | {
    *(kind for _, kind, _ in SHAPES),
    *(shape.kind for shape in TOKEN_SHAPES),
    *_OTHER_KINDS.split(),
    NOT_LOOKED_AT,
}
_MARK = re.compile(r"\[redacted ([a-z0-9-]{3,24})(?: \d{1,9})? [0-9a-f]{16}\]")


def _hidden(mark: re.Match[str]) -> str:
    """Return asterisks for a replacement that was made before, which is not replaced again."""
    return "*" * len(mark[0]) if mark[1] in _KINDS else mark[0]


def suspect(text: str) -> bool:
    """Return False if a text certainly holds no secret; a cheap filter before `find_secrets`."""
    return _cues(text) != 0


_NAMED, _RUN, _WHOLE = 1, 2, 4
_SIMPLE = re.compile(r"[A-Za-z0-9_.,:/ @()+*!?-]*")
"""A text without any character that encodes, quotes or assigns."""
_IDENTIFIERS = 15
"""The shortest identifier or token that is looked for."""


def _cues(text: str) -> int:
    """Return what a text has to be searched for: values by name, runs of token characters, encodings of the whole."""
    length = len(text)
    if length < SHORTEST or (length >= _IDENTIFIERS and _IDENTIFIER.fullmatch(text) is not None):
        return 0
    is_simple = _SIMPLE.fullmatch(text) is not None
    if is_simple and length < _IDENTIFIERS and " " not in text and ":" not in text:
        return 0
    cues = _NAMED if may_have_named(text, is_simple=is_simple) else 0
    if length >= _IDENTIFIERS and has_token_run(text):
        cues |= _RUN
    if is_simple:
        return cues | _WHOLE if length >= 32 and has_bytes(text) else cues  # noqa: PLR2004  ten bytes
    if "\n" in text:
        return cues | _WHOLE | _NAMED
    if not text.isascii() or "%" in text or "\\" in text or "\x00" in text or "&" in text:
        return cues | _WHOLE
    if "+'" in text or '+"' in text or '+ "' in text or "+ '" in text:
        cues |= _WHOLE
    if "{" in text or "[" in text or "=3D" in text or (length >= 32 and has_bytes(text)):  # noqa: PLR2004  ten bytes
        return cues | _WHOLE
    return cues


def find_secrets(text: str, check: Callable[[], object] | None = None) -> list[SecretSpan]:
    """Return the spans of a text that are secrets, in order and without overlap.

    A secret behind an encoding makes the whole encoded run one span. The work is bounded for the text as a whole: what
    was not looked at is one span of the kind `not-looked-at`. `check` is called as work goes on, and raises to end it.
    """
    if "[redacted " in text:
        text = _MARK.sub(_hidden, text)
    cues = _cues(text)
    if not cues:
        return []
    try:
        return _search(text, cues, Budget(check), 0)
    except BudgetSpentError:
        return [SecretSpan(0, len(text), NOT_LOOKED_AT)]


def _find(text: str, budget: Budget, layer: int) -> list[SecretSpan]:
    cues = _cues(text)
    return _search(text, cues, budget, layer) if cues else []


def _search(text: str, cues: int, budget: Budget, layer: int) -> list[SecretSpan]:
    budget.spend(len(text), layer)
    found = _merged(list(_plain(text, cues)))
    rest = _without(text, found)
    if cues & _WHOLE:
        for plain, kind in rewritten(rest):
            if _find(plain, budget, layer + 1):
                return [SecretSpan(0, len(text), kind)]
        is_escaped = "\\" in rest
        if is_escaped or '"--' in rest or '"Secret"' in rest or _MAY_HAVE_PLACES.search(rest) is not None:
            for value in json_inside(rest):
                if _value_holds(value, budget, layer + 1, is_escaped=is_escaped):
                    return [SecretSpan(0, len(text), "json-encoded")]
    if not cues & (_RUN | _WHOLE):
        return found
    for start, end, plain in runs(rest, budget):
        if found and found[-1].kind == "encoded" and start < found[-1].end:
            continue
        if _find(plain, budget, layer + 1):
            found.append(SecretSpan(start, end, "encoded"))
    return _merged(found)


def _plain(text: str, cues: int) -> Iterator[SecretSpan]:
    """Yield what is a secret in a text as it stands; spans may overlap."""
    if cues & _RUN:
        has_key_id = False
        for start, end, kind in find_tokens(text):
            yield SecretSpan(start, end, kind)
            has_key_id = has_key_id or kind == "aws-access-key-id"
        if has_key_id:
            yield from secret_keys_in(text)
        yield from _shaped(text, BY_RUN)
        if LONG.search(text) is not None:
            yield from (SecretSpan(*match.span(), "azure-key") for match in AZURE_KEY.finditer(text))
    if cues & _NAMED:
        yield from _shaped(text, BY_MARK)
        yield from (SecretSpan(*span) for span in named_values(text, text.lower()))


def _shaped(text: str, shapes: tuple[tuple[str, str, re.Pattern[str]], ...]) -> Iterator[SecretSpan]:
    for part, kind, pattern in shapes:
        if part in text:
            for match in pattern.finditer(text):
                yield SecretSpan(*match.span("v" if match.lastgroup == "v" else 0), kind)


def secret_keys_in(text: str) -> list[SecretSpan]:
    """Return the spans of a text that may be the secret of an access key of AWS, which stands beside them."""
    return [SecretSpan(*match.span(), "aws-secret-key") for match in SECRET_KEY.finditer(text)]


def _merged(found: list[SecretSpan]) -> list[SecretSpan]:
    """Return spans in order, those that overlap as one, of the kind of the longest."""
    found.sort(key=lambda span: (span.start, -span.end))
    merged: list[SecretSpan] = []
    for span in found:
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            longest = max(last, span, key=lambda one: one.end - one.start)
            merged[-1] = SecretSpan(last.start, max(last.end, span.end), longest.kind)
        else:
            merged.append(span)
    return merged


def _without(text: str, found: list[SecretSpan]) -> str:
    """Return the text with spaces in place of the secrets found, so that they do not hide encoded ones."""
    if not found:
        return text
    pieces, end = [], 0
    for secret in found:
        pieces += [text[end : secret.start], " " * (secret.end - secret.start)]
        end = secret.end
    return "".join([*pieces, text[end:]])


_MAY_HAVE_PLACES = re.compile(
    r'(?i)"[^"]*(?:env|variables|args|settings|headers|parameters|value|default|content)[^"]{0,12}"'
)


def _value_holds(value: Any, budget: Budget, layer: int, *, is_escaped: bool) -> bool:  # noqa: ANN401, PLR0911  JSON, and each kind of it has its own answer
    """Whether a document inside a text holds a secret: by a name, by its place, or where it is escaped by its look."""
    if isinstance(value, str):
        return is_escaped and bool(_find(value, budget, layer))
    if isinstance(value, list):
        for before, inner in pairwise(value):
            if isinstance(before, str) and before[:2] == "--" and is_secret_name(before) and _has_text(inner):
                return True
        return any(_value_holds(inner, budget, layer, is_escaped=is_escaped) for inner in value)
    if not isinstance(value, dict):
        return False
    if value.get("kind") == "Secret" and (value.get("data") or value.get("stringData")):
        return True
    for key, inner in value.items():
        if is_secret_name(key) and _has_text(inner):
            return True
        if place_of(key) and isinstance(inner, dict) and any(_has_text(text) for text in inner.values()):
            return True
        if is_escaped and _find(key, budget, layer):
            return True
    names = [inner for key, inner in value.items() if key.lower() in _PAIR_NAMES and isinstance(inner, str)]
    if any(map(is_secret_name, names)) and any(
        _has_text(value.get(key)) for key in value if key.lower() in _PAIR_VALUES
    ):
        return True
    return any(_value_holds(inner, budget, layer, is_escaped=is_escaped) for inner in value.values())


_PAIR_NAMES = frozenset({"name", "key", "parameterkey", "tagkey", "optionname", "variable", "header"})
_PAIR_VALUES = frozenset({"value", "parametervalue", "tagvalue", "default", "defaultvalue", "content"})


def _has_text(value: Any) -> bool:  # noqa: ANN401  JSON
    return isinstance(value, str) and value.strip() != "" and not is_no_secret(value.strip())
