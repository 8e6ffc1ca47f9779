"""Spans of time: periods, differences, metrics, re-evaluation, the log."""
