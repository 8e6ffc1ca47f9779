"""The AWS double's fixtures, for the tests of the double itself."""

from tests.doubles.aws import acme, aws, aws_double
from tests.doubles.sdk_data import sdk_data

__all__ = ["acme", "aws", "aws_double", "sdk_data"]
