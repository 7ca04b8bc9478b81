"""The federation stays close to its solvers: ratios of a short run against bounds that a noisy machine keeps.

`benchmarks/overhead.py` is what measures; docs/performance.md has figures of a quiet machine (0.75 and 0.73).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tdscen.simulators.andes import pycode

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
STEPS = 200
MOST = {1: 2.0, 20: 2.2}
"""Step loop with default observations over bare solver calls, by number of feeders."""


@pytest.fixture(autouse=True)
def benchmarks_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    pycode.prepare()


@pytest.mark.parametrize("feeders", MOST)
def test_the_step_loop_stays_close_to_the_bare_solver_calls(feeders: int, tmp_path: Path) -> None:
    from overhead import bare, federation

    def ratio(attempt: int) -> float:
        ran = federation(feeders, STEPS, tmp_path / str(attempt), observe=True)
        return ran.loop_s / bare(feeders, STEPS)

    found = [ratio(0)]
    if found[0] > MOST[feeders]:  # something else may have had the machine for a moment
        found.append(ratio(1))
    assert min(found) <= MOST[feeders], found
