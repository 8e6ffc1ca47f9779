"""Workers: processes that collect and judge for the one that writes (docs/adr/0055)."""
