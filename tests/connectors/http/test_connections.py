"""Connections: shared by the scopes of a source, closed after the last, trusted by certificate, through a proxy."""

from __future__ import annotations

import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collector.core.errors import ConfigError, DeadlinePassed, Unavailable
from connectors._http import Http, Retries, answered_by, connections
from connectors._http.origins import Origin
from tests.connectors.aws.wires import CountingWire
from tests.connectors.http.conftest import Client
from tests.connectors.http.server import Asked, Server, Write, always, answer, in_turn, serving
from tests.connectors.http.test_waiting import metered

CALL = "GET /thing"


def eventually(server: Server, closed: int) -> bool:
    """Wait until so many connections of a server are closed."""
    ends = time.monotonic() + 5
    while server.closed < closed and time.monotonic() < ends:
        time.sleep(0.01)
    return server.closed == closed


def test_scopes_share_connections_and_the_last_one_closes_them(wire: CountingWire) -> None:
    """A handshake for each of a thousand scopes would be most of the work."""
    with serving(always(answer({}))) as server:
        clients = [Http(server.url, wire) for _ in range(5)]
        for http in clients:
            http.get(CALL)
        for http in clients[:-1]:
            http.close()
        assert (server.connections, server.closed) == (1, 0)

        clients[-1].get(CALL)
        clients[-1].close()
        clients[-1].close()

        assert eventually(server, 1)
        assert (server.connections, connections._SHARED) == (1, {})
        with pytest.raises(RuntimeError, match="closed"):
            clients[-1].get(CALL)


def test_threads_do_not_take_each_others_answers(client: Client) -> None:
    """Each gets what it has asked for."""

    def script(asked: Asked, write: Write) -> None:
        write(answer({"target": asked.target}))

    with serving(script) as server, ThreadPoolExecutor(16) as pool:
        http = client(server.url)
        got = list(pool.map(lambda number: http.get("GET /{number}", number=str(number))["target"], range(200)))

    assert got == [f"/{number}" for number in range(200)]


def test_a_connection_that_the_platform_has_closed_is_not_used_again(client: Client, wire: CountingWire) -> None:
    """Load balancers close what was idle; no attempt is lost on it."""
    closing = answer({}, connection="close")
    with serving(in_turn(closing, closing)) as server:
        http = client(server.url)
        http.get(CALL)
        http.get(CALL)

    assert [received.status for _, received in wire.received] == [200, 200]


def test_no_cookie_is_kept(client: Client) -> None:
    """Two scopes must not be told apart, or joined, by what the platform has put there."""
    with serving(always(answer({}, set_cookie="session=1"))) as server:
        http = client(server.url)
        http.get(CALL)
        http.get(CALL)

    assert "cookie" not in server.asked[1].headers


def test_a_double_answers_in_place_of_the_network(client: Client) -> None:
    """As long as it is asked to, and no longer; without a socket, so that a name need not exist."""
    with answered_by(lambda request: httpx.Response(200, json={"path": request.url.path}), "https://api.example.com"):
        assert client("https://api.example.com/v1").get(CALL) == {"path": "/v1/thing"}
        with answered_by(lambda _: httpx.Response(200, json={"inner": True}), "https://api.example.com"):
            assert client("https://api.example.com").get(CALL) == {"inner": True}
        assert client("https://api.example.com").get(CALL) == {"path": "/thing"}

    assert connections._DOUBLES == {}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the certificate of an authority, and of 127.0.0.1 with its key."""
    folder = tmp_path_factory.mktemp("tls")
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of this test")])
    key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def begin(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        times = (
            x509.CertificateBuilder().not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        )
        return (
            times.subject_name(subject).issuer_name(name).public_key(public).serial_number(x509.random_serial_number())
        )

    usage = x509.KeyUsage(*(index in {5, 6} for index in range(9)))
    root = begin(name, key.public_key()).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    root = root.add_extension(usage, critical=True)
    leaf = begin(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), server_key.public_key())
    leaf = leaf.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(root.sign(key, hashes.SHA256()).public_bytes(pem))
    (folder / "server.pem").write_bytes(
        server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.sign(key, hashes.SHA256()).public_bytes(pem)
    )
    return folder


@pytest.fixture
def tls(authority: Path) -> ssl.SSLContext:
    """Return what a server with that certificate needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem")
    return context


def test_a_certificate_of_nobody_known_is_refused(client: Client, wire: CountingWire, tls: ssl.SSLContext) -> None:
    """Once: it will not be another one in a second, and the error says which setting helps."""
    with serving(always(answer({})), tls) as server, pytest.raises(Unavailable) as raised:
        client(server.url).get(CALL)

    assert raised.value.code == "certificate"
    assert "SSL_CERT_FILE" in raised.value.mend
    assert (len(wire.sent), server.asked) == (1, [])


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR"])
def test_the_machines_own_authority_is_trusted(
    client: Client, tls: ssl.SSLContext, authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """One of these is ignored by httpx, the others by requests."""
    path = authority / "ca.pem"
    if name == "SSL_CERT_DIR":
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        (tmp_path / f"{_subject_hash(certificate):08x}.0").write_bytes(path.read_bytes())
        path = tmp_path
    monkeypatch.setenv(name, str(path))

    with serving(always(answer({"ok": True})), tls) as server:
        assert client(server.url).get(CALL) == {"ok": True}


def test_the_wrong_host_is_refused_with_a_known_authority(
    client: Client, tls: ssl.SSLContext, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificate is good, for another name."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    with serving(always(answer({})), tls) as server, pytest.raises(Unavailable, match="certificate"):
        client(server.url.replace("127.0.0.1", "localhost")).get(CALL)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR"])
def test_certificates_that_are_not_there_are_said(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Falling back to others would trust whom the operator does not."""
    monkeypatch.setenv(name, str(tmp_path / "nothing.pem"))
    with pytest.raises(ConfigError, match=name):
        client("https://127.0.0.1:1").get(CALL)
    (tmp_path / "nothing.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match=name):
        client("https://127.0.0.1:1").get(CALL)


def test_an_encrypted_connection_looks_at_the_wire_as_well(
    client: Client, tls: ssl.SSLContext, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read that timed out is made again, and loses nothing of what comes later."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))

    def script(_asked: Asked, write: Write) -> None:
        data = answer({"late": True})
        for at in range(0, len(data), 40):
            time.sleep(0.15)
            write(data[at : at + 40])

    with serving(script, tls) as server, metered(20) as (wire, _):
        assert client(server.url, wire).get(CALL) == {"late": True}
    with serving(None, tls) as server, metered(0.4) as (wire, _), pytest.raises(DeadlinePassed):
        client(server.url, wire).get(CALL)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_environments_proxy_is_used(client: Client, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A tunnel is asked for, with the proxy's own credential; what it refuses is no answer of the platform."""
    with serving(always(answer({}, 403))) as server:
        monkeypatch.setenv(name, server.url.replace("//", "//us%40er:word@"))
        with pytest.raises(Unavailable, match="ProxyError"):
            client("https://api.example.com", retries=Retries(attempts=1)).get(CALL)

    (asked,) = server.asked
    assert (asked.method, asked.target) == ("CONNECT", "api.example.com:443")
    assert asked.headers["proxy-authorization"] == "Basic dXNAZXI6d29yZA=="


@pytest.mark.parametrize(
    ("proxy", "none", "host"),
    [
        ("http://proxy.example:1", "api.example.com", "api.example.com"),
        ("http://proxy.example:1", "example.com", "api.example.com"),
        ("http://proxy.example:1", "*", "api.example.com"),
        ("http://proxy.example:1", "", "127.0.0.1"),
        ("http://proxy.example:1", "", "localhost"),
        ("http://proxy.example:1", "", "169.254.169.254"),
        ("", "", "api.example.com"),
    ],
)
def test_what_needs_no_proxy_has_none(monkeypatch: pytest.MonkeyPatch, proxy: str, none: str, host: str) -> None:
    """This machine and its cloud's metadata are never reached through one."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", none)

    assert connections._proxy_for(Origin("https", host, None)) is None


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://"])
def test_a_proxy_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """Going past it would be against the operator's word."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigError):
        connections._proxy_for(Origin("https", "api.example.com", None))


def _subject_hash(certificate: x509.Certificate) -> int:
    """Return the name of a certificate in a folder of OpenSSL's: `openssl x509 -hash` prints it."""
    import subprocess

    pem = certificate.public_bytes(serialization.Encoding.PEM)
    ran = subprocess.run(["openssl", "x509", "-hash", "-noout"], input=pem, capture_output=True, check=True)
    return int(ran.stdout.strip(), 16)
