"""Workers that a Dask scheduler knows, on any machine: the writer asks it who there is, and speaks to each.

Nothing is submitted to Dask as a task, because tasks are pickled code. `annexd worker` adds four operations to its
Dask worker, which take and give bytes, and only over TLS, by which each side shows a certificate of the same authority.
The writer does not use Dask's client, which unpickles what it is answered: see `dask_calls`.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
import uuid
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import msgspec

from collector.core.errors import AnnexdError, ConfigError
from collector.core.plain_text import one_line
from collector.engine.workers.dask_calls import DaskCalls
from collector.engine.workers.ports import ChannelClosed
from collector.engine.workers.worker import work

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.engine.workers.ports import WorkerParts

logger = logging.getLogger(__name__)

_OPEN, _GIVE, _TAKE, _CLOSE = "annexd_open", "annexd_give", "annexd_take", "annexd_close"

_POLL_SECONDS = 5.0
"""Seconds that a worker waits for something to say before it says nothing."""

_PATIENCE = 60.0
"""Seconds without a sign of the other side after which it counts as gone."""

_TOGETHER = 64
"""Messages that are sent together at most."""

_LOOK_AGAIN = 0.2
"""Seconds between two looks at which workers the scheduler knows."""

_AGAIN = 5.0
"""Seconds between two tries of a worker to reach its scheduler."""


@dataclass(frozen=True)
class Tls:
    """The files by which scheduler, workers and writer know each other."""

    ca: Path
    certificate: Path
    key: Path

    def security(self) -> Any:  # noqa: ANN401  distributed ships no types
        """Return it as Dask has it: nothing is ever sent in the clear."""
        files = {"tls_ca_file": str(self.ca)}
        for role in ("client", "worker", "scheduler"):
            files |= {f"tls_{role}_cert": str(self.certificate), f"tls_{role}_key": str(self.key)}
        return _distributed().Security(require_encryption=True, **files)


def _distributed() -> Any:  # noqa: ANN401  it ships no types
    """Return Dask's package, which only those need who use it. Raises ConfigError where it is not installed."""
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise ConfigError(
            "workers by Dask need the package distributed, which is not installed",
            mend="pip install 'annexd[workers]'",
        ) from error


class _Closed:
    """What stands in a queue where nothing comes any more."""


class DaskChannel:
    """The way to one worker. What is to be sent waits in a queue, so that much of it goes together."""

    def __init__(self, calls: DaskCalls, address: str, name: str) -> None:
        self.address = address
        self.name = name
        self._calls = calls
        self._session = uuid.uuid4().hex
        self._outgoing: Queue[bytes | _Closed] = Queue()
        self._incoming: deque[bytes] = deque()
        self._is_closed = False
        self._call(_OPEN)
        self._sender = Thread(target=self._send_all, name=f"annexd-to-{name}", daemon=True)
        self._sender.start()

    def send(self, data: bytes) -> None:
        """Send one message. Raises ChannelClosed."""
        if self._is_closed:
            raise ChannelClosed(f"{self.name} is gone")
        self._outgoing.put(data)

    def receive(self) -> bytes:
        """Wait for the next message. Raises ChannelClosed."""
        while not self._incoming:
            self._incoming.extend(self._call(_TAKE))
        return self._incoming.popleft()

    def close(self) -> None:
        """End what the worker does for this run; it is told, where it hears that within some seconds."""
        if not self._is_closed:
            self._is_closed = True
            self._outgoing.put(_Closed())
        self._sender.join(_POLL_SECONDS)

    def _send_all(self) -> None:
        with suppress(ChannelClosed):
            while not isinstance(first := self._outgoing.get(), _Closed):
                messages = [first]
                with suppress(Empty):
                    while len(messages) < _TOGETHER and not isinstance(more := self._outgoing.get_nowait(), _Closed):
                        messages.append(more)
                self._call(_GIVE, messages=messages)
                if self._is_closed and self._outgoing.empty():
                    break
            self._call(_CLOSE)
        self._is_closed = True

    def _call(self, operation: str, **more: Any) -> list[bytes]:  # noqa: ANN401  what the operation takes
        """Let the worker do an operation. Raises ChannelClosed where it does not answer, or knows nothing of us."""
        try:
            said = self._calls.call(self.address, operation, _PATIENCE, session=self._session, **more)
        except Exception as error:
            raise ChannelClosed(f"{self.name} does not answer: {type(error).__name__}") from error
        if not isinstance(said, list) or not all(isinstance(each, bytes) for each in said):
            raise ChannelClosed(f"{self.name} ended what it did for this run")
        return said


class _Known(msgspec.Struct):
    name: str | int


class _Identity(msgspec.Struct):
    """What a scheduler says of itself: its workers by address."""

    workers: dict[str, _Known]


class DaskWorkers:
    """The workers that a scheduler knows. Raises ConfigError where it cannot be reached, or has none."""

    def __init__(self, scheduler: str, tls: Tls, workers: int | None, wait: float) -> None:
        """`workers` is how many are used, None for all that there are; they are waited for so many seconds."""
        self._scheduler = scheduler
        self._wait = wait
        self._lock = Lock()
        self._used: dict[int, str] = {}
        self._gone: set[str] = set()
        self._calls = DaskCalls(tls.security())
        until = time.monotonic() + wait
        while (why := self._why_not_reached()) is not None:
            if time.monotonic() >= until:
                self._calls.close()
                raise ConfigError(
                    f"the Dask scheduler at {scheduler} cannot be reached: {one_line(why)[:200]}",
                    so="no worker could be asked for anything",
                    mend="start it with --protocol tls and certificates of the same authority",
                )
            time.sleep(_LOOK_AGAIN)
        while len(found := self._known()) < (workers or 1) and time.monotonic() < until:
            time.sleep(_LOOK_AGAIN)
        if not found:
            self._calls.close()
            raise ConfigError(
                f"the Dask scheduler at {scheduler} knows no worker of annexd", mend="start some with: annexd worker"
            )
        self.count = workers or len(found)

    def open(self, number: int) -> DaskChannel:
        """Return the channel to a worker that has no other number. Raises ChannelClosed where none comes."""
        with self._lock:
            if (before := self._used.pop(number, None)) is not None:
                self._gone.add(before)
        until = time.monotonic() + self._wait
        while True:
            with self._lock:
                free = {
                    address: name
                    for address, name in self._known().items()
                    if address not in self._used.values() and address not in self._gone
                }
                if free:
                    address, name = next(iter(free.items()))
                    self._used[number] = address
                    break
            if time.monotonic() >= until:
                raise ChannelClosed("the Dask scheduler knows no other worker")
            time.sleep(_LOOK_AGAIN)
        return DaskChannel(self._calls, address, name)

    def close(self) -> None:
        """Leave the scheduler; its workers stay."""
        self._calls.close()

    def _known(self) -> dict[str, str]:
        """Return the addresses of the workers that the scheduler knows now, with their names."""
        try:
            found = self._identity()
        except Exception as error:  # noqa: BLE001  whatever distributed raises where the scheduler is gone
            logger.debug("the scheduler does not answer: %s", error)
            return {}
        return {address: one_line(str(worker.name)) for address, worker in found.workers.items()}

    def _why_not_reached(self) -> str | None:
        try:
            self._identity()
        except Exception as error:  # noqa: BLE001  as above
            return str(error) or type(error).__name__
        return None

    def _identity(self) -> _Identity:
        return msgspec.convert(self._calls.call(self._scheduler, "identity", self._wait, n_workers=-1), _Identity)


class _Session:
    """One run of one writer at this worker: messages in and out, and the thread that does its orders."""

    def __init__(self, build: Callable[[], WorkerParts]) -> None:
        self._incoming: Queue[bytes | _Closed] = Queue()
        self._outgoing: Queue[bytes] = Queue()
        self._heard_at = time.monotonic()
        self.is_closed = False
        Thread(target=self._work, args=(build,), name="annexd-worker", daemon=True).start()

    def _work(self, build: Callable[[], WorkerParts]) -> None:
        try:
            work(self, build())
        except AnnexdError as error:
            logger.error("no work was done: %s", "; ".join(error.lines()))  # noqa: TRY400  said in words
        except Exception:
            logger.exception("a defect ended the work for a run")
        finally:
            self.is_closed = True

    def give(self, messages: list[bytes]) -> None:
        """Take messages of the writer."""
        self._heard_at = time.monotonic()
        for each in messages:
            self._incoming.put(each)

    def take(self) -> list[bytes]:
        """Return messages for the writer, none where there are none for a while."""
        self._heard_at = time.monotonic()
        messages = []
        with suppress(Empty):
            messages.append(self._outgoing.get(timeout=_POLL_SECONDS))
            while len(messages) < _TOGETHER:
                messages.append(self._outgoing.get_nowait())
        return messages

    def send(self, data: bytes) -> None:
        """Send one message to the writer. Raises ChannelClosed."""
        if self.is_closed:
            raise ChannelClosed("the process that writes is gone")
        self._outgoing.put(data)

    def receive(self) -> bytes:
        """Wait for the next message of the writer. Raises ChannelClosed where nothing was heard of it for long."""
        while not self.is_closed:
            try:
                said = self._incoming.get(timeout=_POLL_SECONDS)
            except Empty:
                if time.monotonic() - self._heard_at > _PATIENCE:
                    break
                continue
            if isinstance(said, _Closed):
                break
            return said
        self.is_closed = True
        raise ChannelClosed("the process that writes is gone")

    def close(self) -> None:
        """End the work."""
        self.is_closed = True
        self._incoming.put(_Closed())


class _Sessions:
    """The operations that a Dask worker has for annexd; each takes the name of a session and gives a list of bytes."""

    def __init__(self, build: Callable[[], WorkerParts]) -> None:
        self._build = build
        self._sessions: dict[str, _Session] = {}

    def handlers(self) -> dict[str, Any]:
        """Return the operations by name."""
        return {_OPEN: self.open, _GIVE: self.give, _TAKE: self.take, _CLOSE: self.close}

    async def open(self, session: str) -> list[bytes]:
        """Begin a session."""
        self._sessions[session] = _Session(self._build)
        return []

    async def give(self, session: str, messages: list[bytes]) -> list[bytes]:
        """Take messages of the writer."""
        self._sessions[session].give(messages)
        return []

    async def take(self, session: str) -> list[bytes] | None:
        """Return messages for the writer; None where the session has ended."""
        known = self._sessions[session]
        messages = await asyncio.to_thread(known.take)
        return None if known.is_closed and not messages else messages

    async def close(self, session: str) -> list[bytes]:
        """End a session."""
        self._sessions.pop(session).close()
        return []

    def end(self) -> None:
        """End all sessions: the scheduler is gone, or this process is to end."""
        while self._sessions:
            self._sessions.popitem()[1].close()


async def serve_dask(
    scheduler: str, tls: Tls, name: str, build: Callable[[], WorkerParts], stop: asyncio.Event
) -> None:
    """Be a worker of a scheduler until `stop` is set; one that is gone is looked for again and again."""
    security = tls.security()
    while not stop.is_set():
        sessions = _Sessions(build)
        try:
            # No memory limit: what holds memory here is bounded by the batches of annexd, and not by Dask's tasks.
            worker = _distributed().Worker(
                scheduler,
                security=security,
                protocol="tls",
                name=name,
                nthreads=1,
                memory_limit=0,
                dashboard=False,
            )
            worker.handlers.update(sessions.handlers())
            async with asyncio.timeout(_PATIENCE):
                await worker
        except Exception as error:  # noqa: BLE001  whatever distributed raises where the scheduler is not there
            logger.warning("the scheduler %s cannot be reached: %s", scheduler, one_line(str(error))[:200])
        else:
            logger.info("%s waits for work at %s", name, worker.address)
            ended = asyncio.ensure_future(worker.finished())
            stopping = asyncio.ensure_future(stop.wait())
            await asyncio.wait([ended, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            sessions.end()
            if not ended.done():
                await worker.close(reason="it was told to end")
            else:
                logger.warning("the scheduler %s is gone", scheduler)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _AGAIN)
