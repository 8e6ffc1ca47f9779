"""Policies and requests for property tests: of few words, so that they meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from connectors.aws._policy.context import ABSENT, Caller, Choice, KeyState, Known, OneOf, Option, Request, Unknown
from connectors.aws._policy.context_keys import free

OWN, OTHER, STRANGER = "111122223333", "222233334444", "417209358613"
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:Get*", "s3:*", "*", "S3:getobject", "iam:*", "s3:?etObject"]
RESOURCES = [
    "*",
    "arn:aws:s3:::files/*",
    "arn:aws:s3:::files/a",
    "arn:aws:s3:::*",
    "arn:aws",
    "arn:aws:s3:::files/${aws:username}",
]
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": OWN},
    {"AWS": f"arn:aws:iam::{OTHER}:root"},
    {"AWS": [f"arn:aws:iam::{OTHER}:role/x", OWN]},
    {"Service": "logs.amazonaws.com"},
    {"CanonicalUser": "abc"},
]
KEYS = [
    "aws:SourceIp",
    "aws:PrincipalOrgID",
    "aws:username",
    "aws:SourceAccount",
    "aws:UserAgent",
    "aws:New",
    "aws:Age",
]
VALUES = ["a", "b", "a*", "*", "?", "true", "false", "o-acmeacme00", "10.0.0.0/8", "1", "${aws:username}", OWN, OTHER]
OPERATORS = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "StringLikeIfExists",
    "StringNotEqualsIfExists",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringLike",
    "ForAnyValue:StringNotEquals",
    "ArnLike",
    "Bool",
    "BoolIfExists",
    "Null",
    "NumericLessThan",
    "NumericGreaterThanEqualsIfExists",
    "IpAddress",
    "NotIpAddress",
    "StringSomething",
]


def _lists(words: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(words) | st.lists(st.sampled_from(words), min_size=1, max_size=2)


CONDITIONS = st.dictionaries(
    st.sampled_from(OPERATORS),
    st.dictionaries(st.sampled_from(KEYS), _lists(VALUES), min_size=1, max_size=1),
    max_size=2,
)


@st.composite
def statements(draw: st.DrawFn, effect: str | None = None) -> dict[str, Any]:
    """Return a statement of a resource's policy."""
    made: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    made[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(_lists(ACTIONS))
    made[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(_lists(RESOURCES))
    made[draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"]))] = draw(st.sampled_from(PRINCIPALS))
    if condition := draw(CONDITIONS):
        made["Condition"] = condition
    return made


STATES: st.SearchStrategy[KeyState] = st.sampled_from(
    [
        ABSENT,
        Known(("a",)),
        Known(("a", "b")),
        Known(("true",)),
        Known((OWN,)),
        Known(("10.1.2.3",)),
        Known(("3",)),
        OneOf((ABSENT, Known(("a",)))),
        Unknown("what it is"),
        Choice((Option(ABSENT), Option(Known(("any0",)))), free),
        Choice((Option(Known(("a",))), Option(Known(("b",)), "whether it is b"))),
    ]
)
FIXED: st.SearchStrategy[KeyState] = st.sampled_from(
    [ABSENT, Known(("a",)), Known(("true",)), Known((OWN,)), Known(("10.1.2.3",)), Known(("3",))]
)
CALLERS = st.sampled_from(
    [
        Caller("anonymous", "everyone"),
        Caller("account", "a stranger", STRANGER),
        Caller("account", "an account", OTHER),
        Caller("service", "a service", None, "logs.amazonaws.com"),
        Caller("federated", "a token", None, "arn:aws:iam::1:oidc-provider/x"),
    ]
)


@st.composite
def requests(draw: st.DrawFn, states: st.SearchStrategy[KeyState] = STATES) -> Request:
    """Return a request of which not everything need be known."""
    caller = draw(CALLERS)
    keys = {key.lower(): draw(states) for key in KEYS}
    if caller.account is not None:
        keys["aws:principalarn"] = Known((f"arn:aws:iam::{caller.account}:role/x",))
    return Request(
        caller,
        draw(st.sampled_from(["s3:GetObject", "s3:PutObject", "iam:CreateUser"])),
        draw(st.sampled_from(["arn:aws:s3:::files/a", "arn:aws:s3:::files", None])),
        keys,
    )
