"""The organization itself: engine, settings, system log, streams, hooks, API tokens, and how annexd signs in."""
