"""Botocore's data, cut to what is declared: what stays is what botocore has, and nothing else can be called."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.session import Session

from collector.setup.loading import connector
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.service_models import declared_loader

connector("aws")
LISTS = {call for collection in aws.collections.values() for call in collection.calls}
PARTS = {call for parts in aws.parts.values() for part in parts for call in part.calls}
DECLARED = sorted(call for call in LISTS | PARTS if ":" in call)


def described(shape: Shape | None, seen: tuple[str, ...] = ()) -> Any:
    """Return everything that botocore reads of a shape, with the shapes inside it."""
    if shape is None or shape.name in seen:
        return None if shape is None else shape.name
    inner = (*seen, shape.name)
    members = {name: described(member, inner) for name, member in getattr(shape, "members", {}).items()}
    for name in ("member", "key", "value"):
        if isinstance(below := getattr(shape, name, None), Shape):
            members[name] = described(below, inner)
    return shape.name, shape.type_name, shape.serialization, {**shape.metadata}, members


def operation(loader: Loader, call: str) -> Any:
    """Return everything that botocore reads of an operation."""
    service, _, name = call.partition(":")
    model = ServiceModel(loader.load_service_model(service, "service-2"), service).operation_model(name)
    return (
        model.http,
        {name: value for name, value in model.metadata.items() if not name.startswith("protocol")},
        described(model.input_shape),
        described(model.output_shape),
        [described(shape) for shape in model.error_shapes],
        model.endpoint,
        model.http_checksum,
        model.static_context_parameters,
    )


@pytest.mark.parametrize("service", sorted({call.partition(":")[0] for call in DECLARED}))
def test_no_service_is_spoken_to_in_cbor(cut: Loader, whole: Loader, service: str) -> None:
    """What an answer lacks is looked for in JSON and XML, and a service of both has JSON as well."""
    chosen, own = (ServiceModel(loader.load_service_model(service, "service-2"), service) for loader in (cut, whole))

    assert "cbor" not in chosen.resolved_protocol
    assert chosen.resolved_protocol in own.metadata.get("protocols", [own.protocol])


@pytest.fixture(scope="module")
def whole() -> Loader:
    """Return botocore's own loader."""
    return Loader()


@pytest.fixture(scope="module")
def cut() -> Loader:
    """Return the loader of the operations that the connector declares."""
    return declared_loader(DECLARED)


@pytest.mark.parametrize("call", DECLARED)
def test_a_declared_operation_is_as_botocore_has_it(whole: Loader, cut: Loader, call: str) -> None:
    """A missing shape would leave fields out of an answer, and a view would read them as not set."""
    assert operation(cut, call) == operation(whole, call)


def test_a_client_has_no_other_operation(cut: Loader) -> None:
    """What is not declared cannot be called by mistake, least of all what changes something."""
    session = Session()
    session.register_component("data_loader", cut)
    client = session.create_client("ec2", region_name="eu-central-1")

    declared = {call.partition(":")[2] for call in DECLARED if call.startswith("ec2:")}
    assert set(client.meta.method_to_api_mapping.values()) == declared
    assert not hasattr(client, "terminate_instances")


def test_other_services_are_whole(cut: Loader, whole: Loader) -> None:
    """Botocore's providers of credentials call services of which nothing is declared."""
    assert cut.load_service_model("sso", "service-2") == whole.load_service_model("sso", "service-2")


@pytest.mark.parametrize("service", sorted({call.partition(":")[0] for call in DECLARED}))
def test_every_error_of_a_service_can_be_read(cut: Loader, service: str) -> None:
    """Botocore looks through all shapes for that of an error; to some services it adds members of requests."""
    model = ServiceModel(cut.load_service_model(service, "service-2"), service)

    assert all(shape.metadata.get("exception") for shape in model.error_shapes)
    assert {model.shape_for(name).name for name in model.shape_names} == set(model.shape_names)
