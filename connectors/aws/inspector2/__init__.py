"""Inspector: what it scans in each region, and its findings."""
