"""The auditor's bundle: what was observed over a period, with the proofs, for people, spreadsheets and machines."""
