"""ANDES, on the transmission side."""
