"""The connector keeps every rule of annexd's contract suite."""

import pytest
from collector.contract.suite import RULES

from annexd_acme._harness import harness


@pytest.mark.parametrize("rule", RULES)
def test_the_connector_keeps_the_contract(rule: str) -> None:
    RULES[rule](harness())
