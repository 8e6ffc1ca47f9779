"""Drive a collection, plain or async, and read the parts of its bodies: concurrently, and in order."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConnectorError, Denied, Halted, NotThere, Unexpected
from collector.core.tasks import UnreadPart
from collector.core.wire import Total
from collector.engine.wire import working_for

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterator
    from concurrent.futures import Executor, Future

    from collector.core.connectors import Listed, Part
    from collector.core.resources import Body
    from collector.engine.wire import Recorder

_WINDOW = 32
"""Bodies whose parts may be under way at once; bounds memory, and is wide enough to keep every place busy."""


_PATIENCE = 0.2
"""Seconds between two looks at whether a task may go on, while an async collection works."""

_WAITERS = 256
"""Threads on which async collections wait for the wire; more than tasks and parts that a run has under way."""


class LoopThread:
    """One event loop on a thread of its own, started when the first async collection needs it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, coroutine: Coroutine[Any, Any, Any], go_on: Callable[[], None]) -> Any:  # noqa: ANN401  what it returns
        """Run a coroutine there, with the context of this thread, and wait for it as long as `go_on` does not raise."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                # Connectors wait for the wire on these threads: as many as may ever wait, or the rest stands still.
                self._loop.set_default_executor(ThreadPoolExecutor(_WAITERS, thread_name_prefix="annexd-async-wait"))
                self._thread = threading.Thread(target=self._loop.run_forever, name="annexd-async", daemon=True)
                self._thread.start()
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        while True:
            try:
                return future.result(timeout=_PATIENCE)
            except TimeoutError:
                if future.done():
                    raise
            try:
                go_on()
            except Halted:
                future.cancel()
                raise

    def close(self) -> None:
        """End the loop."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()


def bodies(
    listed: Listed, loop: LoopThread, go_on: Callable[[], None] = lambda: None
) -> Generator[Body | Total, None, None]:
    """Yield what a collection lists, whichever kind of generator it is, as long as `go_on` does not raise."""
    if isinstance(listed, AsyncIterator):
        yield from _from_async(listed, loop, go_on)
    else:
        yield from listed


def _from_async(
    listed: AsyncIterator[Body | Total], loop: LoopThread, go_on: Callable[[], None]
) -> Iterator[Body | Total]:
    async def one() -> tuple[bool, Any]:
        try:
            return True, await anext(listed)
        except StopAsyncIteration:
            return False, None

    try:
        while True:
            more, body = loop.run(one(), go_on)
            if not more:
                return
            yield body
    finally:
        if isinstance(listed, AsyncGenerator):
            loop.run(listed.aclose(), lambda: None)


def explained(error: Exception, explain: Callable[[Exception], ConnectorError | None]) -> ConnectorError | None:
    """Return a platform's error as ours, None where the connector does not know it; whatever its explanation does."""
    if isinstance(error, ConnectorError):
        return error
    try:
        return explain(error)
    except Exception as worse:  # noqa: BLE001  a connector that breaks over an error ends its task, not the run
        return Unexpected(
            f"{type(error).__name__}, which the connector cannot explain: {type(worse).__name__}: {worse}"
        )


Read = tuple["Body", dict[str, UnreadPart]]


class Parts:
    """The declared parts of one kind, read for one client."""

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
        waiting: deque[tuple[Body, list[Future[Any]]]] = deque()
        broken: Exception | None = None
        try:
            try:
                for body in listed:
                    if isinstance(body, Total):
                        yield body
                        continue
                    waiting.append((body, [self._submit(part, client, body) for part in self._parts]))
                    if len(waiting) >= _WINDOW:
                        yield self._first(waiting)
            except Exception as error:  # noqa: BLE001  raised again below: what was listed before is evidence too
                broken = error
            while waiting:
                yield self._first(waiting)
            if broken is not None:
                raise broken
        finally:
            left = [future for _, futures in waiting for future in futures]
            for future in left:
                future.cancel()
            # Those already under way still write to this task's record: it is not closed before they are done.
            wait(left)

    def _first(self, waiting: deque[tuple[Body, list[Future[Any]]]]) -> Read:
        read = self._gather(*waiting[0])
        waiting.popleft()
        return read

    def _submit(self, part: Part[Any], client: Any, body: Body) -> Future[Any]:  # noqa: ANN401  the connector's
        context = contextvars.copy_context()
        return self._pool.submit(context.run, self._read, part, client, body)

    def _read(self, part: Part[Any], client: Any, body: Body) -> Any:  # noqa: ANN401  the platform's JSON
        with working_for(self._recorder, listing=False):
            return part.read(client, body)

    def _gather(self, body: Body, futures: list[Future[Any]]) -> Read:
        whole = dict(body)
        unread: dict[str, UnreadPart] = {}
        for part, future in zip(self._parts, futures, strict=True):
            try:
                value = future.result()
            except Halted:
                raise
            except Exception as error:  # noqa: BLE001  this is the engine's one loop: no error of a part may end the list
                self._unread(part, error, whole, unread)
            else:
                if value is None:
                    why = "the connector returned nothing without the platform's word for it"
                    unread[part.name] = UnreadPart(part.call, ", ".join(part.permissions), why)
                else:
                    whole[part.name] = value
        return whole, unread

    def _unread(self, part: Part[Any], error: Exception, whole: Body, unread: dict[str, UnreadPart]) -> None:
        known = explained(error, self._explain)
        if known is not None and known.code is not None and known.code in part.absent:
            whole[part.name] = None
            return
        why = known.what if known is not None else f"{type(error).__name__}: {error}"
        needs = "" if isinstance(known, NotThere) else ", ".join(part.permissions)
        unread[part.name] = UnreadPart(part.call, needs, self._text(why)[:500], denied=isinstance(known, Denied))
