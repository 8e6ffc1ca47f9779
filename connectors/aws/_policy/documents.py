"""IAM policy documents as data, by the grammar of the IAM User Guide.

`read_policy` never raises. What it does not understand is listed in `Policy.unclear`, and a check that finds nothing
wrong in the rest must not pass.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

ANYONE = "*"

_ACCOUNT_OF = re.compile(r"(?:arn:[a-z-]+:(?:iam|sts)::)?([0-9]{12})(?::.*)?", re.DOTALL)
_ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    }
)
_PRINCIPALS = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


@dataclass(frozen=True)
class Principal:
    """One principal of a statement. `kind` is AWS, Service, Federated or CanonicalUser."""

    kind: str
    name: str

    @property
    def account(self) -> str | None:
        """The account id in the name of an AWS principal; None where there is none."""
        match = _ACCOUNT_OF.fullmatch(self.name) if self.kind == "AWS" else None
        return None if match is None else match[1]


@dataclass(frozen=True)
class Condition:
    """One key of a Condition block; operator and key are in lower case, because AWS ignores case in them."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One statement of a policy. An element that the document leaves out is None."""

    allows: bool
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: tuple[Principal, ...] | None
    not_principals: tuple[Principal, ...] | None
    conditions: tuple[Condition, ...]

    @property
    def for_anyone(self) -> bool:
        """Whether its principals include everyone, also people without an AWS account."""
        return any(principal.kind == "AWS" and principal.name == ANYONE for principal in self.principals or ())


@dataclass(frozen=True)
class Policy:
    """The statements of a document; `unclear` has a reason for each part that was not understood."""

    statements: tuple[Statement, ...]
    unclear: tuple[str, ...]

    @property
    def allowing(self) -> Iterator[Statement]:
        """The statements with the effect Allow."""
        return (statement for statement in self.statements if statement.allows)


class _InvalidStatement(Exception):
    """A statement does not follow the policy grammar; the message completes a sentence that begins with it."""


def read_policy(document: Any) -> Policy:
    """Return the policy of a document, which may be JSON text or decoded JSON. Never raises."""
    if isinstance(document, str):
        try:
            document = msgspec.json.decode(document)
        except (msgspec.DecodeError, RecursionError) as error:
            return Policy((), (f"the policy is not JSON: {error}",))
    if not isinstance(document, dict) or "Statement" not in document:
        return Policy((), ("the policy has no Statement",))
    statement = document["Statement"]
    elements = statement if isinstance(statement, list) else [statement]
    statements: list[Statement] = []
    unclear: list[str] = []
    for number, element in enumerate(elements, start=1):
        try:
            statements.append(_statement(element))
        except _InvalidStatement as error:
            unclear.append(f"statement {number}: {error}")
    return Policy(tuple(statements), tuple(unclear))


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern of IAM with `*` and `?` matches a text, without regard to case.

    Takes at most the product of both lengths, whatever the pattern: policies are written by others.
    """
    pattern, text = pattern.lower(), text.lower()
    pattern_index = text_index = 0
    star, resume = -1, 0
    while text_index < len(text):
        if pattern_index < len(pattern) and pattern[pattern_index] == "*":
            star, resume = pattern_index, text_index
            pattern_index += 1
        elif pattern_index < len(pattern) and pattern[pattern_index] in ("?", text[text_index]):
            pattern_index, text_index = pattern_index + 1, text_index + 1
        elif star >= 0:
            resume += 1
            pattern_index, text_index = star + 1, resume
        else:
            return False
    return all(letter == "*" for letter in pattern[pattern_index:])


def is_wildcard(pattern: str) -> bool:
    """Whether a pattern consists of stars only, and so matches every text."""
    return pattern != "" and set(pattern) == {"*"}


def _statement(element: Any) -> Statement:
    if not isinstance(element, dict):
        raise _InvalidStatement("it is not an object")
    if unknown_elements := [str(name) for name in element if name not in _ELEMENTS]:
        raise _InvalidStatement(f"it has the element {unknown_elements[0][:40]!r}")
    if element.get("Effect") not in ("Allow", "Deny"):
        raise _InvalidStatement("its Effect is neither Allow nor Deny")
    actions, not_actions = _texts(element, "Action"), _texts(element, "NotAction")
    if (actions is None) == (not_actions is None):
        raise _InvalidStatement("it needs one of Action and NotAction")
    resources, not_resources = _texts(element, "Resource"), _texts(element, "NotResource")
    principals, not_principals = _principals(element, "Principal"), _principals(element, "NotPrincipal")
    if None not in (resources, not_resources) or None not in (principals, not_principals):
        raise _InvalidStatement("it has an element and its opposite")
    return Statement(
        allows=element["Effect"] == "Allow",
        actions=actions,
        not_actions=not_actions,
        resources=resources,
        not_resources=not_resources,
        principals=principals,
        not_principals=not_principals,
        conditions=tuple(_conditions(element.get("Condition"))),
    )


def _texts(element: dict[str, Any], name: str) -> tuple[str, ...] | None:
    if name not in element:
        return None
    value = element[name]
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise _InvalidStatement(f"its {name} is not text")
    return tuple(texts)


def _principals(element: dict[str, Any], name: str) -> tuple[Principal, ...] | None:
    if name not in element:
        return None
    value = element[name]
    if value == ANYONE:
        return (Principal("AWS", ANYONE),)
    if not isinstance(value, dict) or not value or not _PRINCIPALS.issuperset(value):
        raise _InvalidStatement(f"its {name} is not one that annexd knows")
    return tuple(Principal(kind, text) for kind in value for text in _texts(value, kind) or ())


def _conditions(block: Any) -> Iterator[Condition]:
    if block is None:
        return
    if not isinstance(block, dict):
        raise _InvalidStatement("its Condition is not an object")
    for operator, keys in block.items():
        if not isinstance(keys, dict):
            raise _InvalidStatement(f"its Condition {operator!r} is not an object")
        for key, value in keys.items():
            values = value if isinstance(value, list) else [value]
            if not all(isinstance(item, str | int | float) for item in values):
                raise _InvalidStatement(f"the values of its Condition {key!r} are not plain")
            yield Condition(operator.lower(), key.lower(), tuple(_plain(item) for item in values))


def _plain(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
