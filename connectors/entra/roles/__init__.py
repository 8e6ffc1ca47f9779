"""Who has which role of the directory, for how long, and how roles are activated."""
