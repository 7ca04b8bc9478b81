"""Studies over parameters: the points of a `sweep` block, run side by side, remembered, and put into one table."""
