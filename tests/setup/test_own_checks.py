"""Checks in folders of the operator's own: what is taken, what is refused, and what of them is in the digests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from collector.core.checks import Verdict, passed
from collector.core.errors import ConfigError
from collector.setup import loading
from collector.setup.app import App, open_app
from collector.setup.config import load
from tests.played.company import PLAYED, Company
from tests.played.connector import Member

GOOD = """
from collector.core.checks import Verdict, check, passed
from tests.played.connector import Member

@check("played_member_known", title="Known", severity="low", fix="Ask")
def known(member: Member, *, max_rank: int = 3) -> Verdict:
    return passed()
"""

FOLDERS = PLAYED.replace("[sources", '[checks]\nfolders = ["checks"]\n\n[sources')


def opened(company: Company, text: str = FOLDERS, **modules: str) -> App:
    """Open the company with these files in its folder of checks."""
    folder = company.folder / "checks"
    folder.mkdir(exist_ok=True)
    for name, code in modules.items():
        (folder / f"{name}.py").write_text(code)
    company.write(text)
    return open_app(company.config)


def refused(company: Company, text: str = FOLDERS, **modules: str) -> str:
    """Return the text of the error that an own check is refused with."""
    with pytest.raises(ConfigError) as caught:
        opened(company, text, **modules)
    return "\n".join(caught.value.lines())


def test_an_own_check_is_one_of_its_platform(company: Company) -> None:
    """It is judged, limited and described where the built-in ones are, because it is beside them."""
    app = opened(company, FOLDERS + "[checks.played_member_known]\nmax_rank = 2\n", people=GOOD)
    (rule,) = app.rules(["played_member_known"])

    assert app.connector_of("played_member_known") == "played"
    assert rule.shown_limits["max_rank"] == "2"
    assert rule.code == loading.check_code(rule.check)


def test_an_own_check_of_a_platform_that_is_not_configured_is_known(company: Company) -> None:
    """Its platform may become a source tomorrow; a link to it is sound today."""
    code = GOOD.replace("played_member_known", "github_repo_known").replace(
        "from tests.played.connector import Member",
        "from connectors.github.repository.settings import Repository as Member",
    )
    app = opened(company, people=code)

    assert app.connector_of("github_repo_known") == "github"
    assert "github_repo_known" not in {rule.check.id for rule in app.rules()}


def test_an_own_check_may_begin_with_any_prefix_of_its_connector(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform of several products has ids of several beginnings, none of which need be its connector's name."""
    connector = loading.connector("played").connector
    monkeypatch.setattr(connector, "check_prefixes", ("played_", "guild_"))
    app = opened(company, people=GOOD.replace("played_member_known", "guild_member_known"))

    assert app.connector_of("guild_member_known") == "played"


def test_files_may_share_what_begins_with_an_underscore(company: Company) -> None:
    """A list of names is written once; the file that holds it is no file of checks."""
    code = GOOD.replace("import Member\n", "import Member\nfrom ._shared import MOST\n").replace("= 3", "= MOST")
    app = opened(company, people=code, _shared="MOST = 5\n")

    assert app.rules(["played_member_known"])[0].limits == {"max_rank": 5}


def test_a_check_that_is_imported_is_not_an_own_one(company: Company) -> None:
    """A file may reuse what a built-in check does."""
    code = GOOD + "\nfrom tests.played.checks import mfa\nagain = known\n"
    app = opened(company, people=code)

    assert len(app.used["played"].checks) == len(loading.connector("played").checks) + 1


@pytest.mark.parametrize(
    ("modules", "words"),
    [
        ({}, ["checks: no module here has a check"]),
        ({"people": "def broken(:\n"}, ["people.py:1: cannot be imported: SyntaxError"]),
        ({"people": "\n1 / 0\n"}, ["people.py:2: cannot be imported: ZeroDivisionError"]),
        ({"people": "import a_vendors_sdk\n"}, ["people.py: needs the module a_vendors_sdk"]),
        ({"people": GOOD.replace("member: Member", "member: int")}, ["people.py:5: cannot be imported"]),
        ({"people": GOOD.replace("member_known", "member_mfa")}, ["a check called played_member_mfa already"]),
        ({"a": GOOD, "b": GOOD}, ["b.py", "a check called played_member_known in", "a.py"]),
        ({"people": GOOD.replace("played_", "house_")}, ["the id house_member_known does not begin with played_"]),
        ({"people": GOOD.replace("played_member_known", "folders")}, ["the id folders does not begin with played_"]),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_file(
    company: Company, modules: dict[str, str], words: list[str]
) -> None:
    """An own check that is not there is a verdict that nobody misses."""
    message = refused(company, **modules)

    assert [word for word in words if word not in message] == []


def test_a_view_of_ones_own_is_refused(company: Company) -> None:
    """What a kind keeps and takes out is the connector's to say, not that of a second declaration."""
    code = """
from msgspec import Struct
from collector.core.checks import check, passed
from collector.core.resources import resource

@resource("played.member", key="login")
class Mine(Struct):
    login: str

@check("played_member_known", title="Known", severity="low", fix="Ask")
def known(member: Mine):
    return passed()
"""

    assert "reads played.member, which is not what the connector played lists" in refused(company, people=code)


def test_a_folder_that_is_not_there_is_refused(company: Company) -> None:
    """A folder under a wrong name would be checks that never run."""
    company.write(FOLDERS)
    with pytest.raises(ConfigError, match="there is no such folder of checks"):
        open_app(company.config)


def test_a_file_in_a_folder_below_is_refused(company: Company) -> None:
    """It would be in no digest and in no verdict."""
    below = company.folder / "checks" / "more"
    below.mkdir(parents=True)
    (below / "people.py").write_text(GOOD)

    assert "a folder below a folder of checks is not read" in refused(company, people=GOOD)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[checks.folders]\nenabled = true\n", "config.toml:1: checks.folders: folders is where own checks are"),
        ('[checks]\nfolders = "checks"\n', "config.toml:2: checks.folders: Expected `array`"),
        ('[checks]\nfolder = ["checks"]\n', "config.toml:2: checks.folder: this is not a table"),
    ],
)
def test_the_key_is_no_check(tmp_path: Path, text: str, words: str) -> None:
    """One name, one meaning; a slip in it is told."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(path, {})

    assert words in caught.value.what


def test_a_connector_may_not_have_a_check_of_that_name(offered: Path) -> None:
    """Nothing could be said of it in the configuration."""
    (offered / "entry_points.txt").write_text("[annexd.connectors]\nplayed = with_folders\n")
    (offered.parent / "with_folders.py").write_text(
        "from tests.played.connector import played as make\nplayed = make()\n"
        + GOOD.replace("played_member_known", "folders")
    )
    with pytest.raises(ConfigError, match="has a check called folders"):
        loading.connector("played")
    sys.modules.pop("with_folders")


def test_every_file_of_the_folder_is_in_the_digest_of_the_program(company: Company) -> None:
    """A shared file decides as well; a folder that is named nowhere does not."""
    digests = [open_app(company.config).code_digest]
    digests.append(opened(company, PLAYED, people=GOOD).code_digest)
    digests += [
        opened(company, people=GOOD).code_digest,
        opened(company, _shared="MOST = 5\n").code_digest,
        opened(company, _shared="MOST = 6\n").code_digest,
    ]

    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_what_runs_is_the_text_of_the_file(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytecode beside a file may be of another text; the text is what the log has the digest of."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    opened(company, people=GOOD)
    file = company.folder / "checks" / "people.py"
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    file.write_text(GOOD.replace("max_rank: int = 3", "max_rank: int = 4"))
    os.utime(file, ns=times)  # by size and time it is the file of before

    assert open_app(company.config).rules(["played_member_known"])[0].limits == {"max_rank": 4}
    assert list((company.folder / "checks").rglob("*.pyc")) == []


def test_a_configuration_without_own_checks_keeps_its_digest(company: Company) -> None:
    """An upgrade alone is no change of the configuration."""
    import msgspec

    from collector.core.canonical import canonical, digest_of

    app = open_app(company.config)
    config = app.config
    before = {
        "store": config.store.url,
        "sources": config.file.data["sources"],
        "every": {"acme": 86400},
        "frameworks": ["iso27001:2022"],
        "services": msgspec.to_builtins(config.services),
        "checks": {},
        "rules": {rule.check.id: rule.shown_limits for rule in app.rules()},
        "limits": {"tasks": 16, "parts": 32, "deadline": "PT1800S", "largest_answer": 64 << 20},
        "retention": msgspec.to_builtins(config.retention),
    }

    assert app.config_digest == digest_of(canonical(before))
    assert opened(company, people=GOOD).config_digest != app.config_digest
    company.add('[limits]\nclock = "1m"\n')
    assert open_app(company.config).config_digest != app.config_digest


@pytest.mark.parametrize("ending", ["sys.exit()", "sys.exit(0)", 'sys.exit("wrong file")'])
def test_a_file_that_ends_the_process_is_refused(company: Company, ending: str) -> None:
    """A script without a main guard must not make a scan end as if there were nothing to find."""
    assert "people.py:2" in refused(company, people=f"import sys\n{ending}\n" + GOOD)

    done = company.run("scan", "--fail-on", "fail,unknown")
    assert done.code == 3


def test_a_check_whose_function_is_wrapped_or_written_elsewhere_in_the_folder_is_taken(company: Company) -> None:
    """A check that is there and never judges would be missed by nobody."""
    shared = GOOD.replace('@check("played_member_known", title="Known", severity="low", fix="Ask")\n', "")
    people = """
from collector.core.checks import check
from ._shared import known, twice

first = check("played_member_first", title="First", severity="low", fix="Ask")(known)
second = check("played_member_second", title="Second", severity="low", fix="Ask")(twice(known))
again = first
"""
    twice = """

def twice(judge):
    def wrapped(member: Member, *, max_rank: int = 3) -> Verdict:
        return judge(member, max_rank=max_rank)
    return wrapped
"""
    app = opened(company, people=people, _shared=shared + twice)

    assert {"played_member_first", "played_member_second"} <= {rule.check.id for rule in app.rules()}


def test_a_check_whose_code_is_outside_of_the_folder_is_refused(company: Company) -> None:
    """The digests of the folder would not hold it."""
    code = (
        GOOD
        + """

from tests.setup.test_own_checks import outside

elsewhere = check("played_member_outside", title="Outside", severity="low", fix="Ask")(outside)
"""
    )
    assert "played_member_outside" in refused(company, people=code)


def outside(member: Member) -> Verdict:
    """A judge that is written here."""
    return passed(member.login)
