"""What is said while a run goes on: pace and time left, the table, lines, JSON, nothing."""

from __future__ import annotations

import io
import json
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from cosimulations import SCRIPTS
from rich.console import Console

from tdscen.cli.live import ROWS, Clock, Lines, Reached, rounded, span, table
from tdscen.runtime.progress import FederateProgress
from tdscen.runtime.status import ExitStatus


def at(*times_s: float | None) -> tuple[FederateProgress, ...]:
    return tuple(FederateProgress(f"f{i}", "running", time_s, 1, 0.0) for i, time_s in enumerate(times_s))


def test_the_pace_is_that_of_the_last_ten_seconds_and_of_the_slowest() -> None:
    clock = Clock(100.0)
    starting = clock.at(1.0, at(None, None))
    assert (starting.time_s, starting.wall_s_per_s, starting.left_s) == (0.0, None, None)
    clock.at(2.0, at(0.0, 0.0))
    slow = clock.at(6.0, at(3.0, 2.0))
    assert (slow.time_s, slow.wall_s_per_s, slow.left_s) == (2.0, 2.0, 196.0)
    clock.at(12.0, at(10.0, 5.0))
    fast = clock.at(20.0, at(25.0, 21.0))  # of 12 s on: 8 s for 16
    assert (fast.time_s, fast.wall_s_per_s, fast.left_s) == (21.0, 0.5, 39.5)


def test_a_resumed_run_counts_from_where_it_was_taken_up() -> None:
    clock = Clock(100.0)
    clock.at(1.0, at(60.0))
    assert clock.at(3.0, at(64.0)).left_s == 18.0


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 05 min"), (59.6, "1 min 00 s")]
)
def test_spans_are_read_at_a_glance(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_many_federates_keep_to_the_screen_and_names_are_no_markup() -> None:
    federates = tuple(FederateProgress(f"[red]f{i}", "running", float(100 - i), 7, 1.0, i % 2 == 0) for i in range(50))
    console = Console(file=io.StringIO(), width=120)
    console.print(table(Reached(200.0, 12.0, 51.0, 0.25, 37.2, federates)))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().rstrip().splitlines()
    assert len(lines) == ROWS + 1
    assert "[red]f49" in lines[ROWS - 1]  # the slowest are shown
    assert "waiting" in lines[ROWS - 2]
    assert "38 more" in lines[ROWS]
    assert "0.25 s a simulated second" in lines[ROWS]
    assert "37 s left" in lines[ROWS]


def test_lines_are_rare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plan.json").write_text(json.dumps({"simulation": {"stop_s": 60.0}}), encoding="utf-8")
    now = [100.0]
    monkeypatch.setattr("tdscen.cli.live.time.monotonic", lambda: now[0])

    def progress(_: Path) -> tuple[FederateProgress, ...]:
        gone_s = now[0] - 100.0
        return at(gone_s, gone_s + 1.0) if gone_s >= 3.0 else at(None, None)  # starting takes 3 s

    monkeypatch.setattr("tdscen.cli.live.progress", progress)
    with Lines() as lines:
        for _ in range(200):
            lines.look(tmp_path)
            now[0] = round(now[0] + 0.125, 3)
    said = capsys.readouterr()
    assert said.out == ""
    first, second = said.err.splitlines()
    assert first.startswith(f"run {tmp_path.name}: t = 10")
    assert first.endswith("1 s of wall time a simulated second, 50 s left")
    assert "40 s left" in second


def test_figures_for_programs_are_numbers_or_nothing() -> None:
    assert [rounded(v) for v in (None, float("nan"), float("inf"), 1 / 3)] == [None, None, None, 0.333333]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [SCRIPTS / "tdscen", "run", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


STUDY = Path(__file__).resolve().parents[1] / "scenarios" / "ieee14_ieee34.tds"


def test_json_lines_tell_begin_progress_and_end(tmp_path: Path) -> None:
    done = run(tmp_path, str(STUDY), "--json-lines")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    said = [json.loads(line) for line in done.stdout.splitlines()]
    begin, *progress, end = said
    assert (begin["event"], begin["stop_s"], begin["federates"]) == ("started", 15.0, ["ieee14", "ieee34"])
    assert progress
    assert {one["event"] for one in progress} == {"progress"}
    assert [f["name"] for f in progress[-1]["federates"]] == ["ieee14", "ieee34"]
    assert all(a["time_s"] <= b["time_s"] for a, b in pairwise(progress))
    assert (end["event"], end["complete"], end["exit_status"], end["reached_s"]) == ("ended", True, 0, 15.0)
    balance = next(check for check in end["checks"] if check["name"] == "balance")
    assert balance["holds"] is True
    assert balance["measured"] < 1e-3
    assert (tmp_path / end["results"]).is_file()


def test_quiet_says_nothing_of_a_good_run_and_the_figure_of_a_bad_one(tmp_path: Path) -> None:
    text = STUDY.read_text(encoding="utf-8") + "\nrequire {\n  voltage = 1.013 pu .. 1.05 pu\n}\n"
    (tmp_path / "feeders").symlink_to(STUDY.parent / "feeders")
    (tmp_path / "study.tds").write_text(text, encoding="utf-8")
    good = run(tmp_path, str(STUDY), "--quiet")
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    bad = run(tmp_path, "study.tds", "--quiet")
    assert bad.returncode == ExitStatus.REQUIREMENT_VIOLATED
    assert bad.stdout == ""
    assert bad.stderr.startswith("voltage: the interface voltage is 1.01")
    assert run(tmp_path, "study.tds", "--quiet", "--json-lines").returncode == 2
