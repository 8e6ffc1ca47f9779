"""`annexd init`: a configuration to begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.actions.first_config import found
from collector.cli.main import main
from collector.setup.config import load
from tests.cli.texts import compare


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without anything in it, and no credentials in the environment."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".aws").mkdir()
    return tmp_path


def test_what_is_written_can_be_read_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first configuration of a stranger must not be refused."""
    (home / ".aws" / "config").write_text("[default]\nregion = eu-west-1\n[profile prod]\n[sso-session acme]\n")
    path = home / "config.toml"

    assert main(["-c", str(path), "init"]) == 0
    assert "annexd" in capsys.readouterr().out
    assert {name: source.settings for name, source in load(path, {}).sources.items()} == {
        "aws-default": {"profile": "default"}
    }
    assert '# profile = "prod"' in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_overwritten(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A configuration is somebody's work."""
    path = home / "config.toml"
    path.write_text("mine")

    assert main(["-c", str(path), "init"]) == 3
    compare("cli/init/nothing-is-overwritten", capsys.readouterr().err)
    assert path.read_text() == "mine"


def test_a_folder_that_is_not_there_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The path was mistyped."""
    assert main(["-c", str(home / "nowhere" / "config.toml"), "init"]) == 3
    compare("cli/init/a-folder-that-is-not-there-is-told", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("config", "credentials", "environ", "live"),
    [
        ("", "", {}, []),
        ("[profile a]\n", "", {}, ["aws-a"]),
        ("[profile a]\n[profile b]\n", "[b]\n[c]\n", {}, ["aws-a"]),
        ("[profile a]\n[default]\n", "", {}, ["aws-default"]),
        ("[profile a]\n", "", {"AWS_ACCESS_KEY_ID": "AKIA"}, ["aws"]),
        ("this is no ini file", "", {}, []),
        ('[profile a"b]\n', "", {}, []),
        ("", "", {"GITHUB_TOKEN": "made up"}, ["github"]),
        ("", "", {"GH_TOKEN": "made up"}, ["github"]),
    ],
)
def test_one_source_a_platform_is_live(
    home: Path, tmp_path: Path, config: str, credentials: str, environ: dict[str, str], live: list[str]
) -> None:
    """Whoever has twenty profiles did not ask for twenty companies to be looked at."""
    (home / ".aws" / "config").write_text(config)
    (home / ".aws" / "credentials").write_text(credentials)
    path = tmp_path / "made.toml"
    path.write_text("\n".join(found(environ, home, ("aws", "github"))))

    assert list(load(path, {}).sources) == live
    assert "made up" not in path.read_text()


def test_a_source_of_github_keeps_answers_beside_the_configuration(home: Path, tmp_path: Path) -> None:
    """A second scan of a company's repositories must not take the quota of a first one."""
    path = tmp_path / "made.toml"
    path.write_text("\n".join(found({"GITHUB_TOKEN": "made up"}, home, ("github",))))

    (source,) = load(path, {}).sources.values()

    assert source.settings["cache"] == "cache/github"


def test_a_platform_without_a_connector_is_not_offered(home: Path) -> None:
    """A table that annexd would refuse is no beginning."""
    assert list(found({"GITHUB_TOKEN": "x"}, home, ())) == []


MICROSOFT = {"AZURE_TENANT_ID": "acme.example", "AZURE_CLIENT_ID": "11111111-2222-3333-4444-555555555555"}
OKTA = {"OKTA_CLIENT_ORGURL": "https://acme.okta.com/"}
NEW = ("entra", "azure", "gcp", "googleworkspace", "okta", "gitlab")


@pytest.mark.parametrize(
    ("environ", "live"),
    [
        ({}, []),
        (MICROSOFT | {"AZURE_CLIENT_SECRET": "made up"}, ["entra", "azure"]),
        (MICROSOFT | {"AZURE_CLIENT_CERTIFICATE_PATH": "/keys/annexd.pem"}, ["entra", "azure"]),
        (MICROSOFT | {"AZURE_FEDERATED_TOKEN_FILE": "/var/run/token"}, ["entra", "azure"]),
        (MICROSOFT, []),
        ({"AZURE_TENANT_ID": "acme.example", "AZURE_CLIENT_SECRET": "made up"}, []),
        (MICROSOFT | {"AZURE_TENANT_ID": 'a"\nb', "AZURE_CLIENT_SECRET": "made up"}, []),
        ({"GOOGLE_APPLICATION_CREDENTIALS": "/keys/google.json"}, ["gcp"]),
        (OKTA | {"OKTA_CLIENT_CLIENTID": "0oa1", "OKTA_CLIENT_PRIVATEKEY": "made up"}, ["okta"]),
        (OKTA | {"OKTA_CLIENT_TOKEN": "made up"}, ["okta"]),
        (OKTA, []),
        ({"GITLAB_TOKEN": "made up"}, ["gitlab"]),
    ],
)
def test_what_other_platforms_need_is_taken_from_their_own_variables(
    home: Path, tmp_path: Path, environ: dict[str, str], live: list[str]
) -> None:
    """Whoever has set them for the platform's own tools need not look them up again; no secret is written."""
    path = tmp_path / "made.toml"
    path.write_text("\n".join(found(environ, home, NEW)))

    assert sorted(load(path, {}).sources) == sorted(live)
    assert "made up" not in path.read_text()
    assert {f"sources.{name}" in path.read_text() for name in NEW} == {True}


def test_credentials_that_gcloud_keeps_are_found(home: Path) -> None:
    """`gcloud auth application-default login` writes them."""
    file = home / ".config" / "gcloud" / "application_default_credentials.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")

    assert next(found({}, home, ("gcp",))).startswith("[sources.gcp]")
