"""A time-stamping authority on this machine: openssl behind a small HTTP server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

_CONFIG = """\
[tsa]
serial=./serial
signer_cert=./tsa.pem
signer_key=./tsa.key
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256,sha384,sha512
ess_cert_id_alg=sha256
{certs}
[ext]
extendedKeyUsage=critical,timeStamping
keyUsage=critical,digitalSignature
"""


class Authority:
    """Answers with tokens, or with whatever a test makes it answer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.asked = 0
        self.answer: tuple[int, bytes] | None = None
        self.query: bytes | None = None
        folder.mkdir(exist_ok=True)
        _make(folder)

    @property
    def root(self) -> Path:
        """The certificate that verifiers trust."""
        return self.folder / "ca.pem"

    def stamp(self, query: bytes) -> bytes:
        """Return the answer to a question."""
        (self.folder / "q.tsq").write_bytes(self.query or query)
        openssl(
            self.folder, "ts", "-reply", "-config", "ts.cnf", "-section", "tsa", "-queryfile", "q.tsq", "-out", "r.tsr"
        )
        return (self.folder / "r.tsr").read_bytes()

    def with_its_chain(self) -> None:
        """Send the chain too, in the order in which openssl writes it, which DER does not allow."""
        (self.folder / "ts.cnf").write_text(_CONFIG.format(certs="certs=./ca.pem"))


@contextmanager
def serving(authority: Authority) -> Iterator[Authority]:
    """Let it be asked over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            authority.asked += 1
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = authority.answer or (200, authority.stamp(query))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    authority.url = f"http://127.0.0.1:{server.server_address[1]}/tsr"
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()


def _make(folder: Path) -> None:
    new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    (folder / "ts.cnf").write_text(_CONFIG.format(certs=""))
    (folder / "serial").write_text("01\n")
    openssl(folder, *new, "-x509", "-days", "3650", "-subj", "/CN=root", "-keyout", "ca.key", "-out", "ca.pem")
    openssl(folder, *new, "-subj", "/CN=stamps", "-keyout", "tsa.key", "-out", "tsa.csr")
    signing = ("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
    openssl(folder, *signing, "-days", "3650", "-extfile", "ts.cnf", "-extensions", "ext", "-out", "tsa.pem")


def openssl(folder: Path, *args: str) -> None:
    """Run the program, which every machine of CI has."""
    done = subprocess.run(["openssl", *args], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
