"""GuardDuty: detectors and their findings."""
