"""Secrets by reference."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from collector.core.errors import ConfigError
from collector.setup.secret_refs import secret


def test_a_secret_is_read_when_it_is_used(tmp_path: Path) -> None:
    """A rotated token is picked up by a daemon without a restart."""
    environ = {"TOKEN": "first\n"}
    token = secret({"env": "TOKEN"}, tmp_path, environ)
    before = token.reveal()
    environ["TOKEN"] = "second"

    assert (before, token.reveal()) == ("first", "second")


def test_a_file_is_looked_for_beside_the_configuration(tmp_path: Path) -> None:
    """A daemon's working folder is not where its configuration lies."""
    (tmp_path / "token").write_text("from a file\n")

    assert secret({"file": "token"}, tmp_path).reveal() == "from a file"


@pytest.mark.parametrize(("raw", "words"), [(None, "No such file"), (b"\xff\xfe", "not text"), (b" \n", "no secret")])
def test_a_file_without_a_secret_is_told(tmp_path: Path, raw: bytes | None, words: str) -> None:
    """An empty token would be sent, and the platform's refusal would blame the permissions."""
    if raw is not None:
        (tmp_path / "token").write_bytes(raw)

    with pytest.raises(ConfigError, match=words):
        secret({"file": "token"}, tmp_path).reveal()


@pytest.mark.parametrize(("environ", "how"), [({}, "not set"), ({"TOKEN": ""}, "empty"), ({"TOKEN": "  "}, "empty")])
def test_a_variable_without_a_secret_is_told(tmp_path: Path, environ: dict[str, str], how: str) -> None:
    """A variable that is set to nothing is the usual slip of a pipeline."""
    with pytest.raises(ConfigError, match=f"TOKEN is {how}"):
        secret({"env": "TOKEN"}, tmp_path, environ).reveal()


def test_no_repr_shows_a_value(tmp_path: Path) -> None:
    """Whatever prints a settings object must not print a token."""
    assert repr(secret({"env": "TOKEN"}, tmp_path, {"TOKEN": "canary"})) == "Secret(env TOKEN)"


class KeyringError(Exception):
    """The error of the library keyring."""


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """Install a fake keyring, and return its entries by service and name."""
    entries: dict[tuple[str, str], str] = {}

    def get_password(service: str, name: str) -> str | None:
        if service == "locked":
            raise KeyringError("it is locked")
        return entries.get((service, name))

    module = ModuleType("keyring")
    monkeypatch.setattr(module, "get_password", get_password, raising=False)
    monkeypatch.setattr(module, "errors", SimpleNamespace(KeyringError=KeyringError), raising=False)
    monkeypatch.setitem(sys.modules, "keyring", module)
    return entries


def test_a_keyring_is_asked_by_service_and_name(tmp_path: Path, keyring: dict[tuple[str, str], str]) -> None:
    """A laptop keeps its tokens there and nowhere else."""
    keyring["annexd", "github"] = "from the keyring"

    assert secret({"keyring": "annexd/github"}, tmp_path).reveal() == "from the keyring"


@pytest.mark.parametrize(("name", "words"), [("annexd/none", "no entry"), ("locked/any", "it is locked")])
@pytest.mark.usefixtures("keyring")
def test_a_keyring_that_gives_nothing_is_told(tmp_path: Path, name: str, words: str) -> None:
    """Each way to fail has its own thing to do."""
    with pytest.raises(ConfigError, match=words):
        secret({"keyring": name}, tmp_path).reveal()


def test_a_keyring_that_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no part of annexd, because a server has none."""
    monkeypatch.setitem(sys.modules, "keyring", None)

    with pytest.raises(ConfigError, match="not installed") as caught:
        secret({"keyring": "annexd/github"}, tmp_path).reveal()

    assert "pip install keyring" in caught.value.mend
