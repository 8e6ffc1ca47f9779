"""The suite as pytest runs it: one test for each rule, over the connector that `--connector` names."""

from __future__ import annotations

import pytest

from collector.contract.harness import Harness, harness_of, offered
from collector.contract.suite import RULES
from collector.core.errors import UsageError


@pytest.fixture(scope="module")
def harness(request: pytest.FixtureRequest) -> Harness:
    """Return the harness of the connector that was named."""
    name = request.config.getoption("--connector")
    if name is None:
        names = ", ".join(offered()) or "none"
        pytest.fail(f"name a connector: --connector NAME; there are harnesses for: {names}", pytrace=False)
    try:
        return harness_of(name)
    except UsageError as error:
        pytest.fail("\n".join(error.lines()), pytrace=False)


@pytest.mark.parametrize("rule", RULES)
def test_contract(harness: Harness, rule: str) -> None:
    """Apply a rule to the connector."""
    RULES[rule](harness)
