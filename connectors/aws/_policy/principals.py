"""Whether the Principal or NotPrincipal of a statement means a caller.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.aws._policy.context import Caller, Request
from connectors.aws._policy.patterns import has_wildcard, is_wildcard
from connectors.aws._policy.statements import ANYONE, Groups, Principal, Statement
from connectors.aws._policy.truth import Truth, of, some

PRINCIPAL_ARN = "aws:principalarn"

_SESSION = re.compile(r"arn:([a-z-]+):sts::([0-9]{12}):assumed-role/([^/]+)/.+", re.DOTALL)


def means(statement: Statement, request: Request, principal_arn: str | None) -> Truth:
    """Return whether a statement is about the caller of a request, whose ARN is None where it has none."""
    if request.holder:
        return of(statement.principals is None and statement.not_principals is None)
    if statement.principals is not None:
        named = concerning(statement.principals_by_group, request.caller)
        return some(_is(principal, request.caller, principal_arn) for principal in named)
    if statement.not_principals is not None:
        return _is_none_of(statement, request.caller, principal_arn)
    return Truth.MAYBE


def may_mean(statement: Statement, request: Request) -> bool:
    """Whether a statement may be about the caller of a request, whatever ARN the caller chooses."""
    if request.holder or statement.principals is None:
        return True
    caller = request.caller
    return any(
        _is(principal, caller, None) is not Truth.NO
        or (caller.kind == "account" and principal.account is not None and principal.account == caller.account)
        for principal in concerning(statement.principals_by_group, caller)
    )


def concerning(groups: Groups, caller: Caller) -> Iterator[Principal]:
    """Yield the principals that may be a caller, or make a statement about it a doubt; no other one can."""
    for group in groups_of(caller):
        yield from groups.get(group, ())


def groups_of(caller: Caller) -> list[tuple[str, str]]:
    """Return the groups of principals of which one may be a caller."""
    wanted = [("AWS", "")]
    match caller.kind:
        case "account":
            wanted += [("AWS", caller.account)] if caller.account else []
            wanted.append(("CanonicalUser", ""))
        case "service":
            name = (caller.name or "").lower()
            wanted += [("Service", ANYONE), ("Service", name)] if name != ANYONE else [("Service", ANYONE)]
        case "federated":
            wanted.append(("Federated", ANYONE))
            wanted += [("Federated", caller.name)] if caller.name not in (None, ANYONE) else []
    return wanted


def role_of(name: str) -> str:
    """Return the ARN of the role behind the name of a session, as aws:PrincipalArn gives it; other names unchanged."""
    match = _SESSION.fullmatch(name)
    return name if match is None else f"arn:{match[1]}:iam::{match[2]}:role/{match[3]}"


def _is(principal: Principal, caller: Caller, principal_arn: str | None) -> Truth:
    match principal.kind, caller.kind:
        case "AWS", _ if is_wildcard(principal.name):
            # AWS documents one star, for callers that it knows; whoever has a token is not known to it before.
            return Truth.MAYBE if principal.name != ANYONE or caller.kind == "federated" else Truth.YES
        case "AWS", "account":
            return _is_of_account(principal, caller, principal_arn)
        case "Service", "service":
            return of(principal.name == ANYONE or principal.name.lower() == (caller.name or "").lower())
        case "Federated", "federated":
            return of(principal.name in (ANYONE, caller.name))
        case "CanonicalUser", "account":
            return Truth.MAYBE
        case _:
            return Truth.NO


def _is_of_account(principal: Principal, caller: Caller, principal_arn: str | None) -> Truth:
    if has_wildcard(principal.name):
        return Truth.MAYBE
    # An id without account is that of a principal that was deleted, which nobody can be again.
    if principal.account is None or principal.account != caller.account:
        return Truth.NO
    return of(principal.is_whole_account or role_of(principal.name) == principal_arn)


def _is_none_of(statement: Statement, caller: Caller, principal_arn: str | None) -> Truth:
    named = statement.not_principals or ()
    among = concerning(statement.not_principals_by_group, caller)
    exempt = some(_is(principal, caller, principal_arn) for principal in among)
    if statement.allows or exempt is not Truth.YES:
        return exempt.negated
    # A denial that exempts a user without the account of the user may deny the account, and so the user.
    by_account = any(principal.is_whole_account or principal.name == ANYONE for principal in named)
    return Truth.NO if by_account or caller.kind != "account" else Truth.MAYBE
