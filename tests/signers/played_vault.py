"""A small Vault with a transit engine: "Read key" and "Sign data" of its published API, and ways to go wrong.

https://developer.hashicorp.com/vault/api-docs/secret/transit has requests and answers; that the public key of type
ed25519 is base64 of its 32 bytes is in builtin/logical/transit/path_keys.go and path_sign_verify.go of Vault.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from base64 import b64decode, b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TOKEN = "hvs.played-0123456789"
MOUNT, KEY = "transit", "annexd"

Answer = tuple[int, bytes]


class PlayedVault:
    """A Vault on this machine with one key; each version is a private key. Use it in a `with`.

    `instead` is answered to everything, `instead_of_signing` to requests for a signature; `refused` are versions with
    the beginnings of texts that they do not sign. It `waits` before it answers, and after each byte where it `drips`.
    """

    def __init__(self, versions: int = 1, tls: ssl.SSLContext | None = None) -> None:
        self.keys = [Ed25519PrivateKey.generate() for _ in range(versions)]
        self.type = "ed25519"
        self.derived = False
        self.asked: list[tuple[str, str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.instead: Answer | None = None
        self.instead_of_signing: Answer | None = None
        self.refused: list[tuple[int, bytes]] = []
        self.waits = 0.0
        self.drips = 0.0
        vault = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                vault.serve(self, None)

            def do_POST(self) -> None:
                vault.serve(self, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def log_message(self, *args: object) -> None:
                """Write nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.address = f"http{'s' * (tls is not None)}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Go away: connections are refused from now on."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def environ(self) -> dict[str, str]:
        """What names it to its clients."""
        return {"VAULT_ADDR": self.address, "VAULT_TOKEN": TOKEN, "HOME": "/nowhere"}

    def public(self, version: int = 1) -> bytes:
        """Return the public key of a version."""
        return self.keys[version - 1].public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def serve(self, request: BaseHTTPRequestHandler, asked: Any) -> None:
        """Answer one request."""
        self.asked.append((request.command, request.path, asked))
        self.headers.append(dict(request.headers))
        time.sleep(self.waits)
        status, body = self.instead or (asked and self.instead_of_signing) or self._answer(request, asked)
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        if status in {301, 307}:
            request.send_header("Location", "http://127.0.0.1:9/elsewhere")
        request.end_headers()
        try:
            for at in range(0, len(body), 1 if self.drips else len(body) or 1):
                request.wfile.write(body[at:] if not self.drips else body[at : at + 1])
                request.wfile.flush()
                time.sleep(self.drips)
        except OSError:
            request.close_connection = True

    def _answer(self, request: BaseHTTPRequestHandler, asked: Any) -> Answer:
        if request.headers.get("X-Vault-Token") != TOKEN:
            return 403, errors("permission denied")
        if (request.command, request.path) == ("GET", f"/v1/{MOUNT}/keys/{KEY}"):
            return 200, self.key_answer()
        if (request.command, request.path) == ("POST", f"/v1/{MOUNT}/sign/{KEY}"):
            version = asked["key_version"]
            if not 0 < version <= len(self.keys):
                return 400, errors("cannot sign with key version: version is too new")
            text = b64decode(asked["input"], validate=True)
            if any(version == number and text.startswith(beginning) for number, beginning in self.refused):
                return 500, errors("internal error")
            signature = self.keys[version - 1].sign(text)
            return 200, signed(version, signature)
        return 404, errors()

    def key_answer(self) -> bytes:
        """Return the answer to "Read key"."""
        return answer(
            {
                "allow_plaintext_backup": False,
                "deletion_allowed": False,
                "derived": self.derived,
                "exportable": False,
                "imported_key": False,
                "keys": {
                    str(version): {
                        "certificate_chain": "",
                        "creation_time": "2026-03-01T06:00:00.000000000Z",
                        "name": "ed25519",
                        "public_key": b64encode(self.public(version)).decode(),
                    }
                    for version in range(1, len(self.keys) + 1)
                },
                "latest_version": len(self.keys),
                "min_available_version": 0,
                "min_decryption_version": 1,
                "min_encryption_version": 0,
                "name": KEY,
                "supports_decryption": False,
                "supports_derivation": True,
                "supports_encryption": False,
                "supports_signing": True,
                "type": self.type,
            }
        )


def signed(version: int, signature: bytes) -> bytes:
    """Return the answer to "Sign data"."""
    return answer({"key_version": version, "signature": f"vault:v{version}:{b64encode(signature).decode()}"})


def answer(data: object) -> bytes:
    """Return an answer of Vault's."""
    return json.dumps(
        {
            "request_id": "2f3b9c8e-0000-4000-8000-000000000000",
            "lease_id": "",
            "renewable": False,
            "lease_duration": 0,
            "data": data,
            "wrap_info": None,
            "warnings": None,
            "auth": None,
            "mount_type": "transit",
        }
    ).encode()


def errors(*words: str) -> bytes:
    """Return what Vault answers with a status of an error."""
    return json.dumps({"errors": list(words)}).encode()
