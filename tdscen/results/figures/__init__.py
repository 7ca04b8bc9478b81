"""Figures of runs for papers and slides; one file a figure, the only part of the results that draws with matplotlib."""
