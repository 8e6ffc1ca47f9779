"""The machine formats of a bundle: OSCAL and OCSF."""
