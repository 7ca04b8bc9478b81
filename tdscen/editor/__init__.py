"""What editors ask of a scenario file: highlighting, and answers while it is being written."""
