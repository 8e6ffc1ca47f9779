"""Services of Cloud Run and functions, with who may call them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.environments import suspects
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._iam.policies import Policy
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import last_of
from connectors.gcp._sdk.unused import off

RUN_LOCATIONS = Operation("run", "v1", "run.projects.locations.list")
SERVICES = Operation("run", "v2", "run.projects.locations.services.list")
SERVICE = Operation("run", "v2", "run.projects.locations.services.get")
SERVICE_POLICY = Operation("run", "v2", "run.projects.locations.services.getIamPolicy")
FUNCTIONS = Operation("cloudfunctions", "v2", "cloudfunctions.projects.locations.functions.list")
FUNCTION_POLICY = Operation("cloudfunctions", "v2", "cloudfunctions.projects.locations.functions.getIamPolicy")

SECOND_GENERATION = "GEN_2"


class ImageAdmission(Struct, frozen=True, kw_only=True, rename="camel"):
    """By which policy of Binary Authorization images are admitted; neither: by none."""

    use_default: bool = False  # by that of the project
    policy: str = ""  # by one of its own


@resource(
    "gcp.run.service",
    key="name",
    volatile=("etag", "updateTime"),
    redact=("template.containers.env.value",),
)
class Service(Struct, frozen=True, kw_only=True, rename="camel"):
    """A service of Cloud Run. Google leaves out what is false."""

    name: str
    policy: Policy
    ingress: str
    plain_variables: int
    suspect_variables: tuple[str, ...]  # those that look like a secret; no value is kept
    invoker_iam_disabled: bool = False  # everybody may call it, whatever the policy says
    binary_authorization: ImageAdmission = ImageAdmission()


@gcp.collects(
    Service,
    at="project",
    call=(RUN_LOCATIONS.id, SERVICES.id),
    permissions=("run.locations.list", "run.services.list"),
    unused=off("run.googleapis.com"),
)
def services(client: GoogleCloud) -> Iterator[Body]:
    for location in client.locations(RUN_LOCATIONS):
        parent = f"{client.name}/locations/{last_of(location)}"
        for service in client.google.pages(SERVICES, key="services", parent=parent, pageSize=100):
            containers = service["template"].get("containers", [])
            env = [
                (each["name"], each.get("value", "")) for container in containers for each in container.get("env", [])
            ]
            yield {**service, **_variables(env)}


@gcp.part(Service, "policy", call=SERVICE_POLICY.id, permissions="run.services.getIamPolicy")
def service_policy(client: GoogleCloud, service: Body) -> Any:
    return _policy(client, SERVICE_POLICY, service["name"])


class Invoked(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who may call a function. Google leaves out what is false."""

    policy: Policy
    invoker_iam_disabled: bool = False


@resource(
    "gcp.functions.function",
    key="name",
    volatile=("updateTime",),
    redact=("serviceConfig.environmentVariables.*", "buildConfig.environmentVariables.*"),
)
class Function(Struct, frozen=True, kw_only=True, rename="camel"):
    """A function, of either generation."""

    name: str
    environment: str
    invokers: Invoked
    plain_variables: int
    suspect_variables: tuple[str, ...]  # those that look like a secret; no value is kept
    event_trigger: dict[str, Any] | None = None  # left out where it is called by HTTP


@gcp.collects(
    Function,
    at="project",
    call=FUNCTIONS.id,
    permissions="cloudfunctions.functions.list",
    unused=off("cloudfunctions.googleapis.com"),
)
def functions(client: GoogleCloud) -> Iterator[Body]:
    parent = f"{client.name}/locations/-"
    for function in client.google.pages(FUNCTIONS, key="functions", parent=parent, pageSize=1000):
        configs = (function.get("serviceConfig", {}), function.get("buildConfig", {}))
        env = [pair for config in configs for pair in config.get("environmentVariables", {}).items()]
        yield {**function, **_variables(env)}


@gcp.part(
    Function,
    "invokers",
    call=(FUNCTION_POLICY.id, SERVICE.id, SERVICE_POLICY.id),
    permissions=("cloudfunctions.functions.getIamPolicy", "run.services.get", "run.services.getIamPolicy"),
)
def invokers(client: GoogleCloud, function: Body) -> Any:
    if function["environment"] != SECOND_GENERATION:
        return {"policy": _policy(client, FUNCTION_POLICY, function["name"])}
    # A function of the second generation is called as a service of Cloud Run, by the policy of that.
    service = function["serviceConfig"]["service"]
    found = client.google.ask(SERVICE, name=service)
    found["uid"]  # every service has one; an answer without it is one to something else
    return {
        "policy": _policy(client, SERVICE_POLICY, service),
        "invokerIamDisabled": found.get("invokerIamDisabled", False),
    }


def _variables(env: list[tuple[str, str]]) -> Body:
    return {"plainVariables": sum(1 for _, value in env if value), "suspectVariables": suspects(env)}


def _policy(client: GoogleCloud, operation: Operation, resource_: str) -> Body:
    return client.policy(operation, resource=resource_, options_requestedPolicyVersion=3)
