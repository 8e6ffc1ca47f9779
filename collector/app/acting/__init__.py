"""Setting up and looking: what a run needs, the run, and what it came to."""
