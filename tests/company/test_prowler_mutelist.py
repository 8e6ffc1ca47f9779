"""A Prowler mutelist is outside data: whatever is in it, the draft can be filled in, or the file is refused."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.company.prowler_mutelist import draft_from
from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ENTRY = st.fixed_dictionaries({}, optional={"Resources": ANYTHING, "Regions": ANYTHING, "Description": ANYTHING})
LIKELY = st.fixed_dictionaries({"Checks": st.dictionaries(TEXT, ENTRY | ANYTHING, max_size=3)}) | ANYTHING


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(accounts=st.dictionaries(TEXT, LIKELY, max_size=3))
def test_every_mutelist_becomes_a_draft_that_can_be_filled_in_or_is_refused(
    tmp_path: Path, accounts: dict[str, Any]
) -> None:
    """No name of another tool's may break out of its quotes."""
    path = tmp_path / "mute.json"
    path.write_text(json.dumps({"Mutelist": {"Accounts": accounts}}), encoding="utf-8")
    try:
        draft = draft_from(path, "code")
    except ConfigError:
        return
    filled = re.sub(r"^(approved_on  =|expires      =|max_subjects =)(?= +#)", r"\1 1", draft, flags=re.MULTILINE)

    assert len(tomllib.loads(filled).get("exception", [])) == draft.count("\n[[exception]]\n")


@pytest.mark.parametrize("raw", ["[]", "{}", '{"Mutelist": 1}', '{"Mutelist": {"Accounts": []}}'])
def test_what_is_no_mutelist_is_refused(tmp_path: Path, raw: str) -> None:
    """An empty draft would look like an empty list."""
    (tmp_path / "mute.json").write_text(raw)

    with pytest.raises(ConfigError, match="no Prowler mutelist"):
        draft_from(tmp_path / "mute.json", "code")
