"""Commands for auditors: bundle, populations, samples, verification, re-evaluation."""
