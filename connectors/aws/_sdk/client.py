"""The client that collections of AWS use: calls of API operations in one account or region, and complete lists."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from collector.core.errors import Unexpected
from collector.core.resources import Body
from collector.core.scopes import Scope
from collector.core.wire import Wire
from connectors.aws._sdk.errors import sdk_missing
from connectors.aws._sdk.settings import HOME_REGION, Settings
from connectors.aws._sdk.sign_in import SignIn
from connectors.aws._sdk.wire_hooks import requests_for

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_CALL = "(no call)"
"""The call of a collection that sends no request: it lists one resource, and each part has a call of its own."""

_MAX_PAGES = 10_000
# Operations of which botocore has no data on pages; the members are those of its model.
_NOT_IN_BOTOCORE = {
    ("s3control", "ListAccessPoints"): {"input_token": "NextToken", "output_token": "NextToken"},
    ("s3control", "ListMultiRegionAccessPoints"): {"input_token": "NextToken", "output_token": "NextToken"},
    ("secretsmanager", "ListSecretVersionIds"): {"input_token": "NextToken", "output_token": "NextToken"},
    ("ssm", "DescribeDocumentPermission"): {"input_token": "NextToken", "output_token": "NextToken"},
    ("wafv2", "ListLoggingConfigurations"): {"input_token": "NextMarker", "output_token": "NextMarker"},
    ("wafv2", "ListWebACLs"): {"input_token": "NextMarker", "output_token": "NextMarker"},
}

T = TypeVar("T")

Declared = Callable[[], Iterable[str]]
"""Returns the operations that a connector declares, as `service:Operation`."""

# One sign-in serves all accounts and regions of a source, and is dropped with the last client that uses it.
_SIGN_INS: weakref.WeakValueDictionary[tuple[Settings, Declared | None], SignIn] = weakref.WeakValueDictionary()
_SIGN_INS_LOCK = threading.Lock()


class Account:
    """Calls in one account, one of its regions, or the source as a whole. Safe for several threads."""

    def __init__(self, settings: Settings, scope: Scope, wire: Wire, sign_in: SignIn) -> None:
        self.settings = settings
        self.scope = scope
        self.wire = wire
        self._sign_in = sign_in
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._results: dict[str, Future[Any]] = {}

    @property
    def id(self) -> str:
        """The account's id. Raises IndexError at the source, which has none."""
        return self.scope[0]

    @property
    def region(self) -> str:
        """The region of the scope; without one, the region in which a partition's global services are called."""
        return self.scope[1] if len(self.scope) > 1 else HOME_REGION[self.settings.partition]

    def identity(self) -> str:
        """Return the ARN of the identity that calls are made with (sts:GetCallerIdentity)."""
        arn: str = self.call("sts", "GetCallerIdentity")["Arn"]
        return arn

    def call(
        self, service: str, operation: str, *, region: str | None = None, having: str | None = None, **params: Any
    ) -> Body:
        """Return one answer of an API operation as botocore parses it, without ResponseMetadata.

        `service` and `operation` are named as in the AWS API reference; `params` are the operation's own. Raises what
        botocore raises, ConnectorError, and Unexpected for an answer without the member at the dotted path `having`:
        botocore gives an empty object where there is nothing, and a view would read that as off.
        """
        answer: Body = getattr(self._client(service, region or self.region), _method(operation))(**params)
        answer.pop("ResponseMetadata", None)
        if having is not None and _value_at(answer, having) is None:
            raise Unexpected(f"{service}:{operation} was answered without {having}")
        return answer

    def value(self, service: str, operation: str, path: str, *, region: str | None = None, **params: Any) -> Any:
        """Return what an answer has at a dotted path. Raises as `call`, with the path as `having`."""
        return _value_at(self.call(service, operation, region=region, having=path, **params), path)

    def pages(
        self,
        service: str,
        operation: str,
        key: str,
        *,
        region: str | None = None,
        count: str | None = None,
        **params: Any,
    ) -> Iterator[Any]:
        """Yield every item at the dotted path `key` of the pages of an operation, by botocore's data on page tokens.

        Raises Unexpected where a page token repeats, where a page says that there are more without a token, and where
        a page lacks the key; not where the number at the dotted path `count` says that there is nothing to list.
        """
        for page in self.answers(service, operation, region=region, **params):
            items = _value_at(page, key)
            if items is None and (count is None or _value_at(page, count) != 0):
                raise Unexpected(f"{service}:{operation} was answered without {key}")
            yield from items or ()

    def answers(self, service: str, operation: str, *, region: str | None = None, **params: Any) -> Iterator[Body]:
        """Yield the pages of an operation as a whole, where they list several things. Raises as `pages` for tokens."""
        paging = self._paging(service, operation)
        inputs, outputs = _as_list(paging["input_token"]), _as_list(paging["output_token"])
        where = {} if region is None else {"region": region}
        tokens: dict[str, Any] = {}
        used_tokens: set[tuple[tuple[str, Any], ...]] = set()
        for _ in range(_MAX_PAGES):
            page = self.call(service, operation, **where, **params, **tokens)
            yield page
            next_tokens = zip(inputs, (_value_at(page, output) for output in outputs), strict=True)
            tokens = {name: token for name, token in next_tokens if token not in (None, "")}
            # Where AWS leaves the flag out, a token still says that there is more.
            flag = _value_at(page, paging["more_results"]) if "more_results" in paging else None
            if not (bool(tokens) if flag is None else flag):
                return
            if not tokens:
                raise Unexpected(f"{service}:{operation} says that there is more and not where it goes on")
            used = tuple(tokens.items())
            if used in used_tokens:
                raise Unexpected(f"{service}:{operation}: the platform repeated a page token")
            used_tokens.add(used)
        raise Unexpected(f"{service}:{operation} has more than {_MAX_PAGES} pages")

    def once(self, name: str, read: Callable[[], T]) -> T:
        """Return what is read under a name, once for all who ask at the same time and later; an error is not kept."""
        with self._lock:
            asked = self._results.get(name)
            made: Future[T] = asked or self._results.setdefault(name, Future())
        if asked is None:
            try:
                made.set_result(read())
            except BaseException as error:
                with self._lock:
                    del self._results[name]
                made.set_exception(error)
                raise
        return made.result()

    def close(self) -> None:
        """Close the connections of every client."""
        with self._lock:
            clients = list(self._clients.values())
            self._clients.clear()
        for client in clients:
            client.close()

    def _client(self, service: str, region: str) -> Any:
        with self._lock:
            if (service, region) not in self._clients:
                with requests_for(self.wire):
                    if self._session is None:
                        self._session = self._sign_in.session(self.scope[0] if self.scope else None, self.wire)
                    self._clients[service, region] = self._sign_in.client(self._session, service, region)
            return self._clients[service, region]

    def _paging(self, service: str, operation: str) -> dict[str, Any]:
        if (service, operation) in _NOT_IN_BOTOCORE:
            return dict(_NOT_IN_BOTOCORE[service, operation])
        paging: dict[str, Any] = self._sign_in.loader.load_service_model(service, "paginators-1")["pagination"][
            operation
        ]
        return paging


def connect(settings: Settings, scope: Scope, wire: Wire, *, declared: Declared | None = None) -> Account:
    """Return the client of a scope without sending a request. Raises ConfigError where boto3 is not installed.

    With `declared`, no other operation can be called in the services of those that it returns.
    """
    with _SIGN_INS_LOCK:
        sign_in = _SIGN_INS.get((settings, declared))
        if sign_in is None:
            try:
                sign_in = SignIn(settings, declared() if declared is not None else ())
            except ImportError as error:
                raise sdk_missing(error) from error
            _SIGN_INS[settings, declared] = sign_in
    return Account(settings, scope, wire, sign_in)


def _as_list(names: str | list[str]) -> list[str]:
    return names if isinstance(names, list) else [names]


def _value_at(page: Body, path: str) -> Any:
    """Return the value at a dotted path in an answer; None where there is none."""
    value: Any = page
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _method(operation: str) -> str:
    from botocore import xform_name  # noqa: PLC0415  the SDK is imported only when it is used

    name: str = xform_name(operation)
    return name
