"""The condition keys of AWS by who decides their value: what a caller brings, and what it can have of its own.

A key that is in no table is unknown, so a condition on it leaves a policy undecided.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from connectors.aws._policy.context import ABSENT, Choice, KeyState, Known, Option, Unknown
from connectors.aws._policy.patterns import filled, has_wildcard, is_wildcard, matches

ACCOUNT_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:sourceaccount",
        "aws:sourceowner",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
    }
)
"""Keys whose value is the account of the caller, or of the resource that a service acts for."""
ARN_KEYS = frozenset({"aws:principalarn", "aws:sourcearn", "s3:dataaccesspointarn", "ec2:sourceinstancearn"})
"""Keys whose value is an ARN of the caller, or of the resource that a service acts for."""
NETWORK_KEYS = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpceaccount"})
"""Keys by which a request is known to come through a VPC or one of its endpoints."""

_ARN_FIELDS = 6
_ACCOUNT_FIELD = 4
# A range that AWS calls public is broader than these, by the page "Blocking public access to your Amazon S3 storage".
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
_BROAD_PREFIXES = {4: 8, 6: 32}
_ADDRESSES = ("44.213.9.1", "2600:1f18:1::9")

# What a caller writes into its request, or meets by what it does before.
_FREE = (
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:ec2instancesourceprivateipv4",
    "aws:multifactorauthage",
    "aws:referer",
    "aws:requestedregion",
    "aws:sourceidentity",
    "aws:tagkeys",
    "aws:useragent",
    "kms:encryptioncontext:",
    "kms:encryptioncontextkeys",
    "kms:viaservice",
    "s3:authtype",
    "s3:delimiter",
    "s3:if-match",
    "s3:if-none-match",
    "s3:locationconstraint",
    "s3:max-keys",
    "s3:object-lock-legal-hold",
    "s3:object-lock-mode",
    "s3:object-lock-remaining-retention-days",
    "s3:object-lock-retain-until-date",
    "s3:prefix",
    "s3:requestobjecttag/",
    "s3:requestobjecttagkeys",
    "s3:signatureage",
    "s3:signatureversion",
    "s3:tlsversion",
    "s3:versionid",
    "s3:x-amz-acl",
    "s3:x-amz-content-sha256",
    "s3:x-amz-copy-source",
    "s3:x-amz-grant-full-control",
    "s3:x-amz-grant-read",
    "s3:x-amz-grant-read-acp",
    "s3:x-amz-grant-write",
    "s3:x-amz-grant-write-acp",
    "s3:x-amz-metadata-directive",
    "s3:x-amz-object-ownership",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-customer-algorithm",
    "s3:x-amz-storage-class",
    "s3:x-amz-website-redirect-location",
    "sns:endpoint",
    "sns:protocol",
    "sts:rolesessionname",
    "sts:sourceidentity",
    "sts:transitivetagkeys",
    "aws:requesttag/",
)
_FREE_OF_THE_SIGNED = ("aws:principaltag/", "aws:username", "aws:tokenissuetime")
# What only the owner of the resource has set.
_OF_THE_RESOURCE = (
    "aws:resourcetag/",
    "s3:existingobjecttag/",
    "s3:buckettag/",
    "iam:resourcetag/",
    "ec2:resourcetag/",
)


def free(text: str, is_pattern: bool) -> Iterator[Option]:  # noqa: FBT001  as Choice.fit is called
    """Yield what a caller may write to meet a text of a policy."""
    yield Option(Known((filled(text) if is_pattern else text,)))
    if is_pattern and has_wildcard(text):
        yield Option(Known((filled(text, ""),)))


def doubtful(doubt: str) -> Callable[[str, bool], Iterable[Option]]:
    """Return a `fit` by which a caller has a value that a policy names only if a doubt is resolved so.

    `{}` in `doubt` stands for the text.
    """

    def fit(text: str, is_pattern: bool) -> Iterator[Option]:  # noqa: FBT001  as Choice.fit is called
        if is_pattern and is_wildcard(text):
            return
        yield Option(Known((filled(text) if is_pattern else text,)), doubt.replace("{}", text[:60]))

    return fit


def guessed(text: str, is_pattern: bool) -> Iterator[Option]:  # noqa: FBT001  as Choice.fit is called
    """Yield what meets a pattern of a policy that is not secret as a whole; nothing for a text without a wildcard."""
    if is_pattern and has_wildcard(text):
        known = None if is_wildcard(text) else f"who knows the part of {text[:60]} that is fixed"
        yield Option(Known((filled(text),)), known)


def _chosen(*values: str | None) -> Choice:
    return Choice(tuple(Option(ABSENT if value is None else Known((value,))) for value in values))


def _addresses(text: str, is_pattern: bool) -> Iterator[Option]:  # noqa: FBT001  as Choice.fit is called
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        # An operator of texts compares an address as it is written.
        if is_pattern and has_wildcard(text) and not is_wildcard(text):
            yield Option(Known((filled(text),)), f"who has the addresses {text[:60]}")
        return
    address = str(network[min(1, network.num_addresses - 1)])
    broad = network.prefixlen < _BROAD_PREFIXES[network.version]
    yield Option(Known((address,)), None if broad else f"who has the addresses {network}")


def environment(*, signed: bool) -> Mapping[str, KeyState]:
    """Return the keys that are the same for every caller: how, when and from where it asks.

    A caller waits as long as it likes, so a moment that a policy begins at keeps nobody out, and whether one that it
    ends at has passed is not known here: checks have no clock.
    """
    return _environment(signed)


@lru_cache(2)
def _environment(signed: bool) -> Mapping[str, KeyState]:  # noqa: FBT001  a cache by position
    free_keys = _FREE + (_FREE_OF_THE_SIGNED if signed else ())
    later = Option(Known(("2999-01-01T00:00:00Z",)))
    now = Choice((later,), doubtful("whether it is the time that the policy names"))
    states: dict[str, KeyState] = {
        **dict.fromkeys(free_keys, Choice((Option(ABSENT), Option(Known(("any0",)))), free)),
        **{key: Unknown(f"what {key} is on the resource") for key in _OF_THE_RESOURCE},
        "aws:currenttime": now,
        "aws:epochtime": Choice(
            (Option(Known(("32472144000",))),), doubtful("whether it is the time that the policy names")
        ),
        "aws:securetransport": _chosen("true", "false"),
        "aws:multifactorauthpresent": _chosen(None, "true", "false") if signed else ABSENT,
        "aws:sourceip": Choice((Option(ABSENT), *(Option(Known((item,))) for item in _ADDRESSES)), _addresses),
        "aws:vpcsourceip": Choice((Option(ABSENT), Option(Known(("10.0.0.9",)))), free),
        "aws:viaawsservice": _chosen("false", "true") if signed else Known(("false",)),
        "s3:x-amz-server-side-encryption-aws-kms-key-id": Choice(
            (Option(ABSENT), Option(Known(("any0",)))), doubtful("who may use the key {}")
        ),
        "sts:externalid": Choice(
            (Option(ABSENT), Option(Known(("any0",)))), doubtful("who knows the external id that is demanded")
        ),
    }
    return MappingProxyType(states)


def networks(*, named: bool) -> Mapping[str, KeyState]:
    """Return the keys of VPCs and endpoints of a caller: its own, or with `named`, perhaps those that a policy names.

    To AWS a fixed VPC or endpoint makes a policy not public; whose it is, is another question.
    """
    return _networks(named)


@lru_cache(2)
def _networks(named: bool) -> Mapping[str, KeyState]:  # noqa: FBT001  a cache by position
    fit = doubtful("whose {} is") if named else None
    own = {"aws:sourcevpc": "vpc-0fa8d2b91c3e7a640", "aws:sourcevpce": "vpce-0fa8d2b91c3e7a640"}
    return MappingProxyType(
        {
            key: Choice((Option(ABSENT), Option(Known((own.get(key, "any0"),)))), _own_network(fit))
            for key in NETWORK_KEYS
        }
    )


def _own_network(named: Callable[[str, bool], Iterable[Option]] | None) -> Callable[[str, bool], Iterable[Option]]:
    def fit(text: str, is_pattern: bool) -> Iterator[Option]:  # noqa: FBT001  as Choice.fit is called
        if is_pattern and re.fullmatch(r"(?:vpce?-)?\*+", text):
            yield Option(Known((filled(text),)))
        elif named is not None:
            yield from named(text, is_pattern)

    return fit


def organizations(generic: str, *, may_be: Callable[[str], bool] = lambda _: False) -> Choice:
    """Return the organization of an account outside: none, or another; `may_be` says of a named one whether it may be.

    A text with a wildcard in the id may be the organization of anybody who is lucky with the id.
    """

    def fit(text: str, is_pattern: bool) -> Iterator[Option]:  # noqa: FBT001  as Choice.fit is called
        id_, slash, path = text.partition("/")
        if is_pattern and has_wildcard(id_):
            if re.fullmatch(r"(?:o-)?\*+", id_):
                yield Option(Known((generic + (filled(slash + path)),)))
            else:
                yield Option(Known((filled(text),)), f"whether another organization has an id like {id_[:60]}")
        elif may_be(id_):
            yield Option(Known((filled(text) if is_pattern else text,)))

    return Choice((Option(ABSENT), Option(Known((generic,))), Option(Known((f"{generic}/r-ab12/",)))), fit)


def arns(account: str, generic: Iterable[str], services: frozenset[str] | None = None) -> Choice:
    """Return the ARNs of an account that meet a text of a policy; `services` limits the third field.

    An ARN without account, such as a bucket's, may be anybody's: whose it is, is a doubt unless its name is open.
    """

    def fit(text: str, is_pattern: bool) -> Iterator[Option]:  # noqa: FBT001  as Choice.fit is called
        fields = text.split(":", _ARN_FIELDS - 1)
        if is_pattern and len(fields) < _ARN_FIELDS and fields[-1].endswith("*"):
            fields += ["*"] * (_ARN_FIELDS - len(fields))
        if is_pattern and services is not None:
            # A star of StringLike may stand for several fields at once.
            for item in ("any0", ""):
                resource = filled(text.rpartition(":")[2], item)
                yield Option(Known((f"arn:aws:{min(services)}::{account}:{resource}",)))
        if len(fields) < _ARN_FIELDS or fields[0] not in ("arn", "*"):
            return
        if services is not None and not any(_fits(fields[2], name, is_pattern) for name in services):
            return
        owner = fields[_ACCOUNT_FIELD]
        made = ["arn", *(filled(item) if is_pattern else item for item in fields[1:])]
        made[1] = "aws" if has_wildcard(fields[1]) else fields[1]
        if services is not None and has_wildcard(fields[2]):
            made[2] = min(services)
            made[3] = ""
        if owner == "":
            named = not (is_pattern and is_wildcard(fields[5].rstrip("/")))
            yield Option(Known((":".join(made),)), f"whose {text[:60]} is" if named else None)
        elif _fits(owner, account, is_pattern):
            made[_ACCOUNT_FIELD] = account
            yield Option(Known((":".join(made),)))

    return Choice(tuple(Option(Known((arn,))) for arn in generic), fit)


def _fits(pattern: str, text: str, is_pattern: bool) -> bool:  # noqa: FBT001  as Choice.fit is called
    return matches(pattern, text) if is_pattern else pattern == text
