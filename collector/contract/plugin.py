"""The pytest plugin with the option `--connector`, for `pytest --pyargs collector.contract`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option. It is found by the entry point group `pytest11`, wherever annexd is installed."""
    parser.getgroup("annexd").addoption(
        "--connector",
        metavar="NAME",
        help="the connector that the contract suite is run over: pytest --pyargs collector.contract --connector NAME",
    )
