"""What goes wrong with a model or a simulator, each said in one sentence."""

from __future__ import annotations


class SimulationError(Exception):
    """A simulator could not do what was asked; the text is one sentence that says where, what and how to mend."""


class ModelNotFound(Exception):  # noqa: N818 - the name says what happened
    """A model, or a file that it refers to, is not there; the text is one sentence with the nearest names."""
