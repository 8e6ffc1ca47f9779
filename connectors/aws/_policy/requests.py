"""Who may ask: everybody, an account, an organization, a service that acts for somebody, the holder of a policy.

Each is a caller with what AWS documents for the keys of its requests. Everybody and a stranger are made of what no
policy can have named: an account, an organization and names of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.aws._policy.context import ABSENT, Caller, Choice, KeyState, Known, Option, Request, Unknown
from connectors.aws._policy.context_keys import arns, doubtful, environment, free, networks, organizations
from connectors.aws._policy.evaluator import Effect, Outcome, effect, most_open
from connectors.aws._policy.named import account_patterns, accounts_named, number_like, services_named
from connectors.aws._policy.patterns import matches
from connectors.aws._policy.statements import Policy
from connectors.aws._policy.work import Work

# Accounts of nobody that a policy names: the first that no narrower pattern of a policy happens to match is taken.
_STRANGERS = ("417209358613", "806531972450", "294817063528", "650392718446", "983746120579", "138650924731")
_ORGANIZATION = "o-zq81x5v7k2"
_IDENTITIES = frozenset({"iam", "sts"})
KEYS_OF_PRINCIPALS = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag/",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
    "kms:calleraccount",
)
"""Keys by which AWS says who signed a request, which one without a signature does not have."""


@dataclass(frozen=True)
class Asker:
    """A caller and what is known of its requests."""

    caller: Caller
    keys: Mapping[str, KeyState]
    holder: bool = False
    otherwise: KeyState | None = None

    def knowing(self, known: Mapping[str, KeyState]) -> Asker:
        """Return the same caller with more, or other, known of its keys."""
        return Asker(self.caller, {**self.keys, **known}, self.holder, self.otherwise)

    def asks(self, action: str, resource: str | None) -> Request:
        """Return the request of this caller for an action on a resource."""
        return Request(self.caller, action, resource, self.keys, self.holder, self.otherwise)


def best_effect(
    policies: Sequence[Policy], requests: Iterable[Request], limits: Sequence[Sequence[Policy]] = ()
) -> Effect:
    """Return the most open effect of several requests; `DOES_NOT` for none."""
    best = Effect(Outcome.DOES_NOT)
    for request in requests:
        found = effect(policies, request, limits)
        if found.outcome > best.outcome:
            best = found
        if best.outcome is Outcome.ALLOWS:
            break
    return best


def best_of(
    policies: Sequence[Policy],
    askers: Iterable[Asker],
    actions: Sequence[str],
    resources: Sequence[str | None],
    work: Work | None = None,
    limits: Sequence[Sequence[Policy]] = (),
) -> Effect:
    """Return the most open effect of the requests of several askers for each action on each resource.

    `limits` are as those of `effect`. `work`: the steps that are left for this and other questions; None: as many as
    one question may take.
    """
    work = Work() if work is None else work
    best = Effect(Outcome.DOES_NOT)
    for asker in askers:
        found = most_open(policies, asker.asks("", None), actions, resources, limits, work)
        if found.outcome > best.outcome:
            best = found
        if best.outcome is Outcome.ALLOWS or work.ended:
            break
    return best


def anonymous(owner: str | None = None) -> Asker:
    """Return whoever does not sign its requests. `owner` is the account of the resource, where it is known."""
    return Asker(
        Caller("anonymous", "everyone"),
        {
            **environment(signed=False),
            **networks(named=False),
            **_direct(),
            **_owned_by(owner),
            **_access_points(_STRANGERS[0]),
            **dict.fromkeys(KEYS_OF_PRINCIPALS, ABSENT),
            "aws:principalaccount": Known(("anonymous",)),
            "aws:principaltype": Known(("Anonymous",)),
        },
    )


def account(
    number: str,
    *,
    description: str | None = None,
    owner: str | None = None,
    may_be_in: Callable[[str], bool] = lambda _: False,
    named_networks: bool = False,
    doubt: str | None = None,
) -> Asker:
    """Return whoever may act in an account: any user or role of it, as its administrators like.

    `may_be_in` says of the id of an organization whether the account may belong to it. `named_networks`: whether the
    caller may come through a VPC that a policy names. `doubt`: what would have to be true for there to be this account.
    """
    own = Choice((Option(Known((number,)), doubt),))
    role = f"arn:aws:iam::{number}:role/any0"
    principal_arns = arns(number, [role, f"arn:aws:iam::{number}:root"], _IDENTITIES)
    organization = organizations(_ORGANIZATION, may_be=may_be_in)
    return Asker(
        Caller("account", description or f"the account {number}", number),
        {
            **environment(signed=True),
            **networks(named=named_networks),
            **_direct(),
            **_owned_by(owner),
            **_access_points(number),
            "aws:principalaccount": own,
            "aws:principalarn": principal_arns,
            "aws:principalorgid": organization,
            "aws:principalorgpaths": organization,
            "aws:principaltype": Choice(
                tuple(Option(Known((name,))) for name in ("AssumedRole", "User", "Account", "FederatedUser"))
            ),
            "aws:userid": Choice((Option(Known(("AROA0000STRANGER0000:any0",))),), doubtful("whose the id {} is")),
            "aws:sourceowner": own,
            "kms:calleraccount": own,
            "ec2:sourceinstancearn": arns(number, [f"arn:aws:ec2:eu-central-1:{number}:instance/i-0"]),
        },
    )


def strangers(policies: Sequence[Policy], *, owner: str | None = None, named_networks: bool = False) -> list[Asker]:
    """Return somebody with an account that no policy names, and accounts that would match a pattern of a policy."""
    return [
        account(number, description="every AWS account", owner=owner, named_networks=named_networks, doubt=doubt)
        for number, doubt in _numbers(policies)
    ]


def a_stranger(policies: Sequence[Policy]) -> str:
    """Return the number of the account, which no policy names, that `strangers` begins with."""
    return _numbers(policies)[0][0]


def organization_member(organization: str, policies: Sequence[Policy], *, owner: str | None = None) -> Asker:
    """Return somebody with an account, which no policy names, of an organization."""
    number, _ = _numbers(policies)[0]
    asker = account(number, description=f"the organization {organization}", owner=owner)
    paths = organizations(organization, may_be=lambda id_: id_ == organization)
    return Asker(
        asker.caller, {**asker.keys, "aws:principalorgid": Known((organization,)), "aws:principalorgpaths": paths}
    )


def service_for(
    service: str,
    number: str,
    *,
    description: str | None = None,
    owner: str | None = None,
    may_be_in: Callable[[str], bool] = lambda _: False,
    doubt: str | None = None,
) -> Asker:
    """Return a service of AWS that acts for a resource of an account: the deputy that others may confuse.

    Which services say for whom they act in a request is not the caller's choice, so a request that does not is a doubt.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    sends = f"whether {service} says for whom it acts"
    organization = organizations(_ORGANIZATION, may_be=may_be_in)
    sources = arns(number, [f"arn:aws:any0:eu-central-1:{number}:any0"])
    return Asker(
        Caller("service", description or f"{service} for the account {number}", number, service),
        {
            **environment(signed=True),
            **networks(named=False),
            **_owned_by(owner),
            **dict.fromkeys(KEYS_OF_PRINCIPALS, ABSENT),
            "aws:securetransport": Known(("true",)),
            "s3:dataaccesspointaccount": ABSENT,
            "s3:dataaccesspointarn": ABSENT,
            "aws:principalisawsservice": Known(("true",)),
            "aws:principalservicename": Known((service,)),
            "aws:principalservicenameslist": Known((service,)),
            "aws:sourceaccount": Choice((Option(Known((number,)), doubt), Option(ABSENT, sends))),
            "aws:sourceowner": Choice((Option(Known((number,)), doubt), Option(ABSENT, sends))),
            "aws:sourcearn": Choice((*sources.options, Option(ABSENT, sends)), sources.fit),
            "aws:sourceorgid": organization,
            "aws:sourceorgpaths": organization,
            "aws:viaawsservice": Known(("false",)),
        },
    )


def service_for_strangers(service: str, policies: Sequence[Policy], *, owner: str | None = None) -> list[Asker]:
    """Return a service of AWS that acts for somebody whose account no policy names, or only by a pattern."""
    return [
        service_for(service, number, description=f"everyone, through {service}", owner=owner, doubt=doubt)
        for number, doubt in _numbers(policies)
    ]


def anyone_at_all(policies: Sequence[Policy], keys_known: Mapping[str, KeyState]) -> list[Asker]:
    """Return every kind of caller, with any value for each key but those that are known: whoever a Deny may miss.

    The accounts and services that policies name are among them, because a denial may exempt them.
    """
    any_value = Choice((Option(ABSENT), Option(Known(("any0",))), Option(Known(("true",)))), free)
    no_arn = {"aws:principalarn": ABSENT}
    callers: list[tuple[Caller, dict[str, KeyState]]] = [(Caller("anonymous", "everyone"), {**no_arn})]
    for number in sorted({_STRANGERS[0], *accounts_named(policies)}):
        own = arns(number, [f"arn:aws:iam::{number}:role/any0", f"arn:aws:iam::{number}:root"], _IDENTITIES)
        callers.append((Caller("account", "users and roles", number), {"aws:principalarn": own}))
    services = sorted({"any0.amazonaws.com", *services_named(policies)})
    callers += [(Caller("service", "services of AWS", None, service), {**no_arn}) for service in services]
    return [Asker(caller, {**of_kind, **keys_known}, otherwise=any_value) for caller, of_kind in callers]


def holder(number: str, *, with_mfa: bool = False) -> Asker:
    """Return a user or role of an account that has the policies; what it can meet of conditions is not known.

    `with_mfa`: whether it may sign in with MFA where that is asked for; otherwise that is not known either.
    """
    mfa = Choice((Option(Known(("true",))), Option(ABSENT)))
    return Asker(
        Caller("account", f"a principal of {number}", number),
        {
            "aws:principalaccount": Known((number,)),
            "aws:principalarn": Unknown("which users and roles have the policy"),
            "aws:resourceaccount": Known((number,)),
            "aws:securetransport": Choice((Option(Known(("true",))), Option(Known(("false",))))),
            "aws:useragent": Choice((Option(Known(("any0",))),), free),
            "aws:requestedregion": Choice((Option(Known(("any0",))),), free),
            "aws:principalisawsservice": Known(("false",)),
            "aws:multifactorauthpresent": mfa
            if with_mfa
            else Unknown("whether whoever has the policy signs in with MFA"),
        },
        holder=True,
    )


def _direct() -> dict[str, KeyState]:
    """Return the keys of a request that no service makes for somebody else."""
    return {
        "aws:principalisawsservice": Known(("false",)),
        "aws:principalservicename": ABSENT,
        "aws:principalservicenameslist": ABSENT,
        "aws:sourceaccount": ABSENT,
        "aws:sourcearn": ABSENT,
        "aws:sourceorgid": ABSENT,
        "aws:sourceorgpaths": ABSENT,
        "aws:sourceowner": ABSENT,
    }


def _access_points(number: str) -> dict[str, KeyState]:
    """Return the keys of a request that may come through an access point of an account."""
    arn = f"arn:aws:s3:eu-central-1:{number}:accesspoint/any0"
    return {
        "s3:dataaccesspointaccount": Choice((Option(ABSENT), Option(Known((number,))))),
        "s3:dataaccesspointarn": Choice((Option(ABSENT), Option(Known((arn,)))), arns(number, ()).fit),
    }


def _owned_by(owner: str | None) -> dict[str, KeyState]:
    if owner is None:
        return {}
    return {"aws:resourceaccount": Known((owner,)), "s3:resourceaccount": Known((owner,))}


def _numbers(policies: Sequence[Policy]) -> list[tuple[str, str | None]]:
    """Return an account that no policy names, and one for each pattern that it does not match, with the doubt."""
    patterns = sorted(account_patterns(policies))
    narrow = [pattern for pattern in patterns if not all(matches(pattern, number) for number in _STRANGERS)]
    generic = min(_STRANGERS, key=lambda number: sum(matches(pattern, number) for pattern in narrow))
    fitting = ((number_like(pattern), pattern) for pattern in narrow)
    return [
        (generic, None),
        *(
            (number, f"whether an account of somebody else has a number like {pattern}")
            for number, pattern in fitting
            if number is not None
        ),
    ]
