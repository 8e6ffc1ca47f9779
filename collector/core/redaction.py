"""Redaction: replace secrets in a body before it is hashed and before it reaches a disk.

Three layers, in this order: rules that a resource type declares for its own paths; keys whose name means a secret;
values that look like a secret, also behind base64, gzip, URL encoding or JSON in a string. A replaced value becomes a
keyed fingerprint, so that a rotated secret is seen to change and a guess cannot be tested without the key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from functools import lru_cache
from typing import Any, Literal

from msgspec import Struct

from collector.core.canonical import NotCanonicalError, digest_of, encode, scalar
from collector.core.detectors import SHORTEST, find_secrets, suspect
from collector.core.secrets import revealed

RULES_VERSION = "2"
"""Incremented when names, detectors or the form of a replacement change."""

Keep = Literal["nothing", "last4", "domain"]


class Redact(Struct, frozen=True):
    """A path in a body whose text is secret or personal.

    `path` is dotted; lists are passed through, and `*` matches any key. `keep` is the part that stays readable.
    """

    path: str
    keep: Keep = "nothing"


# Keys whose text value is a secret in any place. A name that continues with Id, Arn, Name, Status or Date is not one.
_SECRET_NAME = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase)|pwd|secret(?:[_-]?(?:key|value|string|access[_-]?key))?|(?:api|private|access|signing|encryption|shared)[_-]?key"
    r"|(?:access|auth|bearer|refresh|session|security|id|api)?[_-]?token|credentials?|connection[_-]?string|conn[_-]?str|sas[_-]?(?:token|url)"
    r"|seed|webhook[_-]?url|authorization|(?-i:[A-Z0-9_]+_(?:KEY|PASS|PAT|PW)))$"
)
_NAME_KEYS = ("Key", "Name", "key", "name", "ParameterKey", "OutputKey", "OptionName")
_VALUE_KEYS = ("Value", "value", "ParameterValue", "OutputValue", "ResolvedValue")

_SHORTEST_KEY = 20
"""Names are shorter than tokens; only keys of at least this length are searched for secrets themselves."""

_NAMES = frozenset(_NAME_KEYS)
_VALUES = frozenset(_VALUE_KEYS)

# Bounds of a redactor's cache of texts and sets of keys without secrets, which repeat as tags and regions do.
_MOST_TEXTS = 4096
_LONGEST_TEXT = 256
_MOST_SHAPES = 1024
_LARGEST_SHAPE = 64

_LIMIT_OF_DEPTH = 200


@lru_cache(maxsize=8192)
def is_secret_name(name: str) -> bool:
    """Whether the text at a key of this name is a secret in any place."""
    return _SECRET_NAME.search(name) is not None


class _Node:
    """One step of the declared paths, as a node of their prefix tree."""

    __slots__ = ("children", "rule")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.rule: Redact | None = None

    def step(self, key: str) -> _Node | None:
        return self.children.get(key) or self.children.get("*")


def _tree(rules: tuple[Redact, ...]) -> _Node:
    root = _Node()
    for rule in rules:
        node = root
        for key in rule.path.split("."):
            node = node.children.setdefault(key, _Node())
        node.rule = rule
    _merge_wildcards(root)
    return root


def _merge_wildcards(node: _Node) -> None:
    """Copy the rules below `*` to each sibling key, so that one step finds all rules."""
    any_key = node.children.get("*")
    for key, child in node.children.items():
        if any_key is not None and key != "*":
            _merge(child, any_key)
        _merge_wildcards(child)


def _merge(onto: _Node, branch: _Node) -> None:
    onto.rule = onto.rule or branch.rule
    for key, child in branch.children.items():
        _merge(onto.children.setdefault(key, _Node()), child)


class Redactor:
    """The redaction rules of one resource kind with the key of one store.

    `plain` holds the keys that the view of the kind reads: they are not taken for secrets by name, only by value.
    `replaced` counts replacements by rule; an instance must not be shared between threads.
    """

    def __init__(self, key: bytes, rules: tuple[Redact, ...] = (), plain: frozenset[str] = frozenset()) -> None:
        self._key = key
        self._root = _tree(rules) if rules else None
        self._plain = plain
        self._harmless: set[str] = set()
        self._shapes: dict[tuple[Any, ...], tuple[str, ...] | None] = {}
        self.replaced: Counter[str] = Counter()

    def apply(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body in plain JSON types with every secret replaced. Raises NotCanonicalError."""
        clean: dict[str, Any] = self._walk(body, self._root, None, 0)
        return clean

    def text(self, value: str) -> str:
        """Return a text outside a body, such as a call's parameter or an error's message, without secrets.

        Characters that UTF-8 cannot encode become question marks, so that such a message can be recorded.
        """
        clean = value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
        for secret in revealed():
            clean = clean.replace(secret, "[redacted: a secret of the configuration]")
        return self._scan(clean) if suspect(clean) else clean

    def _walk(self, value: Any, node: _Node | None, rule: Redact | None, depth: int) -> Any:  # noqa: ANN401  JSON
        kind = type(value)
        if kind is str:
            if rule is not None:
                return self._replace(value, rule)
            return value if value in self._harmless else self._clean_text(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            return value if rule is None else self._replace(str(value), rule)
        if depth > _LIMIT_OF_DEPTH:
            message = f"nested deeper than {_LIMIT_OF_DEPTH} levels"
            raise NotCanonicalError(message)
        if isinstance(value, dict):
            names = self._names(tuple(value)) if node is None and rule is None else None
            return self._object(value, node, rule, depth) if names is None else self._plain_object(value, names, depth)
        if isinstance(value, list | tuple):
            return [self._walk(inner, node, rule, depth + 1) for inner in value]
        single = scalar(value)
        if type(single) is float:
            return single if rule is None else self._replace(repr(single), rule)
        return self._walk(single, node, rule, depth + 1)

    def _names(self, keys: tuple[Any, ...]) -> tuple[str, ...] | None:
        """Return the keys of an object that may name its value; None where a key itself may be or mean a secret."""
        if len(keys) > _LARGEST_SHAPE:
            return None
        if keys in self._shapes:
            return self._shapes[keys]
        names: tuple[str, ...] | None = None
        if all(map(self._is_plain_key, keys)):
            names = () if _VALUES.isdisjoint(keys) else tuple(key for key in keys if key in _NAMES)
        if len(self._shapes) >= _MOST_SHAPES:
            self._shapes.clear()
        self._shapes[keys] = names
        return names

    def _is_plain_key(self, key: Any) -> bool:  # noqa: ANN401  anything can be a key in Python
        return (
            type(key) is str
            and (key in self._plain or not is_secret_name(key))
            and (len(key) < _SHORTEST_KEY or not suspect(key))
        )

    def _plain_object(self, value: dict[str, Any], names: tuple[str, ...], depth: int) -> dict[str, Any]:
        """Do what `_object` does, faster, for an object without declared rules and without keys that mean a secret."""
        clean = dict(value)
        harmless = self._harmless
        for key, inner in value.items():
            kind = type(inner)
            if kind is str:
                if inner not in harmless:
                    clean[key] = self._clean_text(inner)
            elif inner is not None and kind is not bool and kind is not int:
                clean[key] = self._walk(inner, None, None, depth + 1)
        for name in names:
            if type(value[name]) is str and is_secret_name(value[name]):
                self._redact_pair(value, clean)
                break
        return clean

    def _object(self, value: dict[Any, Any], node: _Node | None, rule: Redact | None, depth: int) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        for key, inner in value.items():
            if type(key) is not str:
                message = f"the key {key!r} is not text"
                raise NotCanonicalError(message)
            below = node.step(key) if node is not None else None
            inner_rule = rule or (below.rule if below is not None else None) or self._rule_by_name(key, inner)
            if len(key) >= _SHORTEST_KEY and suspect(key):
                key = self._scan(key)  # noqa: PLW2901  a secret may stand where a name should
            clean[key] = self._walk(inner, below, inner_rule, depth + 1)
        if rule is None and not _VALUES.isdisjoint(value):
            self._redact_pair(value, clean)
        return clean

    def _rule_by_name(self, key: str, inner: Any) -> Redact | None:  # noqa: ANN401  JSON
        # A boolean says whether there is a secret, and null that there is none: both are evidence.
        if inner is None or type(inner) is bool or inner == "" or key in self._plain or not is_secret_name(key):
            return None
        return Redact(f"name:{key[:40]}")

    def _redact_pair(self, value: dict[str, Any], clean: dict[str, Any]) -> None:
        """Replace the value of a name-and-value pair, as in tags, parameters and environment lists."""
        for name_key in _NAME_KEYS:
            name = value.get(name_key)
            if type(name) is str and is_secret_name(name):
                for value_key in _VALUE_KEYS:
                    if value_key in value:
                        clean[value_key] = self._walk(value[value_key], None, Redact(f"name:{name[:40]}"), 0)

    def _replace(self, value: str, rule: Redact) -> str:
        if value == "":
            return value
        self.replaced[rule.path] += 1
        mark = f"[redacted {rule.path} {self.fingerprint(value)}]"
        match rule.keep:
            case "last4" if len(value) > 12:  # noqa: PLR2004  a short text would be given away by four of its letters
                return mark + value[-4:]
            case "domain" if "@" in value:
                return mark + "@" + value.rsplit("@", 1)[1]
            case _:
                return mark

    def _clean_text(self, value: str) -> str:
        """Return a text without the secrets that detectors find in it; cache a text in which they find none."""
        if len(value) < SHORTEST:
            return value
        if suspect(value) and (clean := self._scan(value)) is not value:
            return clean
        if len(value) <= _LONGEST_TEXT:
            if len(self._harmless) >= _MOST_TEXTS:
                self._harmless.clear()
            self._harmless.add(value)
        return value

    def _scan(self, value: str) -> str:
        found = find_secrets(value)
        if not found:
            return value
        clean: list[str] = []
        end = 0
        for secret in found:
            self.replaced[f"value:{secret.kind}"] += 1
            clean += [value[end : secret.start], f"[redacted {secret.kind} "]
            clean += [self.fingerprint(value[secret.start : secret.end]), "]"]
            end = secret.end
        return "".join([*clean, value[end:]])

    def fingerprint(self, value: str) -> str:
        """Return the keyed fingerprint of a text: 16 hexadecimal digits of HMAC-SHA-256 under the store's key."""
        return hmac.new(
            self._key, b"annexd redaction\0" + value.encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()[:16]


def ruleset_digest(rules: tuple[Redact, ...]) -> str:
    """Return the identifier of a kind's rules: RULES_VERSION, a slash, and 16 digits of the digest of its own rules."""
    return f"{RULES_VERSION}/{digest_of(encode([[rule.path, rule.keep] for rule in rules]))[7:23]}"
