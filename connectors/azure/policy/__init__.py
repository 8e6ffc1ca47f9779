"""Azure Policy: what is assigned, and how much of the resources complies."""
