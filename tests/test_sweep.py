"""`tdscen sweep`: real federations of points; remembered, interrupted, failed, and equal to single runs."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result
from federations import faked, long_plan, until
from plans import demo_plan, with_simulation

from tdscen.cli import main
from tdscen.results import open_run
from tdscen.results.errors import ResultsError
from tdscen.runtime.launch import Launch
from tdscen.runtime.progress import progress
from tdscen.runtime.warm import Warm, WarmLaunch
from tdscen.studies.measures import measures
from tdscen.studies.point import cool, remembered, run_point
from tdscen.studies.pv_curve import curves

SMALL = Path(__file__).parent / "corpus" / "invalid" / "models" / "small.dss"

STUDY = """scenario "points"
parameter k = 5
parameter every = 1 s
transmission ieee14 {
  case = "ieee14/ieee14_full.xlsx"
}
distribution feeder {
  model = "small.dss"
}
profile wobble = normal(mean = 1, std = 2 %, every = 1 s, seed = 1)
interface bus4 {
  transmission = ieee14.bus[4]
  distribution = feeder
  scale        = k
  load         = wobble
}
simulation {
  step = every
  stop = 2 s
}
"""
SWEEP = "sweep all {\n  k = [5, 6]\n  every = [0.5 s, 1 s]\n}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(SMALL, tmp_path / "small.dss")
    (tmp_path / "study.tds").write_text(STUDY + SWEEP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sweep(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sweep", "study.tds", *arguments], catch_exceptions=False)


def lines(name: str = "all") -> list[dict[str, str]]:
    with Path(f"generated/study/sweeps/{name}/table.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def runs() -> dict[str, int]:
    """When each point was done, by its folder."""
    return {p.parent.name: p.stat().st_mtime_ns for p in Path("generated/study/sweeps/points").glob("*/point.json")}


def warm_ones() -> Iterator[psutil.Process]:
    """Warm processes anywhere below this one, and what they have forked."""
    for process in psutil.Process().children(recursive=True):
        if process.status() != psutil.STATUS_ZOMBIE and "tdscen.runtime.warming" in process.cmdline():
            yield process


# --- the warm process


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Warm]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")
    with Warm(()) as made:
        yield made
    assert not psutil.pid_exists(made.pid)


def test_forked_runs_are_those_of_fresh_interpreters(tmp_path: Path, warm: Warm) -> None:
    study = faked(tmp_path / "study", with_simulation(demo_plan(), stop_s=5.0, steps=5))
    with WarmLaunch(study, warm) as forked, Launch(study) as cold:
        assert (forked.finish(), cold.finish()) == (0, 0), forked.said()
        assert forked.run
        assert cold.run
        assert forked.run != cold.run
        assert open_run(forked.run).table.equals(open_run(cold.run).table)


def test_a_forked_run_fails_and_is_stopped_as_any_other(tmp_path: Path, warm: Warm) -> None:
    broken = {"ieee14": {"system.start(federate.receive())": "raise ValueError('a slip in the script')"}}
    with WarmLaunch(faked(tmp_path / "broken", demo_plan(), broken), warm) as failing:
        assert failing.finish() == 3
        assert "a slip in the script" in failing.said()
    with WarmLaunch(faked(tmp_path / "long", long_plan()), warm) as stopped:
        until(lambda: stopped.run and all(f.state == "running" for f in progress(stopped.run)), "a run on its way")
        stopped.stop()
        assert stopped.finish() == 130


def test_what_was_forked_ends_with_the_warm_process_and_that_with_its_owner(tmp_path: Path) -> None:
    study = faked(tmp_path / "long", long_plan())
    script = (
        "import time; from pathlib import Path; from tdscen.runtime.warm import Warm, WarmLaunch\n"
        f"with Warm(()) as warm, WarmLaunch(Path({str(study)!r}), warm) as launch:\n"
        "    time.sleep(60)\n"
    )
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    owner = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": path})
    below: list[psutil.Process] = until(
        lambda: len(found := psutil.Process(owner.pid).children(recursive=True)) >= 4 and found, "a federation"
    )
    owner.kill()
    owner.wait()
    psutil.wait_procs(below, timeout=10)
    assert not [p for p in below if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_a_point_that_fails_says_why_and_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")
    broken = {"ieee14": {"system.start(federate.receive())": "raise ValueError('a slip in the script')"}}
    study = faked(tmp_path / "study", demo_plan(), broken)
    try:
        done = run_point(study, ())
    finally:
        cool()
    assert done.reason is not None
    assert "a slip in the script" in done.reason
    assert done.measures == ()
    assert remembered(study) == done


# --- the command


def test_the_table_is_that_of_single_runs_and_nothing_is_computed_twice(folder: Path) -> None:
    found = sweep("--workers", "1")
    assert found.exit_code == 0, found.output
    assert "4 of 4 points complete (4 computed now)" in found.output
    assert Path("generated/study/sweeps/all/heat_v_min_pu.png").exists()
    assert not list(warm_ones())
    first, table = runs(), lines()
    assert [(line["k"], line["every"]) for line in table] == [("5", "0.5"), ("5", "1.0"), ("6", "0.5"), ("6", "1.0")]

    single = CliRunner().invoke(main, ["run", "study.tds", "--set", "k=6", "--set", "every=0.5 s", "-q"])
    assert single.exit_code == 0, single.output
    run = open_run(Path("generated/study"))
    for name, value in measures(run).items():
        assert table[2][name] == ("" if value is None else repr(value)), name
    assert run.table.equals(open_run(Path("generated/study/sweeps") / table[2]["run"]).table)

    # Where the runs end, over the first parameter, is a PV curve for each value of the second.
    found_curves = curves(Path("generated/study/sweeps/all"))
    assert [curve.name for curve in found_curves] == ["bus4, every = 0.5 s", "bus4, every = 1 s"]
    ends = [open_run(Path("generated/study/sweeps") / line["run"]).recording for line in table]
    for at, curve in enumerate(found_curves):
        assert curve.p_mw == tuple(end.column("bus4/drawn_p_mw")[-1] for end in ends[at::2])
        assert curve.v_pu == tuple(end.column("bus4/v_pu")[-1] for end in ends[at::2])
        assert curve.p_mw[1] == pytest.approx(1.2 * curve.p_mw[0], rel=0.01)
        assert curve.v_pu[1] < curve.v_pu[0]
    drawn = CliRunner().invoke(main, ["plot", "generated/study/sweeps/all", "--figure", "pv-curve"])
    assert drawn.stdout == "plot: generated/study/sweeps/all/pv-curve.png\n", drawn.output
    assert Path("generated/study/sweeps/all/pv-curve.png").stat().st_size > 10_000
    refused = CliRunner().invoke(main, ["plot", "generated/study/sweeps/all"])
    assert refused.exit_code == 1
    assert "it has the figure pv-curve alone" in refused.output

    shutil.copytree("generated/study/sweeps/all", "generated/study/sweeps/half")
    definition = Path("generated/study/sweeps/half/sweep.json")
    told = json.loads(definition.read_text())
    definition.write_text(json.dumps(told | {"points": told["points"][:2]}))
    with pytest.raises(ResultsError, match=r"k, the first parameter of the sweep in .*half, does not change the power"):
        curves(definition.parent)
    definition.write_text(json.dumps(told | {"sweep": told["sweep"] | {"combine": "latin_hypercube"}}))
    [scattered] = curves(definition.parent)
    assert (scattered.name, len(scattered.p_mw), scattered.ordered) == ("bus4", 4, False)
    shutil.rmtree(definition.parent)

    # A comment, another name, more values: only what is new is run, and what fails to compile is a row.
    text = STUDY + "# a comment\nsweep more {\n  k = [5, 6]\n  every = [1 s, 2 s]\n}\n"
    Path("study.tds").write_text(text)
    again = sweep("more", "--workers", "1", "--measure", "v_max_pu")
    assert again.exit_code == 0, again.output
    assert "4 of 4 points complete (2 computed now)" in again.output
    assert first.items() <= runs().items()
    assert len(runs()) == 6
    assert Path("generated/study/sweeps/more/heat_v_max_pu.png").exists()

    told = [json.loads(line) for line in sweep("more", "--json-lines").stdout.splitlines()]
    assert [(one["event"], one["number"], one["computed"]) for one in told[:-1]] == [
        ("point", number, False) for number in range(1, 5)
    ]
    assert (told[-1]["event"], told[-1]["complete"], told[-1]["failed"]) == ("ended", 4, 0)


def test_a_point_that_does_not_compile_is_a_row(folder: Path) -> None:
    """Each value alone is sound; the last ones together are not: 2 s do not divide 3 s."""
    text = STUDY.replace("stop = 2 s", "stop = length").replace("parameter k", "parameter length = 2 s\nparameter k")
    Path("study.tds").write_text(text + "sweep all {\n  every = [0.5 s, 2 s]\n  length = [2 s, 3 s]\n}\n")
    found = sweep("--workers", "1")
    assert found.exit_code == 3, found.output
    assert "3 of 4 points complete (3 computed now), 1 failed" in found.output
    assert [line["state"] for line in lines()] == ["complete", "complete", "complete", "failed"]
    assert lines()[3]["reason"].startswith("it does not compile: ")
    assert "3 s" in lines()[3]["reason"]


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (STUDY, [], "study has no sweep"),
        (STUDY + SWEEP + SWEEP.replace("all", "other"), [], "several sweeps, name one: all or other"),
        (STUDY + SWEEP, ["al"], "study has no sweep al; did you mean all?"),
        (STUDY + SWEEP, ["--set", "k=7"], "the sweep all varies this parameter itself"),
    ],
)
def test_what_cannot_be_swept_is_said(folder: Path, text: str, arguments: list[str], said: str) -> None:
    Path("study.tds").write_text(text)
    found = sweep(*arguments)
    assert found.exit_code == 1
    assert said in found.output


def test_without_dask_it_is_said_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    found = sweep("--workers", "2")
    assert found.exit_code == 5
    assert "pip install 'tdscen[sweep]' (or use --workers 1)" in found.output
    assert not runs()
    found = sweep()  # nobody asked for several
    assert found.exit_code == 0, found.output
    assert "one point at a time: for several, pip install 'tdscen[sweep]'" in found.stderr


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from tdscen.cli import main; main()", "sweep", "study.tds", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def interrupted(process: subprocess.Popen[str], number: int, after: int) -> None:
    """Signal a sweep when so many points are done; all its processes end."""
    try:
        until(lambda: len(runs()) >= after or process.poll() is not None, "some points", 120.0)
        below = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, number)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == (130 if number == signal.SIGINT else -number), said
        assert "WARNING" not in said  # of dask's workers
        psutil.wait_procs(below, timeout=15)
        assert not [p.cmdline() for p in below if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    finally:
        process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_sweep_leaves_no_process_and_goes_on(folder: Path, workers: str, number: int) -> None:
    if workers == "2":
        pytest.importorskip("distributed", reason="the extra `sweep` is not installed")
    Path("study.tds").write_text(STUDY + "sweep all {\n  k = [3, 4, 5, 6, 7, 8, 9, 10]\n}\n")
    interrupted(start("--workers", workers), number, after=2)
    before = runs()
    assert 2 <= len(before) < 8
    if number == signal.SIGINT:
        assert {line["state"] for line in lines()} == {"complete", "waiting"}
    process = start("--workers", workers)
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 0, said
    assert f"8 of 8 points complete ({8 - len(before)} computed now)" in said
    assert before.items() <= runs().items()
    definition = json.loads(Path("generated/study/sweeps/all/sweep.json").read_text())
    assert [point["state"] for point in definition["points"]] == ["complete"] * 8


@pytest.mark.slow
def test_workers_side_by_side_write_the_same_table(folder: Path) -> None:
    pytest.importorskip("distributed", reason="the extra `sweep` is not installed")
    assert sweep("--workers", "1").exit_code == 0
    one = Path("generated/study/sweeps/all/table.csv").read_bytes()
    shutil.rmtree("generated/study/sweeps")
    process = start("--workers", "2")
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 0, said
    assert Path("generated/study/sweeps/all/table.csv").read_bytes() == one


@contextmanager
def cluster(place: Path) -> Iterator[str]:
    """The address of a scheduler with two workers: processes of other folders, as a batch system starts them."""
    dask, told = Path(sys.executable).parent / "dask", place / "scheduler.json"
    host = ["--host", "127.0.0.1", "--no-dashboard"]
    commands = [["scheduler", *host, "--port", "0", "--scheduler-file", str(told)]]
    commands += [["worker", *host, "--scheduler-file", str(told), "--nthreads", "1", "--name", name] for name in "ab"]
    started = []
    for number, command in enumerate(commands):
        (own := place / str(number)).mkdir()
        log = (own / "log").open("w")
        started.append(subprocess.Popen([str(dask), *command], cwd=own, stdout=log, stderr=log))
    try:
        until(told.is_file, "a dask scheduler", 60.0)
        yield str(json.loads(told.read_text())["address"])
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)


@pytest.mark.slow
def test_a_latin_hypercube_runs_on_the_workers_of_a_scheduler(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pytest.importorskip("distributed", reason="the extra `sweep` is not installed")
    spread = "sweep all {\n  k       = 5 .. 8\n  combine = latin_hypercube(n = 3, seed = 1)\n}\n"
    Path("study.tds").write_text(STUDY + spread)
    with cluster(tmp_path_factory.mktemp("elsewhere")) as address:
        process = start("--scheduler", address)
        said, _ = process.communicate(timeout=180)
        assert process.returncode == 0, said
    assert "3 of 3 points complete (3 computed now)" in said
    assert sorted(int(float(line["k"])) for line in lines()) == [5, 6, 7]
    assert Path("generated/study/sweeps/all/lines_v_min_pu.png").exists()
    gone = sweep("--scheduler", "tcp://127.0.0.1:1", "--retry", "-o", "elsewhere")
    assert gone.exit_code == 5
    assert "there is no dask scheduler at tcp://127.0.0.1:1" in gone.output
