"""IAM policy documents as data, by the grammar of the IAM User Guide.

`read_policy` never raises. What it does not understand is listed in `Policy.unread`, and the evaluator counts it as
what might allow or deny anything.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from connectors.aws._policy.patterns import RESERVED, has_wildcard, variables_in

ANYONE = "*"
NOBODY = ("", "")
"""The group of statements without Principal."""

_ACCOUNT_OF = re.compile(r"(?:arn:[a-z-]+:(?:iam|sts)::)?([0-9]{12})(?::.*)?", re.DOTALL)
_WHOLE_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:iam::)?[0-9]{12}(?::root)?")
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
# The version that brought policy variables. Without a Version, AWS takes the one before it.
_WITH_VARIABLES = "2012-10-17"
_VERSIONS = frozenset({_WITH_VARIABLES, "2008-10-17"})
_SHOWN = 40


@dataclass(frozen=True)
class Principal:
    """One principal of a statement. `kind` is AWS, Service, Federated or CanonicalUser."""

    kind: str
    name: str

    @cached_property
    def account(self) -> str | None:
        """The account id in the name of an AWS principal; None where there is none."""
        match = _ACCOUNT_OF.fullmatch(self.name) if self.kind == "AWS" else None
        return None if match is None else match[1]

    @cached_property
    def is_whole_account(self) -> bool:
        """Whether the name stands for every principal of an account, and not for one user or role."""
        return self.kind == "AWS" and _WHOLE_ACCOUNT.fullmatch(self.name) is not None

    @property
    def group(self) -> tuple[str, str]:
        """Its kind, and the account, service or issuer that it can only be; "" where it may be any, or nobody."""
        if self.kind == "AWS":
            return self.kind, "" if has_wildcard(self.name) else self.account or ""
        if self.kind == "CanonicalUser":
            return self.kind, ""
        return self.kind, self.name.lower() if self.kind == "Service" else self.name


Groups = Mapping[tuple[str, str], tuple[Principal, ...]]
"""Principals by `Principal.group`, so that those that may be a caller are found without a look at the others."""


@dataclass(frozen=True)
class Condition:
    """One key of a Condition block; operator and key are in lower case, because AWS ignores case in them."""

    operator: str
    key: str
    values: tuple[str, ...]
    answers: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """What the operators found out about it before; it depends on nothing but the condition and what was asked."""

    @cached_property
    def has_variables(self) -> bool:
        """Whether a value may have a policy variable, where the document's Version has them."""
        return any("${" in value for value in self.values)


@dataclass(frozen=True)
class Statement:
    """One statement of a policy. An element that the document leaves out is None.

    `has_variables`: whether `${...}` is a policy variable, by the document's Version, or plain text.
    """

    number: int
    sid: str
    allows: bool
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: tuple[Principal, ...] | None
    not_principals: tuple[Principal, ...] | None
    conditions: tuple[Condition, ...]
    has_variables: bool = True
    covered: dict[tuple[str | None, ...], Any] = field(default_factory=dict, compare=False, repr=False)
    """Which actions and resources it was found to be about before: by element and text, or by all asked for."""

    @cached_property
    def resource_has_variables(self) -> bool:
        """Whether its Resource or NotResource depends on policy variables."""
        named = (*(self.resources or ()), *(self.not_resources or ()))
        return self.has_variables and any("${" in text for text in named)

    @cached_property
    def uses_variables(self) -> bool:
        """Whether what it is about depends on policy variables."""
        of_conditions = self.has_variables and any(item.has_variables for item in self.conditions)
        return of_conditions or self.resource_has_variables

    @cached_property
    def keys_of_variables(self) -> frozenset[str]:
        """The context keys, in lower case, whose values it asks for as policy variables."""
        if not self.uses_variables:
            return frozenset()
        texts = [value for condition in self.conditions for value in condition.values]
        texts += [*(self.resources or ()), *(self.not_resources or ())]
        return frozenset(name for text in texts for name in variables_in(text))

    @cached_property
    def principals_by_group(self) -> Groups:
        """Its principals by group."""
        return _by_group(self.principals or ())

    @cached_property
    def not_principals_by_group(self) -> Groups:
        """The principals that it is not about, by group."""
        return _by_group(self.not_principals or ())

    def changed(
        self,
        *,
        allows: bool | None = None,
        principals: tuple[Principal, ...] | None = None,
        conditions: tuple[Condition, ...] | None = None,
    ) -> Statement:
        """Return the statement with another effect, other principals or other conditions; None: with its own."""
        return Statement(
            number=self.number,
            sid=self.sid,
            allows=self.allows if allows is None else allows,
            actions=self.actions,
            not_actions=self.not_actions,
            resources=self.resources,
            not_resources=self.not_resources,
            principals=self.principals if principals is None else principals,
            not_principals=self.not_principals,
            conditions=self.conditions if conditions is None else conditions,
            has_variables=self.has_variables,
        )

    @property
    def label(self) -> str:
        """Its place in the document, from 1, and its Sid where it has one."""
        return f"statement {self.number} ({self.sid[:_SHOWN]})" if self.sid else f"statement {self.number}"


def allow_all(number: int = 0, principals: tuple[Principal, ...] | None = None) -> Statement:
    """Return a statement that allows every action on every resource, to some principals where it is of a resource."""
    return Statement(
        number=number,
        sid="",
        allows=True,
        actions=(ANYONE,),
        not_actions=None,
        resources=(ANYONE,),
        not_resources=None,
        principals=principals,
        not_principals=None,
        conditions=(),
    )


@dataclass(frozen=True)
class UnreadStatement:
    """A part of a document that was not understood: why, and whether it may be an Allow or a Deny."""

    why: str
    may_allow: bool = True
    may_deny: bool = True


@dataclass(frozen=True)
class Policy:
    """The statements of a document, and what of it was not understood."""

    statements: tuple[Statement, ...]
    unread: tuple[UnreadStatement, ...] = ()

    @cached_property
    def places_by_group(self) -> Mapping[tuple[str, str], tuple[int, ...]]:
        """The places of statements in the policy by the groups of their principals; `NOBODY`: of those without any."""
        places: dict[tuple[str, str], list[int]] = {}
        for place, statement in enumerate(self.statements):
            for group in (NOBODY,) if statement.principals is None else statement.principals_by_group:
                places.setdefault(group, []).append(place)
        return {group: tuple(of_group) for group, of_group in places.items()}

    @property
    def allowing(self) -> Iterator[Statement]:
        """The statements with the effect Allow."""
        return (statement for statement in self.statements if statement.allows)

    @property
    def unclear(self) -> tuple[str, ...]:
        """A reason for each part that was not understood."""
        return tuple(unread.why for unread in self.unread)


class _InvalidStatement(Exception):
    """A statement does not follow the policy grammar; the message completes a sentence that begins with it."""


def read_policy(document: Any) -> Policy:
    """Return the policy of a document, which may be JSON text or decoded JSON. Never raises."""
    if isinstance(document, str):
        try:
            document = msgspec.json.decode(document)
        except (msgspec.DecodeError, RecursionError) as error:
            return Policy((), (UnreadStatement(f"the policy is not JSON: {error}"),))
    if not isinstance(document, dict) or "Statement" not in document:
        return Policy((), (UnreadStatement("the policy has no Statement"),))
    version = document.get("Version", "2008-10-17")
    if version not in _VERSIONS:
        return Policy((), (UnreadStatement(f"the policy has the Version {str(version)[:_SHOWN]!r}"),))
    statement = document["Statement"]
    elements = statement if isinstance(statement, list) else [statement]
    statements: list[Statement] = []
    unread: list[UnreadStatement] = []
    for number, element in enumerate(elements, start=1):
        try:
            statements.append(_statement(element, number, has_variables=version == _WITH_VARIABLES))
        except _InvalidStatement as error:
            effect = element.get("Effect") if isinstance(element, dict) else None
            why = f"statement {number}: {error}"
            unread.append(UnreadStatement(why, may_allow=effect != "Deny", may_deny=effect != "Allow"))
    return Policy(tuple(statements), tuple(unread))


def _by_group(principals: Iterable[Principal]) -> Groups:
    groups: dict[tuple[str, str], list[Principal]] = {}
    for principal in principals:
        groups.setdefault(principal.group, []).append(principal)
    return {group: tuple(members) for group, members in groups.items()}


def _statement(element: Any, number: int, *, has_variables: bool) -> Statement:
    if not isinstance(element, dict):
        raise _InvalidStatement("it is not an object")
    if unknown_elements := [str(name) for name in element if name not in _ELEMENTS]:
        raise _InvalidStatement(f"it has the element {unknown_elements[0][:_SHOWN]!r}")
    if element.get("Effect") not in ("Allow", "Deny"):
        raise _InvalidStatement("its Effect is neither Allow nor Deny")
    actions, not_actions = _texts(element, "Action"), _texts(element, "NotAction")
    if (actions is None) == (not_actions is None):
        raise _InvalidStatement("it needs one of Action and NotAction")
    resources, not_resources = _texts(element, "Resource"), _texts(element, "NotResource")
    principals, not_principals = _principals(element, "Principal"), _principals(element, "NotPrincipal")
    if None not in (resources, not_resources) or None not in (principals, not_principals):
        raise _InvalidStatement("it has an element and its opposite")
    sid = element.get("Sid", "")
    return Statement(
        number=number,
        sid=sid if isinstance(sid, str) else "",
        allows=element["Effect"] == "Allow",
        actions=actions,
        not_actions=not_actions,
        resources=resources,
        not_resources=not_resources,
        principals=principals,
        not_principals=not_principals,
        conditions=tuple(_conditions(element.get("Condition"))),
        has_variables=has_variables,
    )


def _texts(element: dict[str, Any], name: str) -> tuple[str, ...] | None:
    if name not in element:
        return None
    value = element[name]
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise _InvalidStatement(f"its {name} is not text")
    if any(RESERVED.search(text) for text in texts):
        raise _InvalidStatement(f"its {name} has characters for private use")
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
            texts = tuple(_plain(item) for item in values)
            if any(RESERVED.search(text) for text in texts):
                raise _InvalidStatement(f"the values of its Condition {key!r} have characters for private use")
            yield Condition(operator.lower(), key.lower(), texts)


def _plain(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
