"""AWS's wire formats by botocore's service models: recognises calls, and writes answers that the SDK parses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from xml.sax.saxutils import escape

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, Shape, StructureShape
from moto.core.model import OperationModel, ServiceModel
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

from collector.demo.in_process import Environ, StartResponse, body_of

REQUEST_ID = "00000000-0000-4000-8000-000000000000"
# moto's header for the account, which the seeding sends; real calls do not have it.
ACCOUNT_HEADER = "x-moto-account-id"

# S3 reads that share a path and a flag with another operation; the SDK calls these ones.
_OLDER = frozenset(
    {
        "GetBucketLifecycle",
        "GetBucketNotification",
        "ListDirectoryBuckets",
        "PutBucketLifecycle",
        "PutBucketNotification",
    }
)
_CLASSIC_BALANCERS = b"Version=2012-06-01"
# What a service calls itself in a signature, where that differs from the name of its model.
_SIGNED_AS = {
    "access-analyzer": "accessanalyzer",
    "elasticfilesystem": "efs",
    "es": "opensearch",
    "monitoring": "cloudwatch",
    "s3express": "s3",
    "tagging": "resourcegroupstaggingapi",
}
_SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request")


@dataclass(frozen=True)
class Call:
    """A recognised request; the operation is empty where the models do not have it."""

    service: str
    operation: str
    region: str
    access_key: str
    account: str | None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """The HTTP response to a call."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def __call__(self, start_response: StartResponse) -> list[bytes]:
        """Send the response as a WSGI application does."""
        start_response(f"{self.status} -", [*self.headers, ("Content-Length", str(len(self.body)))])
        return [self.body]


class NotInTheModel(ValueError):
    """An answer has a member that AWS's model does not have, or a value of another type."""


@cache
def model(service: str) -> ServiceModel:
    """Return the service model that the SDK uses."""
    return get_service_model(service)


def protocol_of(service: str) -> str:
    """Return the protocol of a service, JSON where it is one of several; that of IAM where there is no such service."""
    service = _SIGNED_AS.get(service, service)
    if service not in _services():
        return "query"
    described = model(service)
    return "json" if "json" in described.metadata.get("protocols", ()) else described.protocol


@cache
def _services() -> frozenset[str]:
    return frozenset(Loader().list_available_services("service-2"))


def operation_model(service: str, operation: str) -> OperationModel:
    """Return the model of an operation."""
    described: OperationModel = model(service).operation_model(operation)
    return described


def recognise(environ: Environ) -> Call | None:
    """Return the call that a signed request is, None for an unsigned one. The body can be read again afterwards."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None:
        return None
    access_key, region, service = scope.groups()
    path = environ.get("PATH_INFO", "/")
    if service == "s3" and path.startswith("/v20180820/"):  # S3 Control signs as S3, and is told by its version
        service = "s3control"
    if service == "apigateway" and path.startswith("/v2/"):
        service = "apigatewayv2"  # it signs as the older one does
    if service == "sso" and environ.get("HTTP_X_AMZ_TARGET", "").startswith("SWBExternalService."):
        service = "sso-admin"  # it signs as the portal does
    is_of_directories = service == "s3express"  # the same API, for directory buckets
    service = _SIGNED_AS.get(service, service)
    body = body_of(environ)
    if service == "elasticloadbalancing":  # classic ones and others sign alike, and are told by their version
        service = "elb" if _CLASSIC_BALANCERS in body else "elbv2"
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    query = environ.get("QUERY_STRING", "")
    params: Mapping[str, Any]
    if target:
        operation, params = target.rpartition(".")[2], _json(body)
    elif "x-www-form-urlencoded" in environ.get("CONTENT_TYPE", ""):
        params = dict(parse_qsl(body.decode(), keep_blank_values=True))
        operation = params.get("Action", "")
    else:
        operation, bucket = _by_path(service, environ["REQUEST_METHOD"], path, query)
        operation = "ListDirectoryBuckets" if is_of_directories and operation == "ListBuckets" else operation
        params = bucket | dict(parse_qsl(query, keep_blank_values=True)) | _json(body)
    account = environ.get("HTTP_" + ACCOUNT_HEADER.upper().replace("-", "_"))
    return Call(service, operation, region, access_key, account, params)


def _json(body: bytes) -> dict[str, Any]:
    if not body.startswith(b"{"):
        return {}
    loaded: dict[str, Any] = json.loads(body)
    return loaded


def _by_path(service: str, method: str, path: str, query: str) -> tuple[str, dict[str, str]]:
    """Return operation and path parameters of a REST request: of those that match, of the one that says most of it.

    That is the one with most query flags, and of several the one with most text of its own in the path.
    """
    flags = parse_qs(query, keep_blank_values=True)
    best, most = "", (-1, -1)
    params: dict[str, str] = {}
    for name, pattern, wanted, text in _routes(service, method):
        fits = pattern.fullmatch(path)
        says = len(wanted), text
        if fits is not None and wanted.items() <= {k: v[0] for k, v in flags.items()}.items() and says > most:
            best, most, params = name, says, fits.groupdict()
    return best, {name: value for name, value in params.items() if value}


@cache
def _routes(service: str, method: str) -> list[tuple[str, re.Pattern[str], dict[str, str], int]]:
    """Return the operations of a service: name, path, query flags, and the length of the path's own text."""
    routes = []
    for name in model(service).operation_names if service in _rest_services() else ():
        http = operation_model(service, name).http
        uri = urlsplit(http["requestUri"])
        if http["method"] == method and name not in _OLDER:
            path = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", uri.path)
            path = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
            text = len(re.sub(r"\{\w+\+?\}", "", uri.path))
            routes.append((name, re.compile(path + "/?"), dict(parse_qsl(uri.query, keep_blank_values=True)), text))
    return routes


@cache
def _rest_services() -> frozenset[str]:
    """Return the REST services whose operations are recognised; calls of others go to moto without an operation."""
    return frozenset(
        {"s3", "s3control", "account", "cloudfront", "eks"}
        | {
            "accessanalyzer",
            "apigateway",
            "apigatewayv2",
            "backup",
            "efs",
            "guardduty",
            "inspector2",
            "lambda",
            "macie2",
            "opensearch",
            "securityhub",
        }
    )


def answer(service: str, operation: str, result: Mapping[str, Any]) -> Reply:
    """Return a result in the service's format. Raises NotInTheModel where it does not fit AWS's model."""
    described = operation_model(service, operation)
    if described.output_shape is not None:
        _validate(result, described.output_shape, operation)
    written = get_serializer_class(service, protocol_of(service))(described).serialize(dict(result))
    body = written["body"]
    headers = {**written["headers"], "x-amzn-RequestId": REQUEST_ID}
    return Reply(written["status_code"], tuple(headers.items()), body.encode() if isinstance(body, str) else body)


def _validate(value: object, shape: Shape, where: str) -> None:
    if isinstance(shape, StructureShape):
        if not isinstance(value, Mapping):
            raise NotInTheModel(f"{where} is a structure, not {value!r}")
        for name, member in value.items():
            if name not in shape.members:
                raise NotInTheModel(f"{where} has no member {name}; it has {', '.join(shape.members)}")
            _validate(member, shape.members[name], f"{where}.{name}")
    elif isinstance(shape, ListShape):
        if not isinstance(value, list | tuple):
            raise NotInTheModel(f"{where} is a list, not {value!r}")
        for number, member in enumerate(value):
            _validate(member, shape.member, f"{where}[{number}]")
    elif isinstance(shape, MapShape):
        if not isinstance(value, Mapping):
            raise NotInTheModel(f"{where} is a map, not {value!r}")
        for name, member in value.items():
            _validate(member, shape.value, f"{where}.{name}")
    else:
        _validate_scalar(value, shape, where)


_SCALARS: Mapping[str, tuple[type, ...]] = {"string": (str,), "boolean": (bool,), "integer": (int,), "long": (int,)}


def _validate_scalar(value: object, shape: Shape, where: str) -> None:
    wanted = _SCALARS.get(shape.type_name)
    if wanted is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
        raise NotInTheModel(f"{where} is a {shape.type_name}, not {value!r}")
    enum: list[str] | None = getattr(shape, "enum", None)
    if enum and value not in enum:
        raise NotInTheModel(f"{where} is one of {', '.join(enum)}, not {value!r}")


def refusal(service: str, code: str, message: str, *, status: int) -> Reply:
    """Return an error in the format of the service's protocol."""
    text, request = escape(message), f"<RequestId>{REQUEST_ID}</RequestId>"
    match protocol_of(service):
        case "json" | "rest-json":
            body = json.dumps({"__type": code, "message": message})
            kind = "application/x-amz-json-1.1"
        case "ec2":
            error = f"<Errors><Error><Code>{code}</Code><Message>{text}</Message></Error></Errors>"
            body, kind = f"<Response>{error}<RequestID>{REQUEST_ID}</RequestID></Response>", "text/xml"
        case "rest-xml" if service == "s3":
            body = f"<Error><Code>{code}</Code><Message>{text}</Message>{request}</Error>"
            kind = "application/xml"
        case _:
            error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>"
            body, kind = f"<ErrorResponse>{error}{request}</ErrorResponse>", "text/xml"
    headers = (("Content-Type", kind), ("x-amzn-RequestId", REQUEST_ID), ("x-amzn-ErrorType", code))
    return Reply(status, headers, body.encode())
