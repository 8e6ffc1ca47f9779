"""CloudWatch: alarms, and who is told by them."""
