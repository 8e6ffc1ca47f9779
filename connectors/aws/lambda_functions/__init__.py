"""Lambda: functions."""
