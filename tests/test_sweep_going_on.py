"""While a sweep goes on: what it says, and workers that come when they have waited for their turn in a queue."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tdscen.cli import sweep_view
from tdscen.studies import executors
from tdscen.studies.executors import NoExecutor, run_on_dask
from tdscen.studies.point import Done
from tdscen.studies.points import Point
from tdscen.studies.running import Row

BUSY: set[int] = set()
MOST: list[int] = []
DONE = Done(None, "runs/0001", 1.0)


def row(number: int, *, fresh: bool = True, why: str | None = None) -> Row:
    return Row(Point(number, ()), "key", Done(why, None, 1.0) if why else DONE, fresh=fresh)


def test_where_there_is_no_terminal_a_line_comes_every_ten_seconds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(sweep_view.time, "monotonic", lambda: now[0])
    with sweep_view.sweep_view(8, quiet=False, json_lines=False) as view:
        for number, at_s in enumerate((0.1, 0.2, 8.2, 16.2, 17.0, 24.2, 32.2, 40.2), 1):
            now[0] = at_s
            view.shown(row(number, fresh=number > 2, why="it fell" if number == 4 else None))
    assert capsys.readouterr().err.splitlines() == [
        "4 of 8 points, 1 failed, 16 s gone, 32 s left",  # two were remembered, two took 16.2 s
        "7 of 8 points, 1 failed, 32 s gone, 6 s left",
    ]


def test_quiet_and_json_say_no_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_view, "LINE_EVERY_S", 0.0)
    with sweep_view.sweep_view(2, quiet=True, json_lines=False) as view:
        view.shown(row(1))
        view.told("the scheduler has no workers yet")
    assert capsys.readouterr() == ("", "")
    with sweep_view.sweep_view(2, quiet=False, json_lines=True) as view:
        view.shown(row(1))
    assert (
        capsys.readouterr().out
        == '{"event": "point", "number": 1, "state": "complete", "computed": true, "why": null}\n'
    )


def a_while(folder: Path, _: object) -> Done:
    """In place of a point: how many are there at once."""
    BUSY.add(int(folder.name))
    MOST.append(len(BUSY))
    time.sleep(0.3)
    BUSY.discard(int(folder.name))
    return DONE


def test_workers_that_come_late_are_all_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `sweep` is not installed")
    monkeypatch.setattr(executors, "run_point", a_while)
    folders, told = [tmp_path / str(number) for number in range(24)], list[str]()
    with distributed.LocalCluster(
        n_workers=0, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp://"
    ) as cluster:
        threading.Timer(1.0, lambda: cluster.scale(4)).start()
        done = dict(run_on_dask(folders, (), 1, cluster.scheduler_address, told.append))
    assert done == dict.fromkeys(folders, DONE)
    assert max(MOST) == 4
    assert told == [f"the scheduler at {cluster.scheduler_address} has no workers yet: points wait until it has"]


def other_version_elsewhere() -> str:
    """What the scheduler's thread has is older."""
    return "2.0" if threading.current_thread() is threading.main_thread() else "1.0"


def nothing_elsewhere() -> str:
    """As where the scheduler cannot import what it is asked."""
    if threading.current_thread() is not threading.main_thread():
        raise ModuleNotFoundError("No module named 'tdscen'")
    return "2.0"


@pytest.mark.parametrize(
    ("version", "said"),
    [(other_version_elsewhere, "has tdscen 1.0, here is tdscen 2.0"), (nothing_elsewhere, "has no tdscen, here is")],
)
def test_a_scheduler_of_another_environment_is_refused(
    version: Callable[[], str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `sweep` is not installed")
    monkeypatch.setattr(executors, "own_version", version)
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None, protocol="tcp://") as cluster,
        pytest.raises(NoExecutor, match=said),
    ):
        list(run_on_dask([tmp_path / "1"], (), 1, cluster.scheduler_address))
