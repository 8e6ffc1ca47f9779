"""The configuration: everything that is wrong in it is told with its place, and what would do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from collector.core.errors import AnnexdError, ConfigError
from collector.setup.app import open_app
from collector.setup.config import load
from tests.played.company import PLAYED, Company


def message_of(error: AnnexdError) -> str:
    """Return the text of an error."""
    return "\n".join(error.lines())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[sorces.acme]\n", ["config.toml:1: sorces", "there is no such key", "the nearest is sources"]),
        ('[store]\nurll = "x"\n', ["config.toml:2: store.urll", "the nearest is url", "url, key"]),
        ("[store]\nurl = 5\n", ["config.toml:2: store.url", "Expected `str`", "5"]),
        ("[limits]\ntasks = 0\n", ["config.toml:2: limits.tasks", ">= 1"]),
        ('[limits]\ntasks = "many"\n', ["config.toml:2: limits.tasks", "'many'"]),
        ('[limits]\ndeadline = "soon"\n', ["config.toml:2: limits.deadline", "'soon'", "24h"]),
        ("[limits]\ndeadline = 30\n", ["config.toml:2: limits.deadline", "30 is not a span of time", '"24h"']),
        ('[limits]\ndeadline = "0h"\n', ["config.toml:2: limits.deadline", "no time at all"]),
        ("limits = 3\n", ["config.toml:1: limits", "Expected `object`"]),
        ("sources = 3\n", ["config.toml:1: sources", "not a table"]),
        ("[sources]\nacme = 3\n", ["config.toml:2: sources.acme", "[sources.acme]"]),
        ("[sources.acme]\n", ["config.toml:1: sources.acme", "no connector is named"]),
        ('[sources."a b"]\n', ['config.toml:1: sources."a b"', "no connector is named"]),
        ('[sources.a]\nconnector = "aws"\nevery = "often"\n', ["config.toml:3: sources.a.every", "'often'"]),
        ('[sources.a]\nconnector = "aws"\nserves = ["shop"]\n', ["config.toml:3: sources.a.serves", "'shop'"]),
        ('[sources.a]\nconnector = "aws"\ncron = "0 25 * * *"\n', ["config.toml:3: sources.a.cron", "'25' is no hour"]),
        ('[sources.a]\nconnector = "aws"\ncron = 3\n', ["config.toml:3: sources.a.cron", "3 is no text"]),
        ('[sources.a]\nconnector = "aws"\ntime_zone = "UTC"\n', ["config.toml:3: sources.a.time_zone", "cron"]),
        ('[sources.a]\nconnector = "aws"\njitter = "5m"\n', ["config.toml:3: sources.a.jitter", "cron"]),
        (
            '[sources.a]\nconnector = "aws"\ncron = "0 3 * * mon-fri"\nevery = "2d"\n',
            ["config.toml:4: sources.a.every", "up to 3d apart"],
        ),
        ("[execution]\nworkers = 2\n", ["config.toml:2: execution.workers", 'engine = "processes"']),
        ('[execution]\nengine = "processes"\nworkers = 0\n', ["config.toml:3: execution.workers", ">= 1"]),
        ('[execution]\nengine = "fibers"\n', ["config.toml:2: execution.engine", "'fibers'"]),
        ('[execution]\nengine = "dask"\n', ["config.toml:1: execution", "scheduler is missing"]),
        ('[execution]\nscheduler = "tcp://dask:8786"\n', ["config.toml:2: execution.scheduler", "tls://"]),
        ('[execution]\nscheduler = "tls://dask:8786"\n', ["config.toml:2: execution.scheduler", "threads"]),
        (
            (
                '[execution]\nengine = "dask"\nscheduler = "tls://dask:8786"\n'
                'ca = "ca.pem"\ncertificate = "w.pem"\ncertificate_key = "w.key"\n'
            ),
            ["config.toml:2: execution.engine", "PostgreSQL"],
        ),
        ("[daemon]\nsources = 0\n", ["config.toml:2: daemon.sources", ">= 1"]),
        ('[daemon]\ndrain = "soon"\n', ["config.toml:2: daemon.drain", "'soon'"]),
        ("[checks.some_check]\nenabled = false\n", ["config.toml:2: checks.some_check.enabled", "without a reason"]),
        ("[checks.some_check]\nenabled = 0\n", ["config.toml:2: checks.some_check.enabled", "`bool`"]),
        ('[[services.provided]]\nname = "x"\nmodel = "sass"\n', ["services.provided.model", "sass"]),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, words: list[str]) -> None:
    """Who is woken at night should not have to search the file."""
    path = tmp_path / "config.toml"
    path.write_text(text)

    with pytest.raises(ConfigError) as caught:
        load(path, {})

    assert [word for word in words if word not in message_of(caught.value)] == []


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"[store]\nurl = \n", ["config.toml:2", "column", "this is not TOML"]),
        (b"[store\n", ["config.toml:1", "this is not TOML"]),
        (b"[store]\nurl = 'caf\xe9'\n", ["config.toml:2", "column 11", "not UTF-8", "0xe9"]),
    ],
)
def test_a_file_that_is_no_toml_is_told_with_line_and_column(tmp_path: Path, raw: bytes, words: list[str]) -> None:
    """A missing quote is found in a second when the line is known."""
    path = tmp_path / "config.toml"
    path.write_bytes(raw)

    with pytest.raises(ConfigError) as caught:
        load(path, {})

    assert [word for word in words if word not in message_of(caught.value)] == []


def test_without_a_file_the_way_to_one_is_told(tmp_path: Path) -> None:
    """The first thing that a stranger does is to forget it."""
    with pytest.raises(ConfigError, match="there is no configuration at") as caught:
        load(tmp_path / "config.toml", {})

    assert "annexd init" in caught.value.mend


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    """A mount that went wrong looks like this in a container."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, {})


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    """Nothing has to be said twice; only what to look at must be said at all."""
    path = tmp_path / "config.toml"
    path.write_text("")
    config = load(path, {})

    assert config.store.url == f"sqlite:///{tmp_path.resolve()}/annexd.db"
    assert config.frameworks.use == ("iso27001:2022",)
    assert config.sources == {}


def test_paths_begin_where_the_file_is(tmp_path: Path) -> None:
    """A daemon and a shell in different folders must mean the same store."""
    path = tmp_path / "config.toml"
    path.write_text('[store]\nurl = "sqlite:///data/a.db"\nkey = "keys/a.key"\n')
    store = load(path, {}).store

    assert store.url == f"sqlite:///{tmp_path.resolve()}/data/a.db"
    assert store.key is not None
    assert store.key.path == tmp_path.resolve() / "keys/a.key"


def test_the_environment_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container gets its store from outside; its path means the folder of whoever says it."""
    path = tmp_path / "config.toml"
    path.write_text('[store]\nurl = "sqlite:///file.db"\n')
    monkeypatch.chdir(tmp_path.parent)

    assert load(path, {"ANNEXD_STORE_URL": "sqlite:///other.db"}).store.url == f"sqlite:///{Path.cwd()}/other.db"
    assert load(path, {"ANNEXD_STORE_URL": "postgresql://db/annexd"}).store.url == "postgresql+psycopg://db/annexd"


def test_what_every_source_takes_is_kept_apart_from_its_own(tmp_path: Path) -> None:
    """A connector must not know of schedules and budgets."""
    path = tmp_path / "config.toml"
    path.write_text(
        '[[services.provided]]\nname = "shop"\nmodel = "saas"\n'
        '[sources.a]\nconnector = "aws"\nevery = "12h"\nserves = ["shop"]\ncalls_per_second = 5\nrole = "r"\n'
    )
    source = load(path, {}).sources["a"]

    assert (source.every, source.serves, source.calls_per_second) == (timedelta(hours=12), ("shop",), 5.0)
    assert source.settings == {"role": "r"}


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ('orgz = ["x"]\n', ["config.toml:7: sources.acme.orgz", "the nearest is orgs"]),
        ("orgs = 3\n", ["config.toml:7: sources.acme.orgs", "Expected `array`", "3"]),
        ("orgs = []\n", ["config.toml:7: sources.acme.orgs", "is empty"]),
        ("patience = 5\n", ["config.toml:7: sources.acme.patience", "5 is not a span"]),
        ('patience = "5x"\n', ["config.toml:7: sources.acme.patience", "'5x'"]),
        ("token = 7\n", ["config.toml:7: sources.acme.token", "one reference"]),
        ("token = { env = 7 }\n", ["config.toml:7: sources.acme.token", "one reference"]),
        ('token = { vault = "x" }\n', ["config.toml:7: sources.acme.token", "{ env ="]),
        ('token = { env = "A", file = "b" }\n', ["config.toml:7: sources.acme.token", "one reference"]),
        ('token = { keyring = "service" }\n', ["config.toml:7: sources.acme.token", "service/name"]),
    ],
)
def test_a_mistake_in_a_connectors_own_keys_is_told_with_its_place(
    company: Company, added: str, words: list[str]
) -> None:
    """Connectors of others are configured in the same file, and their mistakes are told in the same manner."""
    company.add(added)

    with pytest.raises(ConfigError) as caught:
        open_app(company.config).sources()

    assert [word for word in words if word not in message_of(caught.value)] == []


def test_a_required_key_that_is_missing_is_told_with_how_to_write_it(company: Company) -> None:
    """The connector knows what it cannot do without; the user learns it before the first scan."""
    company.write('[sources.acme]\nconnector = "played"\n')

    with pytest.raises(ConfigError, match=r"config.toml:1: sources.acme.platform: this key is required"):
        open_app(company.config).sources()


def test_a_secret_in_the_file_is_refused_and_not_repeated(company: Company) -> None:
    """Error messages end in logs and tickets, where a token does not belong."""
    company.add('token = "ghp_do_not_show_this"\n')

    with pytest.raises(ConfigError) as caught:
        open_app(company.config).sources()

    assert "a secret may not stand in the file" in message_of(caught.value)
    assert "{ env = " in message_of(caught.value)
    assert "ghp_do_not_show_this" not in message_of(caught.value)


def test_a_token_that_is_not_set_is_told_with_file_and_key(company: Company) -> None:
    """A missing token should stop a scan before it begins, not make a thousand verdicts unknown."""
    company.add('token = { env = "ANNEXD_TEST_NO_SUCH_TOKEN" }\n')

    for command in (["scan"], ["config", "check"], ["doctor"]):
        result = company.run(*command)
        assert result.code == 3, result.err
        assert "config.toml:7: sources.acme.token" in result.err
        assert "ANNEXD_TEST_NO_SUCH_TOKEN is not set" in result.err


def test_a_region_that_does_not_exist_is_told_with_the_nearest(tmp_path: Path) -> None:
    """A region with a slip in it would otherwise be a host name that does not resolve, again and again."""
    path = tmp_path / "config.toml"
    path.write_text('[sources.a]\nconnector = "aws"\nregions = ["eu-cental-1"]\n')

    with pytest.raises(ConfigError) as caught:
        open_app(path).sources()

    assert "config.toml:3: sources.a.regions" in message_of(caught.value)
    assert "eu-central-1" in message_of(caught.value)


def test_an_unknown_connector_is_told_with_those_there_are(company: Company) -> None:
    """A connector is found by its name alone, so a slip must not look like a missing package."""
    company.write('[sources.a]\nconnector = "awss"\n')

    with pytest.raises(ConfigError) as caught:
        open_app(company.config)

    assert "config.toml:2: sources.a.connector: there is no connector 'awss'" in message_of(caught.value)
    assert "aws" in caught.value.mend
    assert "played" in caught.value.mend


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("[checks.played_member_mfx]\n", ["config.toml:7: checks.played_member_mfx", "nearest is played_member_mfa"]),
        (
            '[checks.played_member_rotated]\nmaxage = "5d"\n',
            ["config.toml:8: checks.played_member_rotated.maxage", "nearest is max_age"],
        ),
        (
            "[checks.played_member_rotated]\nmax_age = 60\n",
            ["config.toml:7: checks.played_member_rotated", "max_age = 60", "span of time"],
        ),
    ],
)
def test_a_mistake_about_a_check_is_told_with_its_place(company: Company, added: str, words: list[str]) -> None:
    """A limit under a misspelled name would never be in force, and nobody would notice."""
    company.add(added)

    with pytest.raises(ConfigError) as caught:
        open_app(company.config)

    assert [word for word in words if word not in message_of(caught.value)] == []


def test_an_unknown_framework_is_told_with_those_there_are(company: Company) -> None:
    """An edition that is not there must not quietly be left out of every report."""
    company.add('[frameworks]\nuse = ["iso27001:2023"]\n')

    with pytest.raises(ConfigError, match=r"config.toml:8: frameworks.use: there is no framework") as caught:
        open_app(company.config).frameworks()

    assert "iso27001:2022" in caught.value.mend


def test_a_source_that_is_not_configured_is_told_with_those_that_are(company: Company) -> None:
    """The same words wherever a source is named."""
    with pytest.raises(ConfigError, match="no source 'acne'") as caught:
        open_app(company.config).sources(["acne"])

    assert "the nearest is acme" in caught.value.mend


def test_the_digest_of_the_configuration_changes_with_every_setting(company: Company) -> None:
    """The record says which configuration a run was under; two that differ must not look the same."""
    digests = set()
    for added in (
        "",
        'every = "12h"\n',
        'token = { env = "A" }\n',
        'token = { env = "B" }\n',
        '[checks.played_member_rotated]\nmax_age = "60d"\n',
        '[checks.played_member_mfa]\nenabled = false\nreason = "tried out"\n',
        "[limits]\ntasks = 3\n",
    ):
        company.write(PLAYED + added)
        digests.add(open_app(company.config).config_digest)

    assert len(digests) == 7


def test_slots_by_the_calendar_say_how_old_evidence_may_become(tmp_path: Path) -> None:
    """What is looked at on working days is three days old on Monday, and not stale on Sunday."""
    path = tmp_path / "config.toml"
    path.write_text('[sources.a]\nconnector = "aws"\ncron = "0 3 * * mon-fri"\n')

    (source,) = load(path, {}).sources.values()

    assert source.every == timedelta(days=3)
    assert "time_zone" not in source.settings
