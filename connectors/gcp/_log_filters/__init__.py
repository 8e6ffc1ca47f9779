"""Filters of log entries and of time series, in Google's language, and whether they take an entry."""
