"""Iterate over a collection, and read the parts of its bodies concurrently but in order."""

from __future__ import annotations

import contextvars
from collections import deque
from concurrent.futures import wait
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.core.canonical import plain_bytes
from collector.core.errors import ConfigError, Denied, Halted, Unexpected, permission_helps
from collector.core.tasks import UnreadPart
from collector.core.wire import Total
from collector.engine.odd_errors import as_exception, explained, is_code, named, words_of
from collector.engine.wire import working_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from concurrent.futures import Executor, Future

    from collector.core.connectors import Part
    from collector.core.errors import ConnectorError
    from collector.core.resources import Body
    from collector.engine.wire import Recorder

_MAX_BODIES = 32
"""Bodies whose parts are read at the same time; bounds memory, and is enough to keep every slot busy."""


Read = tuple["Body", dict[str, UnreadPart]]


class _Waiting(NamedTuple):
    """A body whose parts are being read, with its canonical bytes as it was listed, where there are such."""

    body: Body
    listed_as: bytes | None
    futures: list[Future[Any]]


class Parts:
    """Reads the declared parts of one kind with one client."""

    def __init__(
        self,
        parts: list[Part[Any]],
        pool: Executor,
        recorder: Recorder,
        explain: Callable[[Exception], ConnectorError | None],
        text: Callable[[str], str],
    ) -> None:
        self._parts = parts
        self._pool = pool
        self._recorder = recorder
        self._explain = explain
        self._text = text

    def fill(self, client: Any, listed: Iterator[Body | Total]) -> Generator[Read | Total, None, None]:  # noqa: ANN401  the connector's
        """Yield each body with its parts and with the reasons of those that could not be read, in the order listed."""
        if not self._parts:
            for body in listed:
                yield body if isinstance(body, Total) else (body, {})
            return
        in_progress: deque[_Waiting] = deque()
        list_error: Exception | None = None
        try:
            try:
                for body in listed:
                    if isinstance(body, Total):
                        yield body
                        continue
                    listed_as = plain_bytes(body)
                    futures = [self._submit(part, client, body) for part in self._parts]
                    in_progress.append(_Waiting(body, listed_as, futures))
                    if len(in_progress) >= _MAX_BODIES:
                        yield self._first(in_progress)
            except Exception as error:  # noqa: BLE001  raised again below: what was listed before is evidence too
                list_error = error
            while in_progress:
                yield self._first(in_progress)
            if list_error is not None:
                raise list_error
        finally:
            unfinished = [future for waiting in in_progress for future in waiting.futures]
            for future in unfinished:
                future.cancel()
            # Those that already run still record requests of this task: it is not finished before they are.
            wait(unfinished)

    def _first(self, waiting: deque[_Waiting]) -> Read:
        body, listed_as, futures = waiting[0]
        read = self._gather(body, futures)
        if plain_bytes(body) != listed_as:
            raise Unexpected("the connector changed an item that it had listed, while its parts were read")
        waiting.popleft()
        return read

    def _submit(self, part: Part[Any], client: Any, body: Body) -> Future[Any]:  # noqa: ANN401  the connector's
        context = contextvars.copy_context()
        return self._pool.submit(context.run, self._read, part, client, body)

    def _read(self, part: Part[Any], client: Any, body: Body) -> Any:  # noqa: ANN401  the platform's JSON
        with working_for(self._recorder, listing=False):
            try:
                return part.read(client, body)
            except BaseException as error:
                raise as_exception(error) from error

    def _gather(self, body: Body, futures: list[Future[Any]]) -> Read:
        complete = dict(body)
        unread: dict[str, UnreadPart] = {}
        for part, future in zip(self._parts, futures, strict=True):
            try:
                value = future.result()
            except Halted:
                raise
            except Exception as error:  # noqa: BLE001  this is the engine's one loop: no error of a part may end the list
                self._unread(part, error, complete, unread)
            else:
                if value is None:
                    why = "the connector returned nothing without the platform's word for it"
                    unread[part.name] = UnreadPart(part.call, "", why)
                else:
                    complete[part.name] = value
        return complete, unread

    def _unread(self, part: Part[Any], error: Exception, complete: Body, unread: dict[str, UnreadPart]) -> None:
        explained_error = explained(error, self._explain)
        if is_code(explained_error, part.absent):
            complete[part.name] = None
            return
        known = explained_error or (error if isinstance(error, ConfigError) else None)
        why = words_of(known.what) if known is not None else named(error)
        permissions = ", ".join(part.permissions) if permission_helps(explained_error or error) else ""
        unread[part.name] = UnreadPart(
            part.call, permissions, self._text(why)[:500], denied=isinstance(explained_error, Denied)
        )
