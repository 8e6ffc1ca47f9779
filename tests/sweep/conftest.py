"""The AWS that is swept."""

from tests.doubles.aws import acme, aws_double

__all__ = ["acme", "aws_double"]
