"""`annexd controls`: labels with their sentences, all counts, the story of one, and the gaps of the mapping."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tests.cli.company_builders import use, write_soa
from tests.cli.texts import compare
from tests.played.platform import MEMBERS, PROTECTION, a_member, an_org

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import Desk


def test_every_control_has_its_label_all_counts_and_the_strongest_reason(scanned: Desk) -> None:
    """A label alone is read as more than it says."""
    text = scanned.says("controls")

    assert "First theme" in text
    compare("cli/controls/every-control-has-its-label-all-counts-and-the", text)
    assert "Not a conclusion" not in text


def test_no_page_speaks_of_compliance_or_shares(scanned: Desk) -> None:
    """Neither is ours to say."""
    for words in (("controls",), ("controls", "show", "1.1"), ("status",), ("findings",)):
        text = scanned.says(*words).casefold()

        assert "complian" not in text
        assert "%" not in text


def test_text_and_json_hold_the_same_states(scanned: Desk) -> None:
    """One assessment, two forms."""
    shape = scanned.json("controls")["frameworks"][0]

    assert [(control["id"], control["status"]) for control in shape["controls"]] == [
        ("1.1", "unknown"),
        ("1.2", "failing"),
        ("2.1", "incomplete"),
    ]
    assert shape["states"] == scanned.json("status")["frameworks"][0]["states"]
    for control in shape["controls"]:
        assert f"{control['label']}: {control['counts_text']}" in scanned.says("controls")


def test_controls_are_chosen_by_state(scanned: Desk) -> None:
    """The counts stay those of all; what is chosen is only shown."""
    shape = scanned.json("controls", "--state", "failing")["frameworks"][0]

    assert [control["id"] for control in shape["controls"]] == ["1.2"]
    assert sum(shape["states"].values()) == 3


def test_the_story_of_one_control(desk: Desk) -> None:
    """What it asks, what was seen, what cannot be, on one screen."""
    desk.platform.orgs["acme"] = an_org(members=[a_member("ann"), a_member("bob", mfa=False)])
    desk.world.run()
    text = desk.says("controls", "show", "1.1")

    compare("cli/controls/the-story-of-one-control", text)


def test_what_fails_and_what_is_unknown_are_told_apart(desk: Desk) -> None:
    """A line that says both twice is read as neither."""
    desk.platform.deny(PROTECTION, where="/web/")
    desk.world.run()
    (control,) = desk.json("controls", "show", "1.2")["frameworks"][0]["controls"]
    failing, unknown = (reason for reason in control["reasons"] if reason.startswith("played_repo_protected"))

    compare("cli/controls/what-fails-and-what-is-unknown-are-told-apart-1", failing)
    assert "unknown" not in failing
    compare("cli/controls/what-fails-and-what-is-unknown-are-told-apart-2", unknown)
    assert "docs is not protected" not in unknown


def test_the_page_of_a_control_has_its_decision_and_counts_its_records_once(
    scanned: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The records stand in a list of their own; a reader who meets them twice counts them twice."""
    use(scanned, monkeypatch, soa=True)
    write_soa(scanned, {"played:1/1.2": {"owner": "Ann"}})
    text = scanned.says("controls", "show", "1.2")

    compare("cli/controls/the-page-of-a-control-has-its-decision-and-1", text)
    assert text.count("Reviews.") == 1
    compare("cli/controls/the-page-of-a-control-has-its-decision-and-2", scanned.says("controls", "show", "1.1"))


def test_a_control_is_named_with_or_without_its_edition(scanned: Desk) -> None:
    """Two editions may have one number."""
    unprefixed, prefixed = scanned.json("controls", "show", "1.1"), scanned.json("controls", "show", "played:1/1.1")

    assert unprefixed == prefixed
    assert [len(framework["controls"]) for framework in unprefixed["frameworks"]] == [1]


def test_a_control_that_there_is_not_is_refused(scanned: Desk) -> None:
    """An empty page would read as a control without trouble."""
    compare("cli/controls/a-control-that-there-is-not-is-refused", scanned.says("controls", "show", "7.7", code=2))


def test_a_failing_control_that_nobody_sees_any_more_is_not_forgotten(desk: Desk) -> None:
    """It was failing; it is unknown, and still counts as open."""
    desk.platform.orgs["acme"] = an_org(members=[a_member("bob", mfa=False)])
    desk.world.run()
    desk.clock.move(timedelta(days=3))
    desk.platform.deny(MEMBERS)
    desk.world.run()
    (control,) = desk.json("controls", "show", "1.1")["frameworks"][0]["controls"]

    assert (control["status"], control["counts"]["lost"]) == ("unknown", 1)
    compare("cli/controls/a-failing-control-that-nobody-sees-any-more-is", desk.says("controls", "show", "1.1"))


def test_the_gaps_of_the_mapping_on_both_sides(scanned: Desk) -> None:
    """Controls that no check speaks about, and checks that speak about none."""
    text, shape = scanned.says("controls", "--gaps"), scanned.json("controls", "--gaps")["frameworks"][0]

    assert shape["controls"] == {"2.1": "Policies"}
    assert "played_ticket_closed" in shape["checks"]
    assert "played_member_mfa" not in shape["checks"]
    compare("cli/controls/the-gaps-of-the-mapping-on-both-sides", text)


def test_controls_are_chosen_by_the_attributes_of_27002(scanned: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each that is named has to be there; the page of a control has them all."""
    first = scanned.app.frameworks()[0]
    given = [
        {"control_type": ("Preventive",), "security_domains": ("Protection", "Defence")},
        {"control_type": ("Detective",), "security_domains": ("Defence",)},
        {},
    ]
    controls = [replace(one, attributes=found) for one, found in zip(first.controls, given, strict=True)]
    use(scanned, monkeypatch, controls=tuple(controls))

    def chosen(*attributes: str) -> list[str]:
        words = [word for one in attributes for word in ("--attribute", one)]
        return [control["id"] for control in scanned.json("controls", *words)["frameworks"][0]["controls"]]

    assert chosen("Defence") == ["1.1", "1.2"]
    assert chosen("defence", "preventive") == ["1.1"]
    assert chosen("security domains=Defence", "control_type=Detective") == ["1.2"]
    assert "nearest" in scanned.says("controls", "--attribute", "Defense", code=2)
    assert scanned.json("controls", "show", "1.2")["frameworks"][0]["controls"][0]["attributes"] == {
        "control_type": ["Detective"],
        "security_domains": ["Defence"],
    }
    assert "Protection, Defence" in scanned.says("controls", "show", "1.1")
