"""What a daemon shows of itself: metrics, health, a state file, and words for its service manager."""
