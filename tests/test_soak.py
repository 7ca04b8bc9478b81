"""A short soak with fakes (`make soak`: 200 runs with the simulators); nothing that a killed process made stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from soak.soaking import soak
from soak.studies import prepared

from tdscen.scratch import scratch_folder

_HOLDS = """
import sys, time
from pathlib import Path
from tdscen.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "model.dss").write_text("clear")
    print(folder, flush=True)
    time.sleep(60)
"""


def test_runs_at_the_same_time_are_alike_and_leave_nothing(tmp_path: Path) -> None:
    soaked = soak(prepared(tmp_path / "soak", 2, fakes=True), 8, 8, kill=True)
    assert not soaked.wrong, "\n".join(soaked.wrong)
    assert len(soaked.ended) == 10
    assert len({one.results for one in soaked.ended}) == 1
    assert all(len(one.results) == 7 for one in soaked.ended)  # results.parquet and three files of each federate


def test_a_scratch_folder_outlives_its_killed_maker_only_until_the_next_one(tmp_path: Path) -> None:
    users = tmp_path / "tdscen-notebook"  # not named as ours are
    users.mkdir()
    maker = subprocess.Popen([sys.executable, "-c", _HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert maker.stdout is not None
    left = Path(maker.stdout.readline().strip())
    with scratch_folder(tmp_path) as mine:
        assert sorted(os.listdir(tmp_path)) == sorted([left.name, mine.name, users.name])
    maker.kill()
    maker.communicate()
    assert left.is_dir()
    with scratch_folder(tmp_path) as mine:
        assert sorted(os.listdir(tmp_path)) == sorted([mine.name, users.name])
    assert os.listdir(tmp_path) == [users.name]
