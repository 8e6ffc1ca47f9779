"""Judging the evidence in a bundle again, and comparing the result with the verdicts that the bundle states."""
