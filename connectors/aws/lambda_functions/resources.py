"""Lambda: functions, with the policies of each, of its versions and of its aliases, and the URLs that it has.

The code, and the address at which AWS gives it (lambda:GetFunction), is never asked for.
https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.environments import suspects
from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.errors import explain

_PAGE_SIZE = 50
_NONE = "ResourceNotFoundException"
_LATEST = "$LATEST"


class QualifiedPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The policy of a version or an alias."""

    qualifier: str
    policy: str


class FunctionUrl(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A URL of a function or of one of its aliases."""

    function_arn: str  # that of an alias has its name at the end
    auth_type: str  # NONE or AWS_IAM


class Layer(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A layer of code that a function uses."""

    arn: str


@resource(
    "aws.lambda.function",
    key="FunctionName",
    redact=("Environment.Variables.*", "Description"),
)
class Function(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A function. None means that AWS says that there is no such thing."""

    function_name: str
    function_arn: str
    runtime: str | None = None  # None: an image, which has its runtime in it
    package_type: str = "Zip"  # AWS's own default
    layers: tuple[Layer, ...] = ()
    plain: int | None = None  # variables of its environment; None: AWS did not give them, or they were not counted yet
    suspects: tuple[str, ...] = ()  # the names of those that look like secrets
    policy: str | None
    qualified: tuple[QualifiedPolicy, ...]
    urls: tuple[FunctionUrl, ...]


@aws.collects(Function, at="region", call="lambda:ListFunctions", permissions="lambda:ListFunctions")
def functions(account: Account) -> Iterator[Body]:
    for function in account.pages("lambda", "ListFunctions", "Functions", MaxItems=_PAGE_SIZE):
        environment = function.get("Environment", {})
        variables = environment.get("Variables", {})
        # AWS gives an error in their place where it may not decrypt them.
        counted = None if environment.get("Error") else len(variables)
        yield {**function, "Plain": counted, "Suspects": suspects(variables.items())}


@aws.part(Function, "Policy", call="lambda:GetPolicy", permissions="lambda:GetPolicy", absent=_NONE)
def function_policy(account: Account, function: Body) -> Any:
    return account.value("lambda", "GetPolicy", "Policy", FunctionName=function["FunctionName"])


@aws.part(
    Function,
    "Qualified",
    call=("lambda:ListVersionsByFunction", "lambda:ListAliases", "lambda:GetPolicy"),
    permissions=("lambda:ListVersionsByFunction", "lambda:ListAliases", "lambda:GetPolicy"),
)
def qualified_policies(account: Account, function: Body) -> Any:
    name = function["FunctionName"]
    versions = account.pages("lambda", "ListVersionsByFunction", "Versions", FunctionName=name, MaxItems=_PAGE_SIZE)
    aliases = account.pages("lambda", "ListAliases", "Aliases", FunctionName=name, MaxItems=_PAGE_SIZE)
    qualifiers = [version["Version"] for version in versions if version["Version"] != _LATEST]
    qualifiers += [alias["Name"] for alias in aliases]
    policies = ((qualifier, _policy_of(account, name, qualifier)) for qualifier in qualifiers)
    return [{"Qualifier": qualifier, "Policy": policy} for qualifier, policy in policies if policy is not None]


def _policy_of(account: Account, name: str, qualifier: str) -> str | None:
    """Return the policy of a version or an alias; None where it has none. Raises as the call, for anything else."""
    try:
        policy: str = account.value("lambda", "GetPolicy", "Policy", FunctionName=name, Qualifier=qualifier)
    except Exception as error:
        failure = explain(error)
        if failure is None or failure.code != _NONE:
            raise
        return None
    return policy


@aws.part(Function, "Urls", call="lambda:ListFunctionUrlConfigs", permissions="lambda:ListFunctionUrlConfigs")
def function_urls(account: Account, function: Body) -> Any:
    listed = account.pages(
        "lambda",
        "ListFunctionUrlConfigs",
        "FunctionUrlConfigs",
        FunctionName=function["FunctionName"],
        MaxItems=_PAGE_SIZE,
    )
    return [{"FunctionArn": url["FunctionArn"], "AuthType": url["AuthType"]} for url in listed]
