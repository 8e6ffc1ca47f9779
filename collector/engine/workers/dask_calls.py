"""Calls to the servers of Dask, whose answers are read as data alone.

Dask's own client unpickles what an answer holds, whatever serializers it is told to take: a worker, or a scheduler,
would run code in the process with the keys. Here the frames of an answer are read as MessagePack, in which a pickle is
a map that nobody calls; an answer of anything else is none.
"""

from __future__ import annotations

import asyncio
import importlib
import struct
from collections import deque
from functools import cache
from threading import Thread
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Coroutine

_SCHEME = "tls://"

_LARGEST_ANSWER = 1 << 30
"""Bytes of an answer that are read at most."""

_LENGTH = struct.Struct("Q")


class NotData(Exception):
    """An answer is no plain data, or too large to be read."""


class DaskCalls:
    """Connections to servers of Dask, kept open by address; may be used from any thread."""

    def __init__(self, security: Any) -> None:  # noqa: ANN401  distributed ships no types
        self._security = security
        self._idle: dict[str, deque[Any]] = {}
        self._is_closed = False
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="annexd-dask", daemon=True)
        self._thread.start()

    def call(self, address: str, operation: str, patience: float, **more: object) -> object:
        """Return what a server answers to an operation. Raises whatever the connection does, NotData and TimeoutError.

        What an answer says of an error of the server is a map like any other one.
        """
        return self._wait(self._call(address, {"op": operation, "reply": True, **more}, patience))

    def close(self) -> None:
        """Close all connections, and end the calls that are under way."""
        self._is_closed = True
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, what: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401  what the coroutine gives
        if self._is_closed:
            what.close()
            message = "the calls are closed"
            raise OSError(message)
        return asyncio.run_coroutine_threadsafe(what, self._loop).result()

    async def _call(self, address: str, message: dict[str, object], patience: float) -> object:
        idle = self._idle.setdefault(address, deque())
        async with asyncio.timeout(patience):
            connection = idle.pop() if idle else await self._connected(address)
            try:
                await connection.write(message)
                answer: object = await connection.read()
            except BaseException:
                connection.abort()  # the answer may still come, and would be that of the next call
                raise
        idle.append(connection)
        return answer

    async def _connected(self, address: str) -> Any:  # noqa: ANN401  distributed ships no types
        if not address.startswith(_SCHEME):
            message = f"{address} is no address of TLS"
            raise NotData(message)
        connection = await _connector()().connect(
            address.removeprefix(_SCHEME), deserialize=False, **self._security.get_connection_args("client")
        )
        try:
            await connection.write(connection.handshake_info())
            await connection.read()
        except BaseException:
            connection.abort()
            raise
        return connection

    async def _close(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for idle in self._idle.values():
            for connection in idle:
                await connection.close()
        self._idle.clear()


@cache
def _connector() -> Any:  # noqa: ANN401  distributed ships no types
    """Return Dask's connector, with connections that read data alone."""
    tcp = importlib.import_module("distributed.comm.tcp")

    class DataOverTls(tcp.TLS):  # type: ignore[misc,name-defined]
        """A connection of Dask. `read` takes the place of the one that unpickles."""

        async def read(self, deserializers: object = None) -> object:  # noqa: ARG002  Dask's signature
            """Return the next message. Raises NotData."""
            try:
                (size,) = _LENGTH.unpack(await self.stream.read_bytes(_LENGTH.size))
                _check(size)
                first = await self.stream.read_bytes(size)
                frames, later = tcp.unpack_frames(first, partial=True)
                _check(size + sum(later))
                for length in later:
                    frames.append(await self.stream.read_bytes(length))
                return msgspec.msgpack.decode(frames[0])
            except (struct.error, IndexError, ValueError, RecursionError, msgspec.MsgspecError) as error:
                message = f"what {self.peer_address} says is no data: {error}"
                raise NotData(message) from error

    class Connector(tcp.TLSConnector):  # type: ignore[misc,name-defined]
        comm_class = DataOverTls

    return Connector


def _check(size: int) -> None:
    if size > _LARGEST_ANSWER:
        message = f"an answer of {size} bytes is larger than {_LARGEST_ANSWER}"
        raise NotData(message)
