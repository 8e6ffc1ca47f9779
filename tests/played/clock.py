"""The contract suite's clock, under the name that the tests use."""

from collector.contract.clock import START
from collector.contract.clock import SettableClock as PlayedClock

__all__ = ["START", "PlayedClock"]
