"""Certificates of one authority, for a scheduler, workers and the process that writes on one machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collector.engine.workers.dask_channels import Tls

if TYPE_CHECKING:
    from pathlib import Path


def make_tls(folder: Path) -> Tls:
    """Write an authority and one certificate of it to a folder."""
    folder.mkdir(exist_ok=True)
    authority_key, own_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _name("authority")
    ca = _builder(authority, authority, authority_key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), True
    )
    own = _builder(_name("annexd"), authority, own_key).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1")), x509.DNSName("localhost")]), False
    )
    tls = Tls(folder / "ca.pem", folder / "own.pem", folder / "own.key")
    pem = serialization.Encoding.PEM
    tls.ca.write_bytes(ca.sign(authority_key, hashes.SHA256()).public_bytes(pem))
    tls.certificate.write_bytes(own.sign(authority_key, hashes.SHA256()).public_bytes(pem))
    plain = serialization.NoEncryption()
    tls.key.write_bytes(own_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return tls


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
