"""What the answer to an operation looks like, by botocore's model: what botocore itself would read as empty is refused.

botocore takes an empty body, JSON that is cut, and XML of another document for an answer with nothing in it, and a view
would read that as off, none or never.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from collector.core.errors import Denied, Unavailable, Unexpected

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST_ELEMENT = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?<(?:\w+:)?(\w+)[^>]*>")
_REFUSALS = frozenset({401, 403})
_FIRST_ERROR = 400
_FIRST_SERVER_ERROR = 500
_MOST_OF_A_PREFIX = 4096

# The root elements that botocore's model does not name: of operations whose members are in the root itself.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
_S3_ROOTS = {
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "ListBuckets": "ListAllMyBucketsResult",
}


@dataclass(frozen=True)
class AnswerShape:
    """How a success is written: `root` and `wrapper` are XML elements, one in the other; None where none is known."""

    has_body: bool
    is_json: bool
    root: str | None
    wrapper: str | None

    def require(self, operation: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Raise Unexpected, Unavailable or Denied where botocore would misread the answer."""
        _refuse_web_page(operation, status, body)
        if status in _REFUSALS and not body.strip():
            # botocore cannot read such an error of every service.
            raise Denied(f"AWS answered {status} to {operation} and nothing else", code=str(status))
        if status < _FIRST_ERROR and self.has_body:
            self._require_success(operation, status, headers, body)

    def _require_success(self, operation: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        if not body.strip():
            raise Unexpected(f"{operation} was answered with status {status} and nothing else")
        if headers.get("content-type", "").startswith("text/html"):
            raise Unexpected(f"{operation} was answered with what is called a web page, not by AWS")
        if self.is_json and not _is_object(body):
            raise Unexpected(f"{operation} was answered with something that is no JSON object")
        if self.root is not None:
            first = _FIRST_ELEMENT.match(body)
            if first is None or first[1].decode() not in {self.root, "Error"}:  # S3 has errors with the status 200
                raise Unexpected(f"{operation} was answered without the element {self.root}")
            if self.wrapper is not None and not _begins(self.wrapper, body[:_MOST_OF_A_PREFIX]):
                raise Unexpected(f"{operation} was answered without the element {self.wrapper}")


def shape_of(model: Any) -> AnswerShape:
    """Return the shape of an operation's answers by botocore's model of it."""
    output, protocol = model.output_shape, model.service_model.protocol
    members = {} if output is None else output.members
    root = wrapper = None
    match protocol:
        case "query":
            root, wrapper = f"{model.name}Response", None if output is None else output.serialization["resultWrapper"]
        case "ec2":
            root = f"{model.name}Response"
        case "rest-xml":
            payload = None if output is None else output.serialization.get("payload")
            if payload is None:
                root = _S3_ROOTS.get(model.name)
            elif members[payload].type_name == "structure":
                root = members[payload].serialization.get("name", payload)
    return AnswerShape(
        has_body=any("location" not in member.serialization for member in members.values()),
        is_json=protocol in {"json", "rest-json"},
        root=root,
        wrapper=wrapper,
    )


def _begins(element: str, text: bytes) -> bool:
    """Whether an element begins in an XML text, with a prefix of its namespace or without."""
    return re.search(rb"<(?:\w+:)?" + re.escape(element.encode()) + rb"[\s/>]", text) is not None


def _is_object(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return False
    return True


def _refuse_web_page(operation: str, status: int, body: bytes) -> None:
    """Raise for a web page of a proxy or a wrong address, which botocore might parse to an empty list."""
    if not body.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        return
    kind = Unavailable if status >= _FIRST_SERVER_ERROR else Unexpected
    raise kind(
        f"{operation} was answered with a web page (status {status}), not by AWS",
        mend="look at the proxy of this machine and at endpoint_url in the source",
    )
