"""Azure Monitor: where logs go, how long they are kept, and what raises an alert."""
