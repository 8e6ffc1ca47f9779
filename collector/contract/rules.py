"""The register of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.contract.harness import Harness

RULES: dict[str, Callable[[Harness], None]] = {}
"""Every rule by its name; complete once `collector.contract.suite` is imported."""


def rule(judge: Callable[[Harness], None]) -> Callable[[Harness], None]:
    """Add a function to RULES by its name, and return it."""
    RULES[judge.__name__] = judge
    return judge
