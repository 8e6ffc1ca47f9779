"""Hooks into botocore by which every HTTP attempt passes the wire: retries, redirects and sts:AssumeRole included."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collector.core.errors import ConnectorError, Unexpected
from collector.core.wire import Answer, Call, Exchange, Wire, tap_of
from connectors.aws._sdk.answer_shape import AnswerShape, shape_of
from connectors.aws._sdk.errors import is_throttled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.session import Session

# The wire of the scope that this thread works for. A role that is assumed during a call is recorded there too.
_WIRE: ContextVar[Wire] = ContextVar("annexd_aws_wire")
_CALL: ContextVar[Call] = ContextVar("annexd_aws_call")
_SHAPE: ContextVar[AnswerShape] = ContextVar("annexd_aws_answer_shape")
_PARAMS: ContextVar[Mapping[str, Any]] = ContextVar("annexd_aws_params")
_CALL_KEY = "annexd_call"
_PARAMS_KEY = "annexd_params"
_SHAPE_KEY = "annexd_answer_shape"
_CHUNK = 65_536
_MAX_VALUE_LENGTH = 128
_SECRETS = frozenset({"ExternalId"})


def hook_wire(session: Session, wire: Wire | None) -> None:
    """Make every client of a session use the wire; with None, the wire that `requests_for` or a call has set.

    A session without a wire of its own signs in: what it requests is no page of the list that it does so for.
    """

    def record_call(params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: object) -> None:
        if wire is not None:
            _WIRE.set(wire)
        operation = f"{model.service_model.service_name}:{model.name}"
        context[_CALL_KEY] = Call(operation, _recorded_params(params), aside=wire is None)
        context[_PARAMS_KEY] = params
        context[_SHAPE_KEY] = shape_of(model)

    # Signing may assume a role first, which is a call of its own; this runs after it, right before the request is sent.
    def start_request(request: Any, **_: object) -> None:
        _CALL.set(request.context[_CALL_KEY])
        _PARAMS.set(request.context[_PARAMS_KEY])
        _SHAPE.set(request.context[_SHAPE_KEY])

    def add_hooked_client(base_classes: list[type], **_: object) -> None:
        base_classes.insert(0, _HookedClient)

    events = session.get_component("event_emitter")
    events.register("before-parameter-build", record_call)
    events.register_last("request-created", start_request)
    events.register("creating-client-class", add_hooked_client)


class requests_for:  # noqa: N801  a context manager, named like a function
    """Record on a wire what this thread requests before its first call, such as credentials."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def __enter__(self) -> None:
        _WIRE.set(self._wire)

    def __exit__(self, *_: object) -> None:
        """Leave the wire set: the next call of this thread sets its own."""


class _HookedClient:
    """Mixed into each client class: botocore has no event for each retry and redirect."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        endpoint: Any = getattr(self, "_endpoint")  # noqa: B009  of botocore's BaseClient, which types do not show
        endpoint.http_session = _HookedHttp(endpoint.http_session)


class _HookedHttp:
    """Replaces the HTTP session of a botocore endpoint, and sends through it."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def send(self, request: Any) -> Any:
        """Send one attempt and return its answer, read as a whole.

        Raises what `Wire.before` raises, what botocore's session raises, Unexpected for an answer that is too large,
        and what AnswerShape raises for one that botocore would misread.
        """
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415  the SDK is imported only when it is used
        from botocore.exceptions import HTTPClientError  # noqa: PLC0415  the same

        wire, call = _WIRE.get(), _CALL.get()
        wire.before(call)
        answer = Answer(status=None, error="nothing came back")
        try:
            request.stream_output = True  # botocore then does not read the body, which may be too large
            response = self._session.send(request)
            answer = _answer(response)
            body = b"".join(_chunks(response, wire.largest_answer, call))
            is_slow_down = is_throttled(response.status_code, body)
            answer = replace(answer, size=len(body), throttled=is_slow_down)
            if (tap := tap_of(wire)) is not None:
                tap(_exchange(call, request, response, body))
            _SHAPE.get().require(call.operation, response.status_code, response.headers, body)
        except (HTTPClientError, ConnectorError) as error:
            answer = replace(answer, error=f"{type(error).__name__}: {str(error)[:200]}")
            raise
        finally:
            wire.after(call, answer)
        return AWSResponse(response.url, response.status_code, response.headers, _ReadBody(body))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


class _ReadBody:
    """A body that was read, with the method by which botocore reads one from a connection."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self._body


def _recorded_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a request to record: texts, numbers and lists, no secret; a long text by its digest."""
    recorded = {
        name: value for name, value in params.items() if isinstance(value, str | int | list) and name not in _SECRETS
    }
    for name, value in recorded.items():
        if isinstance(value, str) and len(value) > _MAX_VALUE_LENGTH:
            recorded[name] = f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"
    return recorded


def current_call() -> Call:
    """Return the call that this thread sends, with all its parameters. Raises LookupError outside of a call."""
    return Call(_CALL.get().operation, _PARAMS.get())


def _exchange(call: Call, request: Any, response: Any, body: bytes) -> Exchange:
    at = urlsplit(request.url)
    sent = request.body or b""
    return Exchange(
        call=replace(call, params=_PARAMS.get()),
        method=request.method,
        target=f"{at.path}?{at.query}" if at.query else at.path,
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=body,
        sent=sent.encode() if isinstance(sent, str) else bytes(sent) if isinstance(sent, bytes | bytearray) else b"",
    )


def _answer(response: Any) -> Answer:
    headers = response.headers
    date = _date(headers.get("date"))
    return Answer(
        status=response.status_code,
        request_id=headers.get("x-amzn-requestid") or headers.get("x-amz-request-id"),
        date=date,
        cached="age" in headers,
        retry_after=_wait(headers.get("retry-after"), date),
        throttled=is_throttled(response.status_code, b""),
    )


def _chunks(response: Any, largest: int, call: Call) -> Iterator[bytes]:
    from botocore.exceptions import ConnectionClosedError, ReadTimeoutError  # noqa: PLC0415  imported only when used
    from urllib3 import exceptions as http  # noqa: PLC0415  comes with botocore

    announced = response.headers.get("content-length", "")
    size = int(announced) if announced.isdecimal() else 0
    _require_size(response, size, largest, call)
    size = 0
    try:
        for chunk in response.raw.stream(_CHUNK):
            size += len(chunk)
            _require_size(response, size, largest, call)
            yield chunk
    except http.ReadTimeoutError as error:
        raise ReadTimeoutError(endpoint_url=response.url, error=error) from error
    except http.HTTPError as error:
        raise ConnectionClosedError(endpoint_url=response.url, error=error) from error


def _require_size(response: Any, size: int, largest: int, call: Call) -> None:
    if size > largest:
        response.raw.close()
        raise Unexpected(f"the answer to {call.operation} is larger than {largest} bytes and was not read on")


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _wait(text: str | None, date: datetime | None) -> timedelta | None:
    """Return how long a Retry-After asks to wait: seconds, with or without decimals, or a date; a day at most."""
    if text is None:
        return None
    if text.isascii() and text.replace(".", "", 1).isdecimal():
        return timedelta(seconds=min(float(text), 86_400))
    until = _date(text)
    return None if until is None or date is None else max(until - date, timedelta(0))
