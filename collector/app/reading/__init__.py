"""Where everything stands at one moment, for people and machines."""
