"""Controls that are taken from another edition: nothing is lost on the way, and nothing grows."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from collector.core.controls import Shows, Strength
from collector.core.errors import ConfigError
from mappings import SHIPPED, load

if TYPE_CHECKING:
    from pathlib import Path

    from collector.core.controls import Control, Framework

OLD = """
id = "acme:2020"
name = "Acme"
edition = "2020"
title = "Rules"
status = "current"
confidence = "our own"

[[control]]
id = "1"
title = "Doors"
theme = "House"
shows = "configuration"
cannot = "Whether it is shut."
asks = [{ id = "1-a", kind = "policy", text = "Rules for doors." }]

[control.checks]
door_locked = { strength = "direct", because = "the lock is turned" }
bell_works = { strength = "supporting", because = "somebody may ring" }
mat_clean = { strength = "contextual", because = "somebody came" }

[[control]]
id = "2"
title = "Locks"
theme = "House"
shows = "part"
cannot = "Who has keys."
asks = [{ id = "2-a", kind = "record", text = "List of keys." }]

[control.checks]
door_locked = { strength = "supporting", because = "a lock is there" }
key_counted = { strength = "direct", because = "no key is missing" }
"""

NEW = """
id = "acme:2026"
name = "Acme"
edition = "2026"
title = "Rules"
status = "current"
confidence = "our own"

[[control]]
id = "1"
title = "Entrances"
theme = "House"
from = [{ edition = "acme:2020", id = "1", relation = "same" }]
"""

PROVIDER = 'asks = [{ id = "1-b", kind = "policy", text = "Rules.", role = "provider" }]\n'

LOWERED = {
    Strength.DIRECT: Strength.SUPPORTING,
    Strength.SUPPORTING: Strength.CONTEXTUAL,
    Strength.CONTEXTUAL: Strength.CONTEXTUAL,
}


def taken(folder: Path, text: str = NEW, old: str = OLD) -> Control:
    """The one control of the new edition."""
    return read(folder, text, old).controls[0]


def read(folder: Path, text: str, old: str = OLD) -> Framework:
    """The new edition, beside the old one."""
    (folder / "acme_2020.toml").write_text(old, encoding="utf-8")
    (folder / "acme_2026.toml").write_text(text, encoding="utf-8")
    return load("acme:2026", [folder])


def refusal(folder: Path, text: str, old: str = OLD) -> str:
    """What the loader says against it."""
    with pytest.raises(ConfigError) as refused:
        read(folder, text, old)
    return "\n".join(refused.value.lines())


def strengths(control: Control) -> dict[str, Strength]:
    """Its links."""
    return {check: link.strength for check, link in control.checks.items()}


def test_the_same_control_comes_over_whole(tmp_path: Path) -> None:
    """What holds for it there holds for it here, and the record on file there is on file here."""
    control = taken(tmp_path)

    assert (control.title, control.shows, control.cannot) == ("Entrances", Shows.CONFIGURATION, "Whether it is shut.")
    assert strengths(control) == {
        "door_locked": Strength.DIRECT,
        "bell_works": Strength.SUPPORTING,
        "mat_clean": Strength.CONTEXTUAL,
    }
    assert [ask.id for ask in control.asks] == ["1-a"]
    assert (control.confidence, control.derived_from) == (None, ("acme:2020 1",))


def test_under_another_number_a_record_has_another_id(tmp_path: Path) -> None:
    """Records are filed under the number of the control."""
    control = taken(tmp_path, NEW.replace('id = "1"\ntitle', 'id = "9"\ntitle'))

    assert [(ask.id, ask.text) for ask in control.asks] == [("9-1-a", "Rules for doors.")]


@pytest.mark.parametrize("relation", ["merged", "split", "predecessor"])
def test_what_is_only_a_part_is_shown_more_weakly_and_says_why(tmp_path: Path, relation: str) -> None:
    """A check that tests the whole may test the other part of it."""
    control = taken(tmp_path, NEW.replace('"same"', f'"{relation}"'))

    assert strengths(control) == {
        "door_locked": Strength.SUPPORTING,
        "bell_works": Strength.CONTEXTUAL,
        "mat_clean": Strength.CONTEXTUAL,
    }
    assert control.shows is Shows.PART
    assert control.checks["door_locked"].because.startswith("the lock is turned (direct for 1 of Acme:2020, ")
    assert "1 of Acme:2020" in str(control.confidence)
    assert ("Entrances" in control.asks[0].text) is (relation != "predecessor")


def test_of_two_sources_the_stronger_link_counts(tmp_path: Path) -> None:
    """What tests the control by one source is not weakened by another."""
    second = '"same" }, { edition = "acme:2020", id = "2", relation = "predecessor" }'

    control = taken(tmp_path, NEW.replace('"same" }', second))

    assert strengths(control)["door_locked"] is Strength.DIRECT
    assert strengths(control)["key_counted"] is Strength.SUPPORTING
    assert [ask.id for ask in control.asks] == ["1-a", "1-2-a"]
    assert (control.shows, control.cannot) == (Shows.CONFIGURATION, "Whether it is shut. Who has keys.")


def test_a_link_for_one_role_and_one_for_the_other_count_for_both(tmp_path: Path) -> None:
    """Dropping one of the roles would hide its fails."""
    roles = 'roles = ["customer", "provider"]'
    old = OLD.replace('cannot = "Wh', f'{roles}\ncannot = "Wh')
    old = old.replace('"the lock is turned"', '"the lock is turned", role = "customer"')
    old = old.replace(
        'strength = "supporting", because = "a lock', 'strength = "direct", role = "provider", because = "a'
    )
    text = NEW.replace("from =", f"{roles}\nfrom =").replace(
        '"same" }', '"same" }, { edition = "acme:2020", id = "2", relation = "same" }'
    )

    assert taken(tmp_path, text, old).checks["door_locked"].role is None


def test_a_control_may_ask_for_more_than_its_source(tmp_path: Path) -> None:
    """What is new in an edition has no source."""
    control = taken(
        tmp_path, NEW + '\n[[control.asks]]\nid = "1-new-a"\nkind = "review"\ntext = "A look at windows."\n'
    )

    assert [ask.id for ask in control.asks] == ["1-a", "1-new-a"]


@pytest.mark.parametrize(
    ("right", "wrong", "expected_words"),
    [
        ('"acme:2020"', '"acme:2021"', ["no mapping for the framework acme:2021", "acme:2020"]),
        ('id = "1", relation', 'id = "11", relation', ["control 1: from: acme:2020 has no control 11", "nearest is 1"]),
        ('"same"', '"equal"', ["control 1", "equal", "same, merged, split, predecessor"]),
        ("relation", "relaton", ["control 1", "relaton"]),
        ('"acme:2020", id', '"acme:2026", id', ["acme:2026 is itself taken from this file"]),
        ('[{ edition = "acme:2020", id = "1", relation = "same" }]', "[]", ["from: it names no control"]),
        ('"House"\n', '"House"\nshows = "part"\n', ["control 1", "shows"]),
        ('"House"\n', '"House"\nroles = ["customer"]\n' + PROVIDER, ["role = provider"]),
    ],
)
def test_a_mistake_is_refused_by_place(tmp_path: Path, right: str, wrong: str, expected_words: list[str]) -> None:
    """Half a derived edition would look like a whole one."""
    assert right in NEW

    message = refusal(tmp_path, NEW.replace(right, wrong, 1))

    assert [words for words in expected_words if words not in message] == []


def test_two_editions_may_not_be_taken_from_each_other(tmp_path: Path) -> None:
    """Each would wait for the other."""
    circle = NEW.replace("acme:2026", "acme:2020").replace('edition = "acme:2020", id', 'edition = "acme:2026", id')

    assert "is itself taken from this file" in refusal(tmp_path, NEW, circle)


CROSSWALK = [
    (entry["id"], source["id"], source["relation"])
    for entry in tomllib.loads((SHIPPED / "iso27001_2013.toml").read_text(encoding="utf-8"))["control"]
    for source in entry["from"]
]


def test_the_crosswalk_is_the_reconciled_one() -> None:
    """This digest is of the table that agrees row by row with a public reconstruction of the correspondence."""
    lines = "\n".join("\t".join(row) for row in CROSSWALK)

    assert (
        hashlib.sha256(lines.encode()).hexdigest() == "fdc3a3e44b3a3b04805e45997c8341bb0d154aaa3ff825b94a6ec1348142a511"
    )


def test_the_crosswalk_has_the_published_shape() -> None:
    """114 old controls, 82 of the 93 new ones, 24 of them made of several, one old control in two."""
    new = Counter(to for _, to, _ in CROSSWALK)

    assert len({old for old, _, _ in CROSSWALK}) == 114
    assert len(new) == 82
    assert sum(count > 1 for count in new.values()) == 24
    assert [old for old, count in Counter(old for old, _, _ in CROSSWALK).items() if count > 1] == ["A.18.2.3"]
    for _, to, relation in CROSSWALK:
        assert relation == "split" or (relation == "merged") is (new[to] > 1)


def test_no_link_of_2013_is_written_down_twice_or_grows_on_the_way() -> None:
    """History is shown with the links of today; where a control is only part of today's, more weakly."""
    today = {control.id: control for control in load("iso27001:2022").controls}
    history = {control.id: control for control in load("iso27001:2013").controls}

    for old, to, relation in CROSSWALK:
        assert set(today[to].checks) <= set(history[old].checks)
        if relation == "same":
            assert history[old].checks == today[to].checks
            continue
        for check, link in today[to].checks.items():
            assert history[old].checks[check].strength is LOWERED[link.strength]
            assert f"{link.strength} for {to} of ISO/IEC 27001:2022" in history[old].checks[check].because


def test_both_editions_of_27018_ask_for_the_same() -> None:
    """The 25 controls are the same in both, so nothing is filed twice."""
    new, old = load("iso27018:2025"), load("iso27018:2019")

    assert [(c.id, c.asks, c.checks, c.cannot) for c in old.controls] == [
        (c.id, c.asks, c.checks, c.cannot) for c in new.controls
    ]


def test_27017_2026_carries_27001_and_grows_no_link_from_2015() -> None:
    """Its text was not seen: no check is more than supporting for cloud guidance that is guessed at."""
    today = {control.id: control for control in load("iso27001:2022").controls}

    for control in load("iso27017:2026").controls:
        direct = {check for check, link in control.checks.items() if link.strength is Strength.DIRECT}
        carried = today[control.id].linked(Strength.DIRECT) if control.id in today else ()
        assert direct == set(carried)
