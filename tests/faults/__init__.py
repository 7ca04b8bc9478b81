"""Every way in which a process of a run can fail, and how the run then ends: `python -m faults` prints the table."""
