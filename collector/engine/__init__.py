"""The engine: plans the tasks of a run, collects them with retries of discovery, and judges what was observed."""
