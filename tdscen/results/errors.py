"""What can be wrong with a run that somebody wants to read; each carries one sentence."""

from __future__ import annotations


class ResultsError(Exception):
    """Base of everything that reading results raises on purpose."""


class RunNotFound(ResultsError):  # noqa: N818 - reads as the sentence it stands for
    """There is no run where one was looked for."""


class RunDamaged(ResultsError):  # noqa: N818
    """Files of the run contradict each other or cannot be read."""


class UnknownQuantity(ResultsError, KeyError):  # noqa: N818
    """A quantity or an interface that this run did not record; the sentence offers near names."""

    def __str__(self) -> str:  # KeyError would show the sentence in quotation marks
        return str(self.args[0])
