"""One thing that differs between two studies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """A difference and its wording.

    `path` says where (`interfaces[bus4].scale.p_factor`), `old` and `new` are JSON values in the plan's units (None
    where there is nothing). `subject` (`interface`) and `name` (`bus4`) say of what, `text` what became of it
    (`bus 4 -> 5`), `follows_from` which other changes bring this one about (`its bus`, `parameter deviation`).
    """

    path: str
    kind: Kind
    old: Any
    new: Any
    subject: str
    name: str
    text: str
    follows_from: tuple[str, ...] = ()

    def sentence(self, names: str | None = None) -> str:
        """The line that people read; `names` in the place of `name` where one line speaks of several."""
        of = f"{self.subject} {self.name if names is None else names}".strip()
        return f"{of}: {self.text}" + (f" (follows from {_and(self.follows_from)})" if self.follows_from else "")


def _and(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
