"""A first look at a body: whether there is certainly nothing to redact in it. Most bodies are so, and stay as they are.

It goes over a body once, copies nothing, and looks at each text, known field or not. It only ever says yes where the
rules of `collector.core.redaction` would leave every value as it is; anything else is left to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.detectors import SHORTEST, find_secrets, suspect
from collector.core.secret_names import is_secret_name, place_of
from collector.core.secret_pairs import MARKS, NAME_KEYS, OF_SECRET, VALUE_KEYS, rule_of_pair

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_OF_DEPTH = 200
"""Levels of a body that are looked at; one with more has no canonical form."""

SHORTEST_KEY = 20
"""Names are shorter than tokens; only keys of at least this length are searched for secrets themselves."""

# Bounds of what is remembered of texts, pairs and sets of keys without secrets, which repeat as tags and regions do.
MOST_TEXTS = 4096
LONGEST_TEXT = 256
_MOST_SHAPES = 1024
_LARGEST_SHAPE = 64

_LONGEST_SEARCHED = 4096
"""Longer texts that may hold a secret are left to those who also replace it, so that none is searched twice."""

_APART = 8
"""Bodies whose texts are looked at one by one after one of which all texts together were suspect."""

_NEVER_REDACTED = frozenset({bool, int, type(None)})


class FirstLook:
    """Looks at bodies of one kind, and remembers texts and keys that are no secrets.

    `plain` holds the keys that the view of the kind reads; `check` is called while a text is searched that takes long.
    """

    def __init__(self, plain: frozenset[str], check: Callable[[], object] | None) -> None:
        self._plain = plain
        self._check = check
        self.texts: set[str] = set()
        self.shapes: dict[tuple[Any, ...], tuple[str, ...] | None] = {}
        self._pairs: set[tuple[str, str]] = set()
        self._apart = 0

    def finds_nothing(self, body: Any) -> bool:  # noqa: ANN401, C901, PLR0912  JSON or anything; one pass over it
        """Return True only where a body is plain JSON with whole numbers and no value in it is a secret.

        Paths that a kind declares are not looked up.
        """
        shapes, pairs = self.shapes, self._pairs
        texts: list[str] = []
        level = [body]
        for _ in range(LIMIT_OF_DEPTH):
            below: list[Any] = []
            for outer in level:
                kind = type(outer)
                if kind is dict:
                    keys = tuple(outer)
                    names = shapes[keys] if keys in shapes else self.names(keys)
                    if names is None:
                        if not self._says_nothing(outer):
                            return False
                    elif names:
                        said = outer[names[0]]
                        is_known = len(names) == 1 and type(said) is str and (names[0], said) in pairs
                        if not is_known and not self._is_no_pair(outer, names):
                            return False
                    inners = outer.values()
                elif kind is list:
                    inners = outer
                    if len(outer) > 1 and type(outer[0]) is str and _may_be_arguments(outer):
                        return False
                else:
                    return False
                for inner in inners:
                    kind = type(inner)
                    if kind is str:
                        texts.append(inner)
                    elif kind not in _NEVER_REDACTED:
                        below.append(inner)
            if not below:
                new = set(texts) - self.texts
                return not new or self._are_harmless(new)
            level = below
        return False

    def _says_nothing(self, value: dict[Any, Any]) -> bool:
        """Whether an object with keys that may mean a secret has none at them: nothing, a yes or no, a plain word."""
        if value.get("kind") == "Secret":
            return False
        for key, inner in value.items():
            if type(key) is not str or (len(key) >= SHORTEST_KEY and suspect(key)):
                return False
            if key in self._plain or inner is None or type(inner) is bool or (type(inner) is str and inner == ""):
                continue
            if is_secret_name(key):
                return False
            # At a place of variables a text is one only with its value: `env` is as often a tag.
            if place_of(key) and type(inner) is not int and (type(inner) is not str or "=" in inner):
                return False
        names = _of_pairs(tuple(value))
        return not names or rule_of_pair(value, names) is None

    def _is_no_pair(self, value: dict[str, Any], names: tuple[str, ...]) -> bool:
        """Whether nothing that an object says of the value in it makes that a secret."""
        if rule_of_pair(value, names) is not None:
            return False
        said = value[names[0]]
        if len(names) == 1 and type(said) is str and len(said) <= LONGEST_TEXT:
            if len(self._pairs) >= MOST_TEXTS:
                self._pairs.clear()
            self._pairs.add((names[0], said))
        return True

    def _are_harmless(self, texts: set[str]) -> bool:
        """Whether no secret is in any of some texts; those that are not long are remembered."""
        if self._apart == 0:
            # What makes one of them suspect makes all of them together suspect: a character, a part or a run it has.
            if not suspect(",".join(texts)):
                self._remember(texts)
                return True
            self._apart = _APART
        self._apart -= 1
        for text in texts:
            is_suspect = len(text) >= SHORTEST and suspect(text)
            if is_suspect and (len(text) > _LONGEST_SEARCHED or find_secrets(text, self._check)):
                return False
        self._remember(texts)
        return True

    def _remember(self, texts: set[str]) -> None:
        short = {text for text in texts if len(text) <= LONGEST_TEXT}
        if len(self.texts) + len(short) > MOST_TEXTS:
            self.texts.clear()
        if len(short) <= MOST_TEXTS:
            self.texts |= short

    def remember(self, text: str) -> None:
        """Remember a text in which no secret was found, unless it is long."""
        if len(text) <= LONGEST_TEXT:
            if len(self.texts) >= MOST_TEXTS:
                self.texts.clear()
            self.texts.add(text)

    def names(self, keys: tuple[Any, ...]) -> tuple[str, ...] | None:
        """Return the keys of an object that may name its value or say that it is a secret, the former first.

        None where a key itself may be or mean a secret, or is a place of values of a company's own.
        """
        if keys in self.shapes:
            return self.shapes[keys]
        if len(keys) > _LARGEST_SHAPE:
            return None
        names: tuple[str, ...] | None = None
        if all(map(self._is_plain_key, keys)) and ("kind" not in keys or OF_SECRET.isdisjoint(keys)):
            names = _of_pairs(keys)
        if len(self.shapes) >= _MOST_SHAPES:
            self.shapes.clear()
        self.shapes[keys] = names
        return names

    def _is_plain_key(self, key: Any) -> bool:  # noqa: ANN401  anything can be a key in Python
        return (
            type(key) is str
            and (key in self._plain or not (is_secret_name(key) or place_of(key)))
            and (len(key) < SHORTEST_KEY or not suspect(key))
        )


def _of_pairs(keys: tuple[Any, ...]) -> tuple[str, ...]:
    """Return the keys of an object that may name a value in it or say that it is a secret."""
    if VALUE_KEYS.isdisjoint(keys):
        return ()
    return tuple(key for key in keys if key in NAME_KEYS or key in MARKS)


def _may_be_arguments(value: list[Any]) -> bool:
    """Whether a list may be a pair of name and value, or arguments of a program with an option."""
    if len(value) == 2 and is_secret_name(value[0]):  # noqa: PLR2004  a pair
        return True
    return any(type(inner) is str and inner[:1] == "-" for inner in value)
