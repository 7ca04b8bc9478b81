"""Fuzzing that follows the code's branches (atheris), beside the damage by rules of `test_fuzz_data.py`."""

NAMES = ("scenario", "plan", "table", "dss")
