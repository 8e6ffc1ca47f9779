"""Where logs go, and how long they are kept."""
