"""Links and frameworks of the operator's own: where they count, and what is refused."""

from __future__ import annotations

import pytest

from collector.core.controls import Link, Strength
from collector.core.errors import ConfigError
from collector.setup.app import App, open_app
from collector.setup.config import load
from collector.setup.rules_in_force import in_force
from tests.played.clock import START
from tests.played.company import PLAYED, Company

LINK = """
[[links]]
check = "played_member_mfa"
control = "iso27001:2022/8.5"
strength = "direct"
because = "each member has a second factor"
"""

HOUSE = """
id = "house:1"
name = "House rules"
edition = "1"
title = "What the company asks of itself"
status = "current"
confidence = "our own"

[[control]]
id = "H.1"
title = "Sign-in"
theme = "People"
shows = "part"
cannot = "Other ways in."
asks = [{ id = "H.1-a", kind = "policy", text = "Rules." }]
checks = { played_member_mfa = { strength = "direct", because = "a second factor" } }

[[control]]
id = "H.2"
title = "The same as in Annex A"
theme = "People"
from = [{ edition = "iso27001:2022", id = "8.5", relation = "same" }]
"""

OWN = '[frameworks]\nuse = ["house:1"]\nfolders = ["frameworks"]\n'


def opened(company: Company, text: str, house: str = HOUSE) -> App:
    """Open the company with more in its configuration, and its framework beside it."""
    folder = company.folder / "frameworks"
    folder.mkdir(exist_ok=True)
    (folder / "house_1.toml").write_text(house)
    company.write(PLAYED + text)
    return open_app(company.config)


def links_of(app: App, control: str) -> dict[str, Link]:
    """Return the links of a control by their checks."""
    edition, _, id_ = control.partition("/")
    framework = next(framework for framework in app.frameworks() if framework.id == edition)
    return dict(next(control for control in framework.controls if control.id == id_).checks)


def test_an_own_link_counts_like_one_of_the_framework(company: Company) -> None:
    """It stands after those of the file, which stay as they are."""
    plain = links_of(opened(company, ""), "iso27001:2022/8.5")
    app = opened(company, LINK)
    linked = links_of(app, "iso27001:2022/8.5")

    own = linked.pop("played_member_mfa")
    assert linked == plain
    assert own == Link(strength=Strength.DIRECT, because="each member has a second factor")
    assert app.is_own_link("iso27001:2022", "8.5", "played_member_mfa")
    assert not any(app.is_own_link("iso27001:2022", "8.5", check) for check in plain)


def test_an_own_framework_is_read_from_its_folder(company: Company) -> None:
    """Its controls may be taken from an edition that comes with annexd."""
    app = opened(company, OWN)
    (framework,) = app.frameworks()

    assert [control.id for control in framework.controls] == ["H.1", "H.2"]
    assert list(framework.controls[0].checks) == ["played_member_mfa"]
    assert framework.controls[1].derived_from == ("iso27001:2022 8.5",)


def test_what_is_taken_from_a_control_does_not_take_its_own_links(company: Company) -> None:
    """A link is somebody's word on one control of one edition."""
    app = opened(company, OWN.replace('["house:1"]', '["house:1", "iso27001:2022"]') + LINK)

    assert "played_member_mfa" in links_of(app, "iso27001:2022/8.5")
    assert "played_member_mfa" not in links_of(app, "house:1/H.2")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"direct"', '"strong"', ["config.toml:11: links.strength", "'strong'", "direct, supporting, contextual"]),
        ('"direct"', '["direct"]', ["config.toml:11: links.strength", "['direct']", "direct, supporting, contextual"]),
        ('"each member has a second factor"', '"  "', ["config.toml:12: links.because", "blank"]),
        ("because = ", "becuase = ", ["config.toml:12: links.becuase", "the nearest is because"]),
        ('check = "played_member_mfa"\n', "", ["config.toml:8: links", "check"]),
        ("[[links]]", "[links]", ["config.toml:8: links", "not a list"]),
    ],
)
def test_a_mistake_in_a_link_is_told_with_its_line(company: Company, old: str, new: str, words: list[str]) -> None:
    """What the file alone shows is told when it is read."""
    company.write(PLAYED + LINK.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load(company.config, {})

    message = "\n".join(caught.value.lines())
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("played_member_mfa", "played_member_mfx", ["config.toml:9: links.check", "the nearest is played_member_mfa"]),
        ("2022/8.5", "2022/8.55", ["config.toml:10: links.control", "'iso27001:2022/8.55'", "iso27001:2022/8.5"]),
        ("iso27001:2022/", "iso27001:2013/", ["config.toml:10: links.control", "no framework in use"]),
        ("iso27001:2022/8.5", "8.5", ["config.toml:10: links.control", "write version/control"]),
        ("iso27001:2022/8.5", "iso27001:2022/5.1", ["iso27001:2022/5.1", "shows = none"]),
        ("played_member_mfa", "aws_iam_user_console_mfa_enabled", ["config.toml:9: links.check", "already, as direct"]),
    ],
)
def test_a_link_that_cannot_count_is_refused(company: Company, old: str, new: str, words: list[str]) -> None:
    """A link to nothing would be believed in for ever."""
    app = opened(company, LINK.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        app.frameworks()

    message = "\n".join(caught.value.lines())
    assert [word for word in words if word not in message] == []


def test_the_line_of_a_mistake_is_that_of_its_own_entry(company: Company) -> None:
    """With ten links, the first is not where the mistake in the tenth is."""
    company.write(PLAYED + LINK + LINK.replace("8.5", "8.2").replace('"direct"', '"strong"'))
    with pytest.raises(ConfigError, match=r"config.toml:17: links.strength"):
        load(company.config, {})


def test_a_link_that_is_there_twice_is_refused(company: Company) -> None:
    """Two entries, two strengths: nobody would see which counts."""
    company.write(PLAYED + LINK + LINK.replace("direct", "contextual"))
    with pytest.raises(ConfigError, match=r"config.toml:15: links.check: played_member_mfa is linked to"):
        load(company.config, {})


@pytest.mark.parametrize(
    ("house", "text", "words"),
    [
        (HOUSE.replace("played_member_mfa", "played_member_mfx"), OWN, "The nearest is played_member_mfa"),
        (HOUSE.replace("shows", "showz"), OWN, "The nearest is shows"),
        (HOUSE, OWN.replace("house:1", "house:2"), "the nearest is house:1"),
        (HOUSE, OWN.replace('["frameworks"]', '["framworks"]'), "framworks: there is no such folder"),
    ],
)
def test_an_own_framework_is_held_to_what_the_others_are(company: Company, house: str, text: str, words: str) -> None:
    """Half a framework would show fewer controls than it has."""
    app = opened(company, text, house)
    with pytest.raises(ConfigError) as caught:
        app.frameworks()

    assert words in "\n".join(caught.value.lines())


def test_an_own_link_is_in_the_digest_of_its_control(company: Company) -> None:
    """What decides about a control is on record, whoever wrote it; nothing else of the edition is another one."""
    changed = {}
    first = in_force(opened(company, ""), None, run="r1", at=START)
    for name, text in {
        "added": LINK,
        "weaker": LINK.replace("direct", "supporting"),
        "reworded": LINK.replace("each member has", "every member has"),
        "none": "",
    }.items():
        second = in_force(opened(company, text), first, run="r2", at=START)
        changed[name] = () if second is None else second.mapping_changed

    assert changed == {
        "added": ("iso27001:2022/8.5",),
        "weaker": ("iso27001:2022/8.5",),
        "reworded": ("iso27001:2022/8.5",),
        "none": (),
    }


def test_an_own_framework_is_among_the_editions_on_record(company: Company) -> None:
    """With the digest of each of its controls, and its file in the digest of the program."""
    app = opened(company, OWN)
    code = app.code_digest
    change = in_force(app, None, run="r1", at=START)
    changed = opened(company, OWN, HOUSE.replace("Other ways in.", "Ways in."))

    assert change is not None
    assert [(edition.framework, sorted(edition.controls)) for edition in change.editions] == [
        ("house:1", ["H.1", "H.2"])
    ]
    second = in_force(changed, change, run="r2", at=START)
    assert second is not None
    assert second.mapping_changed == ("house:1/H.1",)
    assert changed.code_digest != code
