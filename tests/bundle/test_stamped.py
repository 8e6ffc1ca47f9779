"""A time stamp in a bundle bounds from when on its log existed, and both verifiers hold it against a root."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import pytest

from collector.bundle.verifying.bundle import verify_bundle
from collector.core.facts import Anchored
from storage.log.anchors import KIND, read_roots, stamp_request
from tests.bundle.conftest import Office
from tests.bundle.test_shipped_verifier import run_shipped
from tests.storage.stamping import Authority


@pytest.fixture
def stamped(office: Office, tmp_path: Path) -> tuple[Office, Authority]:
    """An office whose log was shown to an authority before the export."""
    authority = Authority(tmp_path / "authority")
    head = office.store.checkpoints.checkpoint()
    assert head is not None
    answer = base64.b64encode(authority.stamp(stamp_request(head.text).as_bytes())).decode()
    office.store.write(
        [
            Anchored(
                at=office.desk.clock.now(), size=head.size, root=head.root, kind=KIND, where="authority", token=answer
            )
        ]
    )
    office.export()
    return office, authority


def test_both_hold_a_stamp_against_a_root(stamped: tuple[Office, Authority]) -> None:
    """Who holds the key can write what they like, but not before the stamp."""
    office, authority = stamped
    bundle, key = office.folder / "out.zip", office.key

    report = verify_bundle(bundle, key=key, roots=read_roots(authority.root))
    process = run_shipped(office.folder, bundle, "--key", str(key), "--tsa-ca", str(authority.root))

    assert [stamp.is_proven for stamp in report.stamps] == [True]
    assert process.returncode == 0, process.stderr
    assert "proven" in next(line for line in process.stdout.splitlines() if line.startswith("stamped"))


def test_without_a_root_a_stamp_is_shown_and_not_called_proven(stamped: tuple[Office, Authority]) -> None:
    """Anybody can run an authority of their own."""
    office, _ = stamped
    bundle, key = office.folder / "out.zip", office.key

    process = run_shipped(office.folder, bundle, "--key", str(key))

    assert [stamp.is_proven for stamp in verify_bundle(bundle, key=key).stamps] == [False]
    assert "--tsa-ca" in process.stdout


def test_a_stamp_of_a_stranger_is_refused_by_both(stamped: tuple[Office, Authority], tmp_path: Path) -> None:
    """The root that the reader trusts is the only one that counts."""
    office, _ = stamped
    bundle, key, other = office.folder / "out.zip", office.key, Authority(tmp_path / "other")

    process = run_shipped(office.folder, bundle, "--key", str(key), "--tsa-ca", str(other.root))

    assert process.returncode == 1
    with pytest.raises(Exception, match="does not hold against"):
        verify_bundle(bundle, key=key, roots=read_roots(other.root))


def test_a_stamp_holds_when_the_certificate_of_its_authority_has_expired(
    stamped: tuple[Office, Authority], tmp_path: Path
) -> None:
    """Evidence is looked at for years; the certificate of an authority lives for a few."""
    office, authority = stamped
    programs = tmp_path / "in 2100"
    programs.mkdir()
    # For openssl it is 2100, unless it is told for which time it is asked.
    later = '[ "$1 $2" = "ts -verify" ] && { shift 2; set -- ts -verify -attime 4102444800 "$@"; }'
    (programs / "openssl").write_text(f'#!/bin/sh\n{later}\nexec {shutil.which("openssl")} "$@"\n')
    (programs / "openssl").chmod(0o755)

    process = run_shipped(
        office.folder,
        office.folder / "out.zip",
        *("--key", str(office.key), "--tsa-ca", str(authority.root)),
        programs=programs,
    )

    assert process.returncode == 0, process.stderr
