"""Redaction: replace secrets in a body before it is hashed and before it reaches a disk.

Four layers, in this order: rules that a resource type declares for its own paths; names that mean a secret, as a key,
in a pair of name and value, or as an option; places that hold values of a company's own, such as environments, headers
and templates, whatever these look like; values that look like a secret, also behind encodings. A replaced value becomes
a keyed fingerprint, so that a rotated secret is seen to change and a guess cannot be tested without the key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from collector.core.canonical import NotCanonicalError, digest_of, encode, scalar
from collector.core.detectors import SHORTEST, SecretSpan, find_secrets, secret_keys_in, suspect
from collector.core.first_look import LIMIT_OF_DEPTH, SHORTEST_KEY, FirstLook
from collector.core.redact_paths import Node, Redact, tree
from collector.core.secret_names import is_no_secret, is_secret_name, place_of, tells_about
from collector.core.secret_pairs import (
    CONSTANT,
    MARKS,
    NAME_KEYS,
    OF_SECRET,
    OPTIONS_OF_TWO,
    VALUE_KEYS,
    holds_value,
    is_list_of_things,
    is_map,
    is_plain_argument,
    rule_of_pair,
)
from collector.core.secrets import revealed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["MARK", "PAIR_KEYS", "RULES_VERSION", "Redact", "Redactor", "ruleset_digest"]

MARK = b"[redacted "
"""How each replacement begins, in canonical bytes."""

PAIR_KEYS = NAME_KEYS | VALUE_KEYS | MARKS | OF_SECRET | {"kind"}
"""Keys of an object that say something of a value beside them, or are one of which something is said."""

RULES_VERSION = "3"
"""Incremented when names, detectors or the form of a replacement change."""

_SHORT_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3})?")
"""A number that is no secret at a place of values of a company's own: seconds, counts."""


@lru_cache(maxsize=1)
def _forms(secrets: frozenset[str]) -> tuple[str, ...]:
    """Return secrets as they are written in texts, addresses and JSON; those of the longest secret come first."""
    return tuple(
        form
        for secret in sorted(secrets, key=len, reverse=True)
        for form in {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    )


class Redactor:
    """The redaction rules of one resource kind with the key of one store.

    `plain` holds the keys that the view of the kind reads: they are not taken for secrets by name, only by value.
    `check` is called while a text is looked at that takes long, and raises to end it. `replaced` counts replacements by
    rule; an instance must not be shared between threads.
    """

    def __init__(
        self,
        key: bytes,
        rules: tuple[Redact, ...] = (),
        plain: frozenset[str] = frozenset(),
        check: Callable[[], object] | None = None,
    ) -> None:
        self._key = key
        self._root = tree(rules) if rules else None
        self._plain = plain
        self._check = check
        self._look = FirstLook(plain, check)
        self._harmless = self._look.texts
        self.replaced: Counter[str] = Counter()

    def apply(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body in plain JSON types with every secret replaced. Raises NotCanonicalError.

        It may share lists and objects with the body, which nobody changes.
        """
        if self._root is None and self._look.finds_nothing(body):
            return body.copy()
        before = self.replaced[_KEY_ID]
        clean: dict[str, Any] = self._walk(body, self._root, None, 0)
        if self.replaced[_KEY_ID] != before:
            clean = self._beside_key_id(clean)
        elif not before:
            del self.replaced[_KEY_ID]
        return clean

    def text(self, value: str) -> str:
        """Return a text outside a body, such as a call's parameter or an error's message, without secrets.

        Characters that UTF-8 cannot encode become question marks, so that such a message can be recorded.
        """
        clean = value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
        for form in _forms(revealed()):
            clean = clean.replace(form, "[redacted: a secret of the configuration]")
        return self._scan(clean)

    def _walk(self, value: Any, node: Node | None, rule: Redact | None, depth: int) -> Any:  # noqa: ANN401, PLR0911  JSON, and each of its types has its own answer
        kind = type(value)
        if kind is str:
            if rule is not None and not (_by_name(rule) and is_no_secret(value)):
                return self._replace(value, rule)
            return value if value in self._harmless else self._clean_text(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            return value if rule is None else self._replace(str(value), rule)
        if depth > LIMIT_OF_DEPTH:
            message = f"nested deeper than {LIMIT_OF_DEPTH} levels"
            raise NotCanonicalError(message)
        if isinstance(value, dict):
            names = self._look.names(tuple(value)) if node is None and rule is None else None
            return self._object(value, node, rule, depth) if names is None else self._plain_object(value, names, depth)
        if isinstance(value, list | tuple):
            if rule is None and value and type(value[0]) is str and len(value) > 1:
                return self._arguments(value, node, depth)
            return [self._walk(inner, node, rule, depth + 1) for inner in value]
        single = scalar(value)
        if type(single) is float:
            return single if rule is None else self._replace(repr(single), rule)
        return self._walk(single, node, rule, depth + 1)

    def _arguments(self, value: Sequence[Any], node: Node | None, depth: int) -> list[Any]:
        """Return a list of texts, in which the value of an option may follow its name."""
        clean: list[Any] = []
        before: Any = ""
        if len(value) == 2 and is_secret_name(value[0]) and type(value[1]) is str and not CONSTANT.fullmatch(value[1]):  # noqa: PLR2004  a pair
            return [value[0], self._replace(value[1], Redact(f"name:{value[0][:40]}"))]
        for inner in value:
            rule = None
            if type(before) is str and before[:1] == "-" and type(inner) is str and inner[:1] != "-":
                name = before.lstrip("-")
                if is_secret_name(name) or before in {"-p", "-w"}:
                    rule = Redact(f"option:{name[:40]}") if not is_plain_argument(inner) else None
                elif before in OPTIONS_OF_TWO and ":" in inner:
                    first, _, second = inner.partition(":")
                    if before in {"-u", "--user"} or is_secret_name(first.strip()):
                        option = Redact(f"option:{name[:40]}")
                        clean.append(f"{self._clean_text(first)}:{self._walk(second, None, option, depth + 1)}")
                        before = inner
                        continue
            clean.append(self._walk(inner, node, rule, depth + 1))
            before = inner
        return clean

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
        if names and (path := rule_of_pair(value, names)) is not None:
            self._redact_pair(value, clean, Redact(path))
        return clean

    def _object(self, value: dict[Any, Any], node: Node | None, rule: Redact | None, depth: int) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        for key, inner in value.items():
            if type(key) is not str:
                message = f"the key {key!r} is not text"
                raise NotCanonicalError(message)
            below = node.step(key) if node is not None else None
            # What is declared is taken with all that is in it; what only a name says, without what tells about it.
            inner_rule = rule if rule is None or not _by_name(rule) or not tells_about(key) else None
            inner_rule = inner_rule or (below.rule if below is not None else None) or self._rule_by_name(key, inner)
            name = self._scan(key) if len(key) >= SHORTEST_KEY and suspect(key) else key
            place = self._place_of(value, key, inner) if inner_rule is None else ""
            if place:
                clean[name] = self._place(inner, below, Redact(f"place:{key[:40]}"), place, depth + 1)
            else:
                clean[name] = self._walk(inner, below, inner_rule, depth + 1)
        if rule is None and not VALUE_KEYS.isdisjoint(value):
            names = tuple(key for key in value if key in NAME_KEYS or key in MARKS)
            if names and (path := rule_of_pair(value, names)) is not None:
                self._redact_pair(value, clean, Redact(path))
        return clean

    def _place_of(self, value: dict[Any, Any], key: str, inner: Any) -> str:  # noqa: ANN401  JSON
        if value.get("kind") == "Secret" and key in OF_SECRET:
            return "variables"
        if key in self._plain:
            return ""
        # Things that are called secrets or cookies, each with its name: what it is called stays, and its value goes.
        return "variables" if is_secret_name(key) and is_list_of_things(inner) else place_of(key)

    def _rule_by_name(self, key: str, inner: Any) -> Redact | None:  # noqa: ANN401  JSON
        # A boolean says whether there is a secret, and null that there is none: both are evidence.
        if inner is None or type(inner) is bool or inner == "" or key in self._plain or not is_secret_name(key):
            return None
        if type(inner) is str and is_no_secret(inner):
            return None
        return None if is_list_of_things(inner) else Redact(f"name:{key[:40]}")

    def _place(self, value: Any, node: Node | None, rule: Redact, place: str, depth: int) -> Any:  # noqa: ANN401  JSON
        """Return what stands at a place of values of a company's own: each name stays, and each value is replaced."""
        if isinstance(value, dict):
            if node is not None or not is_map(value, rule.path.removeprefix("place:")):
                return self._walk(value, node, None, depth)
            clean: dict[str, Any] = {}
            for key, inner in value.items():
                if type(key) is str and (
                    type(inner) in {str, int, float} or (place_of(key) == "" and holds_value(inner))
                ):
                    clean[self._scan(key) if suspect(key) else key] = self._value_at(inner, rule, depth)
                else:
                    clean |= self._walk({key: inner}, None, None, depth)
            return clean
        if isinstance(value, list | tuple):
            return [self._of_list(inner, node, rule, place, depth) for inner in value]
        if type(value) is str and "=" in value and place == "variables":
            return self._value_at(value, rule, depth)
        return self._walk(value, node, None, depth)

    def _of_list(self, value: Any, node: Node | None, rule: Redact, place: str, depth: int) -> Any:  # noqa: ANN401  JSON
        separator = "=" if place == "variables" else ":"
        if type(value) is str and separator in value[1:]:
            name, _, inner = value.partition(separator)
            return f"{self._clean_text(name)}{separator}{self._value_at(inner, rule, depth)}"
        clean = self._walk(value, node, None, depth)
        if isinstance(value, dict) and not VALUE_KEYS.isdisjoint(value):
            self._redact_pair(value, clean, rule)
        return clean

    def _value_at(self, value: Any, rule: Redact, depth: int) -> Any:  # noqa: ANN401  JSON
        if type(value) in {str, int, float} and _SHORT_NUMBER.fullmatch(str(value)) is not None:
            return value
        return self._walk(value, None, rule, depth)

    def _redact_pair(self, value: dict[str, Any], clean: dict[str, Any], rule: Redact) -> None:
        """Replace the value of a name-and-value pair, as in tags, parameters and environment lists."""
        for key, inner in value.items():
            if key in VALUE_KEYS and not (type(inner) is str and is_no_secret(inner)):
                clean[key] = self._walk(inner, None, rule, 0)

    def _replace(self, value: str, rule: Redact) -> str:
        if value == "":
            return value
        self.replaced[rule.path] += 1
        mark = f"[redacted {rule.path} {len(value)} {self.fingerprint(value)}]"
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
        found = find_secrets(value, self._check)
        if found:
            return self._without(value, found)
        self._look.remember(value)
        return value

    def _scan(self, value: str) -> str:
        return self._without(value, find_secrets(value, self._check))

    def _without(self, value: str, found: list[SecretSpan]) -> str:
        if not found:
            return value
        clean: list[str] = []
        end = 0
        for secret in found:
            self.replaced[f"value:{secret.kind}"] += 1
            taken = value[secret.start : secret.end]
            clean += [value[end : secret.start], f"[redacted {secret.kind} {len(taken)} {self.fingerprint(taken)}]"]
            end = secret.end
        return "".join([*clean, value[end:]])

    def _beside_key_id(self, value: Any) -> Any:  # noqa: ANN401  JSON
        """Return a body that holds the id of an access key without what may be its secret, wherever that stands."""
        if type(value) is str:
            return self._without(value, secret_keys_in(value))
        if isinstance(value, dict):
            return {key: self._beside_key_id(inner) for key, inner in value.items()}
        return [self._beside_key_id(inner) for inner in value] if isinstance(value, list) else value

    def fingerprint(self, value: str) -> str:
        """Return the keyed fingerprint of a text: 16 hexadecimal digits of HMAC-SHA-256 under the store's key."""
        return hmac.new(
            self._key, b"annexd redaction\0" + value.encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()[:16]


_KEY_ID = "value:aws-access-key-id"


def _by_name(rule: Redact) -> bool:
    return rule.path.startswith(("name:", "place:", "mark:"))


def ruleset_digest(rules: tuple[Redact, ...]) -> str:
    """Return the identifier of a kind's rules: RULES_VERSION, a slash, and 16 digits of the digest of its own rules."""
    return f"{RULES_VERSION}/{digest_of(encode([[rule.path, rule.keep] for rule in rules]))[7:23]}"
