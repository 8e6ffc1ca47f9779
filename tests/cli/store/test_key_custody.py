"""Keys that are in no file: a service that signs, the environment, a keyring; and handing over between them."""

from __future__ import annotations

import os
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.played.company import Company
from tests.signers.played_vault import PlayedVault, signed

Kept = tuple[Company, str]

VAULT = '{ vault = "transit/annexd" }'
SECOND = '{ vault = "transit/annexd:2" }'


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedVault]:
    """A Vault with three versions of a key, named by the environment."""
    with PlayedVault(3) as played:
        for name, value in played.environ.items():
            monkeypatch.setenv(name, value)
        yield played


def set_keys(company: Company, **settings: str) -> None:
    """Write settings into `[store]`, in place of those there before; the values are TOML."""
    text = company.config.read_text(encoding="utf-8")
    for name, value in settings.items():
        text = re.sub(rf"^{name} = .*\n", "", text, flags=re.MULTILINE)
        text = text.replace("[store]\n", f"[store]\n{name} = {value}\n", 1)
    company.write(text)


def entries(company: Company) -> int:
    """Return the number of log entries."""
    said = company.run("verify", "--json")
    assert said.code == 0, said.err
    count: int = said.json["leaves"]
    return count


def new_key() -> tuple[bytes, str]:
    """Return the raw bytes of a new private key, and its PEM."""
    private = Ed25519PrivateKey.generate()
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return raw, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_a_store_is_signed_by_a_key_that_never_leaves_its_service(kept: Kept, vault: PlayedVault) -> None:
    """Whoever takes machine, database and memory of the signer still has no key."""
    company, _ = kept
    set_keys(company, signing_key=VAULT)

    assert company.run("scan").code == 0
    assert company.run("scan").code == 0
    proof = company.run("verify", "--rebuild", "--json").json
    key = company.run("key", "--json").json["key"]

    assert proof["unsigned"] == 0
    assert vault.public().hex() in b64decode(key.split("+", 2)[2]).hex()
    assert [path.name for path in company.folder.rglob("*.pem")] == []
    assert len(list(company.folder.glob("*.signing.pem.state"))) == 1
    texts = [re.sub(rb"annexd\.invalid/\S+", b"ORIGIN", text) for text in asked_texts(vault)]
    assert {text.split(b"\n")[0].split(b" MAC ")[0] for text in texts} <= {b"annexd log entry", b"ORIGIN"}


def asked_texts(vault: PlayedVault) -> list[bytes]:
    """Return what was to be signed."""
    return [b64decode(asked["input"]) for _, _, asked in vault.asked if asked is not None]


def test_where_the_service_is_away_nothing_is_recorded(kept: Kept, vault: PlayedVault) -> None:
    """What could not be signed later must not be taken for evidence now; reading needs no key."""
    company, _ = kept
    set_keys(company, signing_key=VAULT)
    company.run("scan")
    before = entries(company)
    vault.stop()

    said = company.run("scan")

    assert said.code == 5
    assert "did not answer" in said.err
    assert "nothing is recorded" in said.err
    assert "VAULT_ADDR" in said.err
    assert company.run("status").code == 0
    proof = company.run("verify", "--json").json
    assert proof["leaves"] == before


@pytest.mark.parametrize(
    "answer", [(503, b'{"errors":["Vault is sealed"]}'), (200, signed(1, Ed25519PrivateKey.generate().sign(b"text")))]
)
def test_a_service_that_does_not_sign_as_its_key_records_nothing(
    kept: Kept, vault: PlayedVault, answer: tuple[int, bytes]
) -> None:
    """A signature of somebody else's would be found by verifiers, long after."""
    company, _ = kept
    set_keys(company, signing_key=VAULT)
    company.run("scan")
    before = entries(company)
    vault.instead_of_signing = answer

    assert company.run("scan").code == 5
    vault.instead_of_signing = None
    assert entries(company) == before
    assert company.run("scan").code == 0
    assert company.run("verify", "--rebuild").code == 0


def test_what_a_run_recorded_before_the_service_went_away_is_signed_by_the_next(kept: Kept, vault: PlayedVault) -> None:
    """Its entries have their MACs; only the signature is missing, and it is told."""
    company, _ = kept
    set_keys(company, signing_key=VAULT)
    company.run("scan")
    vault.refused = [(1, b"annexd.invalid/")]

    assert company.run("scan").code == 5
    assert company.run("verify", "--json").json["unsigned"] > 0
    vault.refused = []
    assert company.run("scan").code == 0
    assert company.run("verify", "--json").json["unsigned"] == 0


@pytest.mark.usefixtures("vault")
def test_another_key_of_the_service_is_not_the_key_of_the_store(kept: Kept) -> None:
    """A version too far, or a rotation inside Vault, must not become a second signer."""
    company, _ = kept
    set_keys(company, signing_key=VAULT)
    company.run("scan")
    before = entries(company)
    set_keys(company, signing_key=SECOND)

    said = company.run("scan")

    assert said.code == 5
    assert "vault transit/annexd:2 is not the key of this store" in said.err
    assert company.run("doctor", "--offline").code == 1
    set_keys(company, signing_key=VAULT)
    assert entries(company) == before


def test_keys_of_the_environment_are_nowhere_on_disk(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in files nor in what is printed."""
    company, _ = kept
    raw, pem = new_key()
    store_key = os.urandom(32)
    monkeypatch.setenv("ANNEXD_SIGNING_KEY", pem)
    monkeypatch.setenv("ANNEXD_STORE_KEY", b64encode(store_key).decode())
    set_keys(company, signing_key='{ env = "ANNEXD_SIGNING_KEY" }', key='{ env = "ANNEXD_STORE_KEY" }')

    said = [
        company.run(*words)
        for words in (
            ("config", "check"),
            ("scan",),
            ("config", "check", "--json"),
            ("doctor", "--offline", "--json"),
            ("verify", "--rebuild", "--json"),
            ("key",),
            ("log", "--json"),
        )
    ]

    assert [one.code for one in said] == [0] * 7
    assert said[4].json["lookups_checked"] is True
    written = [path.read_bytes() for path in company.folder.rglob("*") if path.is_file()]
    written += [text.encode() for one in said for text in (one.out, one.err)]
    for secret in (raw, store_key):
        line = pem.splitlines()[1] if secret is raw else b64encode(secret).decode()
        for shape in (secret, secret.hex().encode(), line.encode(), b64encode(secret)):
            assert [text for text in written if shape in text] == []
    assert not list(company.folder.rglob("*.key"))


@pytest.mark.parametrize(
    ("signing", "store", "words"),
    [
        (None, "right", "ANNEXD_SIGNING_KEY is not set"),
        ("another", "right", "is not the key of this store"),
        ("no key", "right", "cannot be used"),
        ("right", None, "ANNEXD_STORE_KEY is not set"),
        ("right", "another", "holds the key of another store"),
        ("right", "c2hvcnQ=", "holds 5 bytes, not 32"),
        ("right", "%", "no base64"),
    ],
)
def test_a_variable_that_holds_no_right_key_is_told(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, signing: str | None, store: str | None, words: str
) -> None:
    """Before anything is recorded."""
    company, _ = kept
    right = {"ANNEXD_SIGNING_KEY": new_key()[1], "ANNEXD_STORE_KEY": b64encode(os.urandom(32)).decode()}
    another = {"ANNEXD_SIGNING_KEY": new_key()[1], "ANNEXD_STORE_KEY": b64encode(os.urandom(32)).decode()}
    for name, value in right.items():
        monkeypatch.setenv(name, value)
    set_keys(company, signing_key='{ env = "ANNEXD_SIGNING_KEY" }', key='{ env = "ANNEXD_STORE_KEY" }')
    company.run("scan")
    before = entries(company)
    for name, how in (("ANNEXD_SIGNING_KEY", signing), ("ANNEXD_STORE_KEY", store)):
        if how is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, {"right": right[name], "another": another[name]}.get(how, how))

    said = company.run("scan")

    assert said.code == 5
    assert words in said.err
    assert another["ANNEXD_STORE_KEY"] not in said.err
    for name, value in right.items():
        monkeypatch.setenv(name, value)
    assert entries(company) == before


def test_keys_of_a_keyring_and_in_one_line(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyring keeps lines: PKCS #8 in base64 does as well as PEM."""
    _, pem = new_key()
    line = "".join(pem.splitlines()[1:-1])
    kept = {("annexd", "signing"): line, ("annexd", "store"): b64encode(os.urandom(32)).decode()}
    module = ModuleType("keyring")
    monkeypatch.setattr(module, "get_password", lambda service, name: kept.get((service, name)), raising=False)
    monkeypatch.setattr(module, "errors", SimpleNamespace(KeyringError=OSError), raising=False)
    monkeypatch.setitem(sys.modules, "keyring", module)
    set_keys(company, signing_key='{ keyring = "annexd/signing" }', key='{ keyring = "annexd/store" }')

    assert company.run("scan").code == 0
    assert company.run("verify", "--rebuild").code == 0
    kept.clear()
    assert company.run("scan").code == 5


def rotated(company: Company, to: str) -> Any:
    """Hand over to a key, and return what is printed."""
    said = company.run("key", "rotate", "--to", to, "--reason", "tried", "--json")
    assert said.code == 0, said.err
    return said.json


@pytest.mark.usefixtures("vault")
def test_each_form_hands_over_to_each_other(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a file to a service, to its next version, to a variable and back to a file: one unbroken log."""
    company, _ = kept
    company.run("scan")
    first = company.run("key", "--json").json
    monkeypatch.setenv("NEXT", new_key()[1])
    file = company.folder / "next.pem"
    for to in (VAULT, SECOND, '{ env = "NEXT" }', str(file)):
        settings = rotated(company, to)["settings"]
        assert company.run("scan").code == 5  # the configuration still names the old key
        set_keys(company, **settings)
        assert company.run("scan").code == 0, to
        assert company.run("verify", "--rebuild").code == 0

    assert file.stat().st_mode & 0o077 == 0
    assert len(list(company.folder.rglob("*.state"))) == 1
    (company.folder / "first.txt").write_text(first["checkpoint"])
    said = company.run("verify", "--key", first["key"], "--against", str(company.folder / "first.txt"))
    assert said.code == 0, said.err


def test_a_handing_over_that_was_interrupted_is_ended_by_giving_it_again(kept: Kept, vault: PlayedVault) -> None:
    """Between the log entry and the signature by both keys the service may go away."""
    company, _ = kept
    set_keys(company, signing_key=VAULT)
    company.run("scan")
    vault.refused = [(2, b"annexd.invalid/")]
    assert company.run("key", "rotate", "--to", SECOND, "--reason", "tried").code == 5
    vault.refused = []

    for reference in (VAULT, SECOND):
        set_keys(company, signing_key=reference)
        said = company.run("scan")
        assert said.code == 5
        assert "give it again" in said.err
    set_keys(company, signing_key=VAULT)
    rotated(company, SECOND)
    rotated(company, SECOND)  # once more is no second rotation
    set_keys(company, signing_key=SECOND)

    assert company.run("scan").code == 0
    assert company.run("verify", "--rebuild").code == 0
    assert company.run("log", "--json").json["kinds"]["key"] == 1


@pytest.mark.usefixtures("vault")
def test_a_key_that_was_handed_over_does_not_come_back(kept: Kept) -> None:
    """It was replaced for a reason."""
    company, _ = kept
    set_keys(company, signing_key=VAULT)
    company.run("scan")
    rotated(company, SECOND)
    set_keys(company, signing_key=SECOND)
    before = entries(company)

    said = company.run("key", "rotate", "--to", VAULT, "--reason", "back")

    assert said.code == 5
    assert "was the key of this log before" in said.err
    assert entries(company) == before


@pytest.mark.usefixtures("vault")
def test_annexd_cannot_replace_a_key_that_is_kept_elsewhere(kept: Kept) -> None:
    """It says how it is done."""
    company, _ = kept
    set_keys(company, signing_key=VAULT)
    company.run("scan")
    said = company.run("key", "rotate", "--reason", "tried")

    assert said.code == 5
    assert "--to" in said.err
    assert company.run("scan").code == 0


def test_the_key_in_use_is_no_key_to_hand_over_to(company: Company) -> None:
    """By whatever path; nothing is opened for it."""
    company.run("scan")
    (file,) = company.folder.glob("*.signing.pem")

    assert company.run("key", "rotate", "--to", str(file), "--reason", "tried").code == 2
    assert company.run("log", "--json").json["kinds"].get("key") is None


def test_where_no_key_can_be_made_beside_the_old_one_it_is_told(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as where the key is handed over by the system, in a folder that cannot be written to."""
    company.run("scan")

    def refused(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("storage.log.signing.write_new", refused)
    said = company.run("key", "rotate", "--reason", "tried")

    assert said.code == 5
    assert "Read-only file system" in said.err
    assert "--to" in said.err


@pytest.mark.parametrize("to", ["{ vault = ", '{ nothing = "x" }', '{ vault = "x" }', '{ aws_kms = "alias/x" }', ""])
def test_what_is_no_reference_is_a_slip_of_the_command_line(company: Company, to: str) -> None:
    """Nothing was opened by then."""
    assert company.run("key", "rotate", "--to", to, "--reason", "tried").code == 2


@pytest.mark.parametrize(
    "value",
    [
        '"-----BEGIN PRIVATE KEY-----"',
        '"""\n-----BEGIN PRIVATE KEY-----\ncanary\n"""',
        '"MC4CAQAwBQYDK2VwBCIEIGNhbmFyeWNhbmFyeWNhbmFyeWNhbmFyeWNhbmFyeTEy"',
        '{ env = "MC4CAQAwBQYDK2VwBCIEIGNhbmFyeWNhbmFyeWNhbmFyeWNhbmFyeWNhbmFyeTEy" }',
        '"Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5MTI="',
        '{ env = "NAME", file = "x" }',
        "3",
        '{ aws_kms = "alias/annexd" }',
        '{ acme = "x" }',
        '{ vault = "../x" }',
    ],
)
def test_what_is_no_reference_is_refused_with_the_forms(company: Company, value: str) -> None:
    """A key that was pasted into the file is not repeated in the error."""
    set_keys(company, signing_key=value)
    said = company.run("config", "check")

    assert said.code == 3
    assert "signing_key" in said.err
    assert "canary" not in said.err
    assert "MC4C" not in said.err
    assert "Y2Fu" not in said.err


def test_a_service_is_no_place_for_the_store_key(company: Company) -> None:
    """It is used for every body; nobody signs with it."""
    set_keys(company, key=VAULT)

    assert company.run("config", "check").code == 3


def test_a_package_of_somebody_else_can_sign(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two methods and an entry point are all that it needs."""
    private = Ed25519PrivateKey.generate()
    named: list[str] = []

    class Safe:
        def public(self) -> bytes:
            return private.public_key().public_bytes_raw()

        def sign(self, data: bytes) -> bytes:
            return private.sign(data)

    def open_signer(reference: str) -> Safe:
        named.append(reference)
        return Safe()

    entry = SimpleNamespace(name="acme", load=lambda: open_signer)
    monkeypatch.setattr("collector.setup.key_refs.entry_points", lambda group: [entry] * (group == "annexd.signers"))
    set_keys(company, signing_key='{ acme = "slot 7" }')

    assert company.run("scan").code == 0
    assert company.run("verify", "--rebuild").code == 0
    assert set(named) == {"slot 7"}


@pytest.mark.usefixtures("vault")
def test_the_memory_of_the_signer_lies_where_it_is_said(kept: Kept, tmp_path: Path) -> None:
    """It is what a rollback is noticed by, so it must not go with the database."""
    company, _ = kept
    memory = tmp_path / "elsewhere" / "memory"
    set_keys(company, signing_key=VAULT, signer_memory=f'"{memory}"')
    assert company.run("scan").code == 0
    assert memory.exists()
    assert not list(company.folder.glob("*.state"))
    memory.unlink()

    assert "signer's memory" in company.run("scan").err
