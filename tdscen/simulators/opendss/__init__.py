"""OpenDSS, on the distribution side."""
