"""The AWS double's fixtures, for the tests of the double itself."""

from tests.doubles.aws import acme, aws, aws_double

__all__ = ["acme", "aws", "aws_double"]
