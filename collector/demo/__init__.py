"""The demo: a made-up company on simulated platforms, which needs no account anywhere."""
