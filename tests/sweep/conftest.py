"""The AWS that is swept."""

from tests.doubles.aws import acme, aws_double
from tests.doubles.sdk_data import sdk_data

__all__ = ["acme", "aws_double", "sdk_data"]
