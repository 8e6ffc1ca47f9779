"""Answers of a hostile worker or scheduler of Dask: they are data, or none, and never run code in the writer."""

from __future__ import annotations

import os
import pickle
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from distributed.protocol.core import dumps, loads
from distributed.protocol.serialize import Serialize, ToPickle
from distributed.protocol.utils import pack_frames

from collector.core.errors import ConfigError
from collector.engine.workers.dask_calls import DaskCalls, NotData
from collector.engine.workers.dask_channels import DaskChannel, DaskWorkers, Tls
from collector.engine.workers.ports import ChannelClosed
from tests.workers.certificates import make_tls


class _MakesFolder:
    """A pickle of it makes a folder where it is read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self._folder),)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """Certificates."""
    return make_tls(tmp_path_factory.mktemp("tls"))


@contextmanager
def answering(tls: Tls, answer: bytes) -> Iterator[str]:
    """Yield the address of a server that shakes hands as Dask does, and gives one answer to whatever it is asked."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tls.ca))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(tls.certificate, tls.key)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                with suppress(OSError), context.wrap_socket(connection, server_side=True) as talking:
                    talking.sendall(message({"compression": None, "python": (3, 11, 0), "pickle-protocol": 5}))
                    _read(talking)
                    while _read(talking):
                        talking.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"tls://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _read(talking: ssl.SSLSocket) -> bytes:
    """Return a message, empty where there is none any more."""
    size = talking.recv(8)
    return talking.recv(struct.unpack("Q", size)[0]) if size else b""


def message(said: object) -> bytes:
    """Return a message in the frames of Dask."""
    return framed(pack_frames(dumps(said)))


def framed(data: bytes) -> bytes:
    """Return bytes with their length before them."""
    return struct.pack("Q", len(data)) + data


@pytest.fixture
def calls(tls: Tls) -> Iterator[DaskCalls]:
    """What makes the calls."""
    made = DaskCalls(tls.security())
    yield made
    made.close()


def test_data_is_read(tls: Tls, calls: DaskCalls) -> None:
    """What a worker of annexd says comes as it was said."""
    with answering(tls, message([b"one", b"two"])) as address:
        assert calls.call(address, "annexd_take", 10, session="s") == [b"one", b"two"]


def test_a_pickle_is_not_read(tls: Tls, calls: DaskCalls, tmp_path: Path) -> None:
    """Dask itself reads it, which is shown first; here it is a map, and so no message of a worker."""
    folder = tmp_path / "made"
    hostile = [ToPickle(_MakesFolder(folder))]
    loads([bytes(frame) for frame in dumps(hostile)], deserialize=False)  # type: ignore[no-untyped-call]
    assert folder.exists()
    folder.rmdir()
    with answering(tls, message(hostile)) as address, pytest.raises(ChannelClosed):
        DaskChannel(calls, address, "hostile").receive()
    assert not folder.exists()


@pytest.mark.parametrize("kind", ["serialized", "error"])
def test_nothing_else_is_run(tls: Tls, calls: DaskCalls, tmp_path: Path, kind: str) -> None:
    """Neither what Dask has serialized, nor the exception of an answer."""
    folder = tmp_path / "made"
    hostile: object = {
        "serialized": [Serialize(_MakesFolder(folder))],  # type: ignore[no-untyped-call]
        "error": {"status": "uncaught-error", "exception": pickle.dumps(_MakesFolder(folder)), "exception_text": ""},
    }[kind]
    with answering(tls, message(hostile)) as address, pytest.raises(ChannelClosed):
        DaskChannel(calls, address, "hostile").receive()
    assert not folder.exists()


@pytest.mark.parametrize(
    "answer",
    [
        struct.pack("Q", 1 << 62),
        framed(struct.pack("QQ", 1, 1 << 62)),
        framed(struct.pack("Q", 1 << 40)),
        framed(b""),
        framed(pack_frames([b"\xc1"])),
        framed(pack_frames([b"\x91" * 100_000])),
    ],
    ids=["too-long", "a-frame-too-long", "too-many-frames", "nothing", "no-messagepack", "too-deep"],
)
def test_what_cannot_be_read_is_no_answer(tls: Tls, calls: DaskCalls, answer: bytes) -> None:
    """The call fails, and neither hangs nor takes the memory that the answer claims."""
    with answering(tls, answer) as address, pytest.raises(NotData):
        calls.call(address, "annexd_take", 10)


def test_only_over_tls(calls: DaskCalls) -> None:
    """An address of a scheduler that is in the clear is not called."""
    with pytest.raises(NotData, match="no address of TLS"):
        calls.call("tcp://127.0.0.1:1", "annexd_take", 10)


def test_a_scheduler_that_says_no_workers(tls: Tls) -> None:
    """Its answer has another form than that of Dask: it counts as not reached."""
    with answering(tls, message({"workers": [1]})) as address, pytest.raises(ConfigError, match="cannot be reached"):
        DaskWorkers(address, tls, 1, 0.1)
