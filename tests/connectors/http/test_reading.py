"""Reading an answer: as many bytes as are allowed, inflated or not, and nothing that is not what it says."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.errors import Unavailable, Unexpected
from connectors._http import Retries
from connectors._http.inflating import read_bounded
from connectors._http.replies import loads
from tests.connectors.aws.wires import CountingWire
from tests.connectors.http.conftest import Client
from tests.connectors.http.server import Asked, Write, always, answer, serving

CALL = "GET /thing"
BODY = json.dumps({"name": "a thing", "values": list(range(1000))}).encode()


def raw_deflate(data: bytes) -> bytes:
    """Compress without the header that deflate should have."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ("", BODY),
        ("identity", BODY),
        ("gzip", gzip.compress(BODY)),
        ("x-gzip", gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY[:100]) + gzip.compress(BODY[100:])),
        ("deflate", zlib.compress(BODY)),
        ("deflate", raw_deflate(BODY)),
    ],
    ids=["nothing", "identity", "gzip", "x-gzip", "two gzip members", "deflate", "deflate without a header"],
)
def test_what_was_asked_for_is_inflated(client: Client, encoding: str, sent: bytes) -> None:
    """Only these are asked for, so that every answer can be read with a bound."""
    with serving(always(answer(sent, content_encoding=encoding))) as server:
        assert client(server.url).get(CALL)["values"] == list(range(1000))

    assert server.asked[0].headers["accept-encoding"] == "gzip, deflate"


@given(data=st.binary(max_size=2000), cut=st.integers(1, 2000), form=st.sampled_from(["gzip", "deflate", "raw"]))
def test_pieces_of_any_size_are_inflated_alike(data: bytes, cut: int, form: str) -> None:
    """The network cuts where it likes."""
    packed = gzip.compress(data) if form == "gzip" else zlib.compress(data) if form == "deflate" else raw_deflate(data)
    pieces = [packed[at : at + cut] for at in range(0, len(packed), cut)]
    headers = {"content-encoding": "gzip" if form == "gzip" else "deflate"}

    assert read_bounded(pieces, headers, 2000, "it") == data


def test_an_object_without_its_key_is_no_answer(client: Client) -> None:
    """An empty object would be one setting of which nothing is known, and count as read."""
    with serving(always(answer(BODY))) as server:
        assert client(server.url).get(CALL, having="name")["name"] == "a thing"
        with pytest.raises(Unexpected, match="without mfa"):
            client(server.url).get(CALL, having="mfa")


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ("br", BODY),
        ("zstd", BODY),
        ("gzip, gzip", gzip.compress(gzip.compress(BODY))),
        ("gzip", BODY),
        ("gzip", gzip.compress(BODY)[:-20]),
        ("gzip", gzip.compress(BODY)[:-4]),
        ("gzip", gzip.compress(BODY) + b"garbage"),
        ("gzip", gzip.compress(BODY) + raw_deflate(BODY)),
        ("deflate", zlib.compress(BODY)[:-20]),
        ("deflate", zlib.compress(BODY) + zlib.compress(BODY)),
        ("deflate", b"x"),
    ],
)
def test_what_is_not_as_it_says_is_refused(client: Client, encoding: str, sent: bytes) -> None:
    """Half of an answer may be a whole list in JSON; another encoding cannot be bounded."""
    with serving(always(answer(sent, content_encoding=encoding))) as server, pytest.raises(Unexpected):
        client(server.url).get(CALL)


def test_a_small_bomb_does_not_become_a_large_answer(client: Client, wire: CountingWire) -> None:
    """Half a megabyte of gzip holds 500 megabytes; httpx would inflate a piece before anybody could look."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(500)) + packer.flush()
    wire.largest_answer = 1_000_000
    with serving(always(answer(bomb, content_encoding="gzip"))) as server:
        tracemalloc.start()
        with pytest.raises(Unexpected, match="larger than 1000000 bytes"):
            client(server.url).get(CALL)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < 8_000_000
    (received,) = wire.received
    assert received[1].error is not None


def test_an_answer_that_announces_too_much_is_not_read(client: Client, wire: CountingWire) -> None:
    """The connection is given up, and what comes next is another one."""
    wire.largest_answer = 100
    with (
        serving(always(answer(b"{", content_length=str(1 << 40)))) as server,
        pytest.raises(Unexpected, match="larger"),
    ):
        client(server.url, read_seconds=5).get(CALL)


def test_an_answer_in_chunks_is_counted_as_it_comes(client: Client, wire: CountingWire) -> None:
    """Nobody announces the size of chunks."""
    wire.largest_answer = 100_000

    def script(_asked: Asked, write: Write) -> None:
        write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(1000):
            write(b"4000\r\n" + b" " * 0x4000 + b"\r\n")

    with serving(script) as server, pytest.raises(Unexpected, match="larger than 100000"):
        client(server.url).get(CALL)


def test_an_answer_in_chunks_is_read(client: Client) -> None:
    """The usual case of the one before."""
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:7], BODY[7:]))
    sent = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        + pieces
        + b"0\r\n\r\n"
    )
    with serving(always(sent)) as server:
        assert client(server.url).get(CALL)["name"] == "a thing"


def test_an_answer_that_breaks_off_is_asked_for_again(client: Client, wire: CountingWire) -> None:
    """Its length was announced, so the rest is known to be missing."""
    asked = []

    def script(request: Asked, write: Write) -> None:
        asked.append(request)
        if len(asked) > 1:
            write(answer({"whole": True}))
            return
        write(answer(b'{"whole": false, ', content_length="5000"))
        raise OSError

    with serving(script) as server:
        assert client(server.url).get(CALL) == {"whole": True}

    assert [received.status for _, received in wire.received] == [None, 200]


def test_an_answer_that_always_breaks_off_is_no_answer(client: Client, wire: CountingWire) -> None:
    """After the last attempt it is said what was missing."""

    def script(_asked: Asked, write: Write) -> None:
        write(answer(b'{"whole": false, ', content_length="5000"))
        raise OSError

    with serving(script) as server, pytest.raises(Unavailable, match=r"RemoteProtocolError|ReadError"):
        client(server.url, retries=Retries(attempts=2)).get(CALL)

    assert len(wire.received) == 2


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (answer(b""), "nothing else"),
        (answer(b"  \n "), "nothing else"),
        (answer(b"", 204, content_length="", content_type=""), "204"),
        (answer(b"<html>Sign in</html>", content_type="text/html"), "web page"),
        (answer(b"\n <!DOCTYPE html><html>"), "web page"),
        (answer(b"{}", content_type="text/plain"), "text/plain"),
        (answer(b"{}", content_type=""), "no content type"),
        (answer(b"{}", content_type="application/xml"), "application/xml"),
        (answer(b'{"items": [1, 2'), "not JSON"),
        (answer(b'{"items": [NaN]}'), "NaN"),
        (answer(b'{"a": -Infinity}'), "Infinity"),
        (answer(b'{"a": 1e999}'), "too large"),
        (answer(b'{"a": [1], "a": []}'), "twice"),
        (answer(b'{"a": {"b": 1, "b": 1}}'), "twice"),
        (answer(b'{"a": "\xff"}'), "not JSON"),
        (answer(b"[" * 100_000 + b"]" * 100_000), "nested"),
        (answer(b'{"a": ' + b"1" * 5000 + b"}"), "not JSON"),
        (answer(b"{} {}"), "not JSON"),
        (answer(b"[]"), "without an object"),
        (answer(b"null"), "without an object"),
        (answer(b"{}", 206), "206"),
        (answer(b"{}", 202), "202"),
    ],
)
def test_nonsense_is_not_believed(client: Client, sent: bytes, says: str) -> None:
    """Each of these would otherwise be read as an empty or a smaller answer, or as another one by another reader."""
    with serving(always(sent)) as server, pytest.raises(Unexpected, match=says):
        client(server.url, read_seconds=5).get(CALL)

    assert len(server.asked) == 1


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/vnd.acme.v3+json", "Text/JSON"])
def test_json_by_any_of_its_names(client: Client, kind: str) -> None:
    """And with the mark that Azure puts before it."""
    with serving(always(answer(b'\xef\xbb\xbf{"a": 10000000000000000000001}', content_type=kind))) as server:
        assert client(server.url).get(CALL) == {"a": 10**22 + 1}


def test_a_value_may_be_anything(client: Client) -> None:
    """A rule that was never set is null in GitLab's answer."""
    with serving(always(answer(b"null"))) as server:
        assert client(server.url).value(CALL) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_is_read_as_it_was_written(value: object) -> None:
    """Strictness refuses nothing that is JSON."""
    assert loads(json.dumps(value).encode()) == value
