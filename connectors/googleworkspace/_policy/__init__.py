"""The settings of the Admin console as the Policy API gives them: read, reduced to what applies to whom, and judged."""
