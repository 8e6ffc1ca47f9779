"""The data of AWS's SDK, read once for all rules."""

from tests.doubles.sdk_data import sdk_data

__all__ = ["sdk_data"]
