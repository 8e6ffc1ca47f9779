"""Connectors by their names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from collector.core.errors import ConfigError
from collector.setup import loading
from tests.played import plugged
from tests.played.checks import mfa, rotated

CONNECTOR = """
from tests.played.connector import played as make
played = make()
"""

ONE_CHECK = """
from collector.core.checks import check, passed
from tests.played.connector import Member

@check("played_twice", title="It holds", severity="low", fix="Mend it")
def twice(member: Member):
    return passed()
"""


@pytest.fixture
def package(offered: Path) -> Path:
    """Return the folder of a foreign package, which the entry point names."""
    folder = offered.parent / "somebodys"
    folder.mkdir()
    (offered / "entry_points.txt").write_text("[annexd.connectors]\nplayed = somebodys\n")
    return folder


@pytest.fixture(autouse=True)
def forgotten() -> object:
    """Remove the modules of the foreign package after each test."""
    import sys

    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "somebodys"]:
        del sys.modules[name]


def test_every_connector_that_comes_with_annexd_loads_under_its_name() -> None:
    """A file in the folder is all that a new one takes."""
    names = loading.builtin()

    assert "aws" in names
    assert [name for name in names if loading.connector(name).connector.name != name] == []


def test_every_connector_that_comes_with_annexd_says_what_is_asked_of_it() -> None:
    """Nothing of it is told from the name of a module: ids of checks, the page, the file of its coverage."""
    root = Path(__file__).parents[2]
    made = [loading.connector(name).connector for name in loading.builtin()]

    assert [connector.name for connector in made if not (root / connector.docs).is_file()] == []
    assert [
        connector.name for connector in made if connector.coverage is None or not connector.coverage.is_file()
    ] == []
    assert {connector.name: connector.check_prefixes for connector in made} == {
        "aws": ("aws_",),
        "azure": ("azure_",),
        "entra": ("entra_", "m365_"),
        "github": ("github_",),
        "gcp": ("gcp_",),
        "gitlab": ("gitlab_",),
        "googleworkspace": ("googleworkspace_",),
        "okta": ("okta_",),
    }
    assert [connector.name for connector in made if connector.permissions_document is None] == []


@pytest.mark.parametrize("name", loading.builtin())
def test_the_platform_of_a_check_is_told_by_its_id_alone(name: str) -> None:
    """Where its SDK is not installed there is nothing else to go by."""
    assert {
        loading.platform_of(f"{prefix}service_state") for prefix in loading.connector(name).connector.check_prefixes
    } == {name}
    assert loading.platform_of("m365_exchange_audited") == "entra"


@pytest.mark.parametrize(
    ("prefixes", "words"),
    [
        ("()", "there is a check called played_twice, and played declares no check_prefixes"),
        ('("house_", "guild_")', "the id played_twice does not begin with house_ or guild_"),
    ],
)
def test_a_check_whose_id_is_not_its_connectors_is_refused(package: Path, prefixes: str, words: str) -> None:
    """Own checks and links are told by their beginnings; an id with another one would be nobody's."""
    (package / "__init__.py").write_text(f"{CONNECTOR}played.check_prefixes = {prefixes}\n{ONE_CHECK}")

    with pytest.raises(ConfigError, match=re.escape(words)):
        loading.connector("played")


@pytest.mark.usefixtures("offered")
def test_a_connector_of_somebody_elses_is_found_by_its_entry_point() -> None:
    """Others extend annexd without touching it; what they install is named in the record."""
    connector = loading.connector("played")

    assert connector.connector is plugged.played
    assert connector.checks["played_member_mfa"] is mfa
    assert connector.distribution == "annexd-played 1.2"


def test_a_name_that_nobody_offers_is_told_with_those_there_are() -> None:
    """The list of names is what the user needs next."""
    with pytest.raises(ConfigError, match="no connector 'nothing'") as caught:
        loading.connector("nothing")

    assert "aws" in caught.value.mend


def test_checks_are_found_in_every_module_of_a_package_but_private_ones(package: Path) -> None:
    """Nothing is registered anywhere, so a file alone must be enough."""
    (package / "__init__.py").write_text(CONNECTOR)
    (package / "members.py").write_text(ONE_CHECK)
    (package / "_drafts.py").write_text(ONE_CHECK.replace("played_twice", "played_draft"))

    assert list(loading.connector("played").checks) == ["played_twice"]


def test_two_checks_with_one_id_are_refused(package: Path) -> None:
    """One would hide what the other says."""
    (package / "__init__.py").write_text(CONNECTOR)
    (package / "members.py").write_text(ONE_CHECK)
    (package / "owners.py").write_text(ONE_CHECK)

    with pytest.raises(ConfigError, match="two checks called played_twice"):
        loading.connector("played")


def test_a_module_without_the_connector_is_refused(package: Path) -> None:
    """The entry point leads somewhere else."""
    (package / "__init__.py").write_text("")

    with pytest.raises(ConfigError, match="has 0 connectors called 'played'"):
        loading.connector("played")


def test_a_missing_package_of_somebody_elses_is_named(package: Path) -> None:
    """Which extra of annexd installs it is not known; its name is."""
    (package / "__init__.py").write_text("import a_vendors_sdk")

    with pytest.raises(loading.MissingSdkError, match="needs the package a_vendors_sdk") as caught:
        loading.connector("played")

    assert caught.value.mend == "pip install a_vendors_sdk"


def test_a_missing_sdk_of_ours_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`pip install` with the right words is all that is missing."""
    (tmp_path / "later.py").write_text("import a_vendors_sdk")
    monkeypatch.setitem(loading._EXTRAS, "later", "microsoft")
    monkeypatch.setattr("connectors.__path__", [str(tmp_path)])

    with pytest.raises(loading.MissingSdkError) as caught:
        loading.connector("later")

    assert caught.value.mend == "pip install 'annexd[microsoft]'"


def test_a_defect_of_our_own_is_no_missing_sdk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A slip in an import must not send the user to pip."""
    (tmp_path / "later.py").write_text("import collector.nowhere")
    monkeypatch.setattr("connectors.__path__", [str(tmp_path)])

    with pytest.raises(ModuleNotFoundError, match="collector"):
        loading.connector("later")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("a = (\n", "SyntaxError: '(' was never closed, in {file}:1"),
        ("\nfrom connectors._http import Error\n", "ImportError: cannot import name 'Error' from 'connectors._http'"),
        ("import somebodys.helpers\n", "ModuleNotFoundError: No module named 'somebodys.helpers', in {file}:1"),
        ("import collector.nowhere\n", "ModuleNotFoundError: No module named 'collector.nowhere', in {file}:1"),
        ("\n\nraise TypeError('it has no level')\n", "TypeError: it has no level, in {file}:3"),
        ("from collector.core.scopes import show_scope\nshow_scope(1)\n", "in {file}:2"),
    ],
)
def test_a_mistake_of_somebody_elses_is_no_defect_of_annexd(package: Path, code: str, says: str) -> None:
    """Who writes a connector is told the line; nobody is sent to pip, or told to report it to annexd."""
    file = package / "__init__.py"
    file.write_text(code)

    with pytest.raises(ConfigError) as caught:
        loading.connector("played")

    assert not isinstance(caught.value, loading.MissingSdkError)
    assert caught.value.what.startswith("the connector played cannot be imported: ")
    assert says.format(file=file) in caught.value.what
    assert caught.value.mend == "correct it, or ask whoever wrote annexd-played 1.2"


def test_a_connector_of_another_name_is_named(package: Path) -> None:
    """The name of the entry point and that of the connector are one."""
    (package / "__init__.py").write_text(f"{CONNECTOR}played.name = 'my-played'\n")

    with pytest.raises(ConfigError, match=r"has 0 connectors called 'played'.*others in it are called my-played"):
        loading.connector("played")


def test_a_kind_has_a_name_of_two_words(package: Path) -> None:
    """The second is its service, by which findings and checks are listed."""
    lists = "played.collections['member'] = played.collections.pop('played.member')\n"
    (package / "__init__.py").write_text(f"{CONNECTOR}{lists}")

    with pytest.raises(ConfigError, match="lists a kind called 'member'") as caught:
        loading.connector("played")

    assert '@resource("played.member", ...)' in caught.value.mend


def test_the_digest_is_of_all_code_that_runs(package: Path) -> None:
    """Evidence names the code that took it; private modules run as well."""
    (package / "__init__.py").write_text(CONNECTOR)
    (package / "_inner.py").write_text("A = 1\n")
    before = loading.connector("played").code
    (package / "_inner.py").write_text("A = 2\n")

    assert loading.connector("played").code != before


def test_a_check_has_a_digest_of_its_own_source() -> None:
    """A finding that changed because the rule did must be told from one that changed because the world did."""
    assert loading.check_code(mfa) == loading.check_code(mfa)
    assert loading.check_code(mfa) != loading.check_code(rotated)
