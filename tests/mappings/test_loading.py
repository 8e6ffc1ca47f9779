"""The loader of mappings: what it takes, and how it says no."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.core.controls import Shows, Strength
from collector.core.errors import ConfigError
from mappings import MappingGaps, available, cross_check, gaps, load

if TYPE_CHECKING:
    from collector.core.controls import Framework

SOUND = """
id = "acme:2026"
name = "Acme rules"
edition = "2026"
title = "Rules of the house"
status = "current"
confidence = "our own"

[[control]]
id = "1.10"
title = "Doors"
theme = "House"
shows = "part"
cannot = "Whether it is shut."

[[control.asks]]
id = "1.10-a"
kind = "policy"
every = "12mo"
text = "Rules for doors."

[[control.asks]]
id = "1.10-b"
kind = "supplier-report"
text = "Report on the lock."

[control.checks]
house_door_locked = { strength = "direct", because = "the lock is turned" }
house_bell_works = { strength = "contextual", because = "somebody may ring" }
"""

SECOND = """
[[control]]
id = "1.2"
title = "Windows"
theme = "House"
shows = "none"
cannot = "Anything."
asks = [{ id = "1.2-a", kind = "review", text = "A look at the windows." }]
"""

TWO_ROLES = SOUND.replace('shows = "part"', 'shows = "part"\nroles = ["customer", "provider"]').replace(
    "is turned", 'is turned", role = "provider'
)


def written(folder: Path, text: str, name: str = "acme_2026.toml") -> Path:
    """A folder of the user's own with one mapping in it."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def loaded(folder: Path, text: str) -> Framework:
    """That text, loaded from such a folder."""
    return load("acme:2026", [written(folder, text)])


def refusal(folder: Path, text: str) -> str:
    """What the loader says against that text, in full."""
    with pytest.raises(ConfigError) as refused:
        loaded(folder, text)
    return "\n".join(refused.value.lines())


def test_a_sound_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Identifiers stay text: 1.10 is not 1.1."""
    framework = loaded(tmp_path, SOUND + SECOND)

    assert [control.id for control in framework.controls] == ["1.10", "1.2"]
    control = framework.controls[0]
    assert control.shows is Shows.PART
    assert [(ask.id, ask.every) for ask in control.asks] == [("1.10-a", "12mo"), ("1.10-b", None)]
    assert control.linked(Strength.DIRECT) == ("house_door_locked",)


def test_a_framework_may_speak_to_two_roles(tmp_path: Path) -> None:
    """ISO/IEC 27017 asks providers and customers for different things under one number."""
    (control,) = loaded(tmp_path, TWO_ROLES).controls

    assert control.linked(Strength.DIRECT, "provider") == ("house_door_locked",)
    assert control.linked(Strength.DIRECT, "customer") == ()


@pytest.mark.parametrize(
    ("right", "wrong", "expected_words"),
    [
        ('title = "Doors"', 'titel = "Doors"', ["control 1.10", "titel", "nearest is title"]),
        ('kind = "policy"', 'kynd = "policy"', ["control 1.10", "asks 1", "kynd", "nearest is kind"]),
        ('because = "the lock', 'becuase = "the lock', ["checks.house_door_locked", "becuase", "nearest is because"]),
        ('status = "current"', 'stats = "current"', ["head of the file", "stats", "nearest is status"]),
        ('status = "current"', 'status = "valid"', ["valid", "current, reported withdrawn, history only"]),
        ('"direct"', '"strong"', ["checks.house_door_locked", "strong", "direct, supporting, contextual"]),
        ('"part"', '"some"', ["control 1.10", "some", "configuration, part, none"]),
        ('"policy"', '"paper"', ["asks 1", "paper", "policy, record, review, supplier-report"]),
        ('"12mo"', '"yearly"', ["asks 1", "every", "a span such as"]),
        ('"the lock is turned"', '" "', ["checks.house_door_locked", "because", "some text"]),
        ('title = "Doors"', "", ["control 1.10", "title"]),
        ('id = "1.10"', "", ["control without an id"]),
        ('id = "1.10"', "id = 1.10", ["control 1.1", "Expected `str`"]),
        ('"1.10-b"', '"1.10-a"', ["1.10-a is there twice", "1.10"]),
        ('"1.10-b"', '"1.1-b"', ["1.1-b does not begin with 1.10-"]),
        ('shows = "part"', 'shows = "none"', ["control 1.10", "checks.house_door_locked", "shows = none"]),
        ('turned"', 'turned", role = "provider"', ["control 1.10", "role = provider"]),
        ('id = "acme:2026"', 'id = "acme:2027"', ["acme:2027", "acme_2027.toml"]),
        ('name = "Acme rules"', "name = Acme", ["not TOML", "line 3"]),
    ],
)
def test_a_mistake_is_refused_by_place_and_with_what_would_do(
    tmp_path: Path, right: str, wrong: str, expected_words: list[str]
) -> None:
    """The author of a mapping corrects it from the message alone."""
    assert right in SOUND

    message = refusal(tmp_path, SOUND.replace(right, wrong, 1))

    assert message.startswith("acme_2026.toml: ")
    assert [words for words in expected_words if words not in message] == []


def test_a_control_that_asks_for_nothing_is_refused(tmp_path: Path) -> None:
    """Checks alone would make it look complete."""
    message = refusal(tmp_path, SOUND + SECOND[: SECOND.index("asks")])

    assert "control 1.2: asks: nothing is asked of people" in message


def test_a_control_twice_is_refused(tmp_path: Path) -> None:
    """One of the two would hide the other's fails."""
    message = refusal(tmp_path, SOUND + SECOND + SECOND)

    assert "control 1.2: the id is there twice" in message


def test_a_file_without_controls_is_refused(tmp_path: Path) -> None:
    """An empty framework has nothing failing."""
    message = refusal(tmp_path, SOUND[: SOUND.index("[[control]]")])

    assert "it holds no control" in message


def test_a_framework_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    """A slip in the configuration is mended in one go."""
    with pytest.raises(ConfigError) as refused:
        load("acme:2062", [written(tmp_path, SOUND)])

    assert "The nearest is acme:2026." in refused.value.mend


def test_own_mappings_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    """A company may have rules of its own."""
    assert {"acme:2026", "iso27001:2022"} <= set(available([written(tmp_path, SOUND)]))


def test_no_file_takes_the_place_of_another(tmp_path: Path) -> None:
    """A control that changes its meaning without a trace makes old reports lie."""
    with pytest.raises(ConfigError, match="has a mapping already"):
        available([written(tmp_path, SOUND, name="iso27001_2022.toml")])


@pytest.mark.parametrize("name", ["acme.toml", "_2026.toml"])
def test_a_file_name_says_the_edition(tmp_path: Path, name: str) -> None:
    """Two editions never share a file, so the name has to tell them apart."""
    with pytest.raises(ConfigError, match="does not say which edition"):
        available([written(tmp_path, SOUND, name=name)])


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A mistyped path must not look like a folder without mappings."""
    with pytest.raises(ConfigError, match="no such folder"):
        available([tmp_path / "nowhere"])


def test_a_link_to_a_check_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """It would be unknown for ever, and nobody would know why."""
    framework = loaded(tmp_path, SOUND)

    with pytest.raises(ConfigError) as refused:
        cross_check([framework], {"house_bell_works", "house_door_looked", "garden_gate_shut"})

    assert refused.value.what == (
        "acme_2026.toml: control 1.10: checks.house_door_locked: there is no such check."
        " The nearest is house_door_looked."
    )


def test_all_wrong_links_are_named_at_once(tmp_path: Path) -> None:
    """Whoever renames checks mends the file once."""
    with pytest.raises(ConfigError) as refused:
        cross_check([loaded(tmp_path, SOUND)], set())

    assert len(refused.value.what.splitlines()) == 2


def test_links_to_existing_checks_pass(tmp_path: Path) -> None:
    """The cross-check is part of every start, and says nothing when all is well."""
    cross_check([loaded(tmp_path, SOUND)], {"house_door_locked", "house_bell_works"})


def test_gaps_are_named_on_both_sides(tmp_path: Path) -> None:
    """What nothing speaks about is the first thing to know about a mapping."""
    framework = loaded(tmp_path, SOUND + SECOND)

    open_ends = gaps(framework, ["house_door_locked", "garden_gate_shut"])

    assert open_ends == MappingGaps(controls=("1.2",), checks=("garden_gate_shut",))


VALUES = st.recursive(
    st.one_of(
        st.text(alphabet="ab-1.", max_size=4).map(lambda text: f'"{text}"'),
        st.sampled_from(['"direct"', '"none"', '"policy"', '"customer"', '"1.10-a"', "1", "true", "2026-01-01", "nan"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(st.sampled_from(["id", "kind", "text", "strength", "because", "role"]), inner, max_size=4).map(
            lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"
        ),
    ),
    max_leaves=6,
)


@settings(deadline=None)  # a busy machine is not a slow function
@given(key=st.sampled_from(["id", "title", "shows", "asks", "checks", "roles", "control"]), value=VALUES)
def test_whatever_is_in_the_file_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: str
) -> None:
    """Outside data ends in a framework or in a message that names the file, never in a traceback."""
    head, control = SOUND[: SOUND.index("[[control]]")], SECOND.replace("[[control]]", "")
    lines = [line for line in control.splitlines() if line and not line.startswith(f"{key} =")]
    entry = "\n".join(["[[control]]", *lines, f"{key} = {value}"])
    text = f"{head}control = {value}" if key == "control" else head + entry

    try:
        taken = [bool(control.asks) for control in loaded(tmp_path_factory.mktemp("own"), text).controls]
        refused = ""
    except ConfigError as error:
        taken = []
        refused = error.what

    assert taken == [True] or refused.startswith("acme_2026.toml: ")
