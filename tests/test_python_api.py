"""`tdscen.load`, `check`, `compile`, `run`, `sweep`: what the commands do, as objects, and nothing left behind."""

from __future__ import annotations

import asyncio
import filecmp
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import psutil
import pytest
from click.testing import CliRunner
from federations import FAKES, until

import tdscen
from tdscen import codec
from tdscen.cli import main
from tdscen.studies.point import DONE, Done
from tdscen.studies.running import Sweeping

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SMALL = TESTS / "corpus" / "invalid" / "models" / "small.dss"

STUDY = """scenario "from Python"
parameter deviation = 2 %
transmission ieee14 { case = "ieee14/ieee14_full.xlsx" }
distribution feeder { model = "small.dss" }
profile wobble = normal(mean = 1, std = deviation, every = 1 s, seed = 1)
interface bus4 { transmission = ieee14.bus[4]; distribution = feeder; scale = 10; load = wobble }
require { voltage = 1.5 pu .. 1.6 pu }
simulation { step = 1 s; stop = 3 s }
"""
WRONG = STUDY.replace("bus[4]", "bus[40]").replace("stop = 3 s", "stop = 3 MW")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(SMALL, tmp_path / "small.dss")
    (tmp_path / "study.tds").write_text(STUDY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{TESTS}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    return tmp_path


def faked(generated: Path, **further: str) -> Path:
    """The folder with simulators of two lines, as a user would edit its scripts."""
    for script in (generated / "federates").iterdir():
        text = script.read_text()
        for old, new in {**FAKES, **further}.items():
            text = text.replace(old, new)
        script.write_text(text)
    return generated


@pytest.mark.filterwarnings("ignore:kept your changed")
class TestRun:
    @pytest.fixture(autouse=True)
    def _fake(self, folder: Path) -> None:
        faked(tdscen.compile("study.tds"))

    def test_in_an_event_loop_with_progress(self) -> None:
        told: list[tdscen.Progress] = []

        async def cell() -> tdscen.Run:
            return tdscen.run("study.tds", progress=told.append)

        run = asyncio.run(cell())
        assert run.complete
        assert run.folder == Path("generated/study/runs/0001")
        assert run.interfaces.time_s.tolist() == [0.0, 1.0, 2.0, 3.0]
        assert told
        assert {federate.name for federate in told[-1].federates} == {"ieee14", "feeder"}
        assert told[-1].stop_s == 3.0

    def test_in_a_thread_with_its_text_and_a_loaded_scenario(self) -> None:
        runs: list[tdscen.Run] = []
        scenario = tdscen.load(STUDY, name="study")
        thread = threading.Thread(target=lambda: runs.append(scenario.run()))
        thread.start()
        thread.join()
        assert runs[0].complete
        # A violated requirement is a finding with a figure, not an exception.
        checks = runs[0].checks.set_index("name")
        assert not checks.holds["voltage"]
        assert checks.required["voltage"]
        assert checks.measured["voltage"] == runs[0].interfaces.v_pu.min()
        assert runs[0].interfaces.attrs["units"]["drawn_p_mw"] == "MW"

    def test_the_first_cause_of_a_failure_is_the_error(self, folder: Path) -> None:
        faked(
            folder / "generated/study",
            **{"federate.send(power_mva)\n        f": "raise OSError('no feeder')\n        f"},
        )
        with pytest.raises(tdscen.RunError, match="no feeder") as failed:
            tdscen.run("study.tds")
        assert failed.value.status == 3
        assert failed.value.run is not None
        assert failed.value.run.steps_done == 0
        assert not failed.value.run.complete


@pytest.mark.filterwarnings("ignore:kept your changed")
def test_the_scripts_of_a_user_are_kept_and_that_is_said(folder: Path) -> None:
    faked(tdscen.compile("study.tds"))
    with pytest.warns(tdscen.ScenarioWarning, match=r"kept your changed generated/study/federates/feeder\.py"):
        tdscen.compile("study.tds")
    tdscen.compile("study.tds", force=True)
    assert "fakes" not in (folder / "generated/study/federates/feeder.py").read_text()


@pytest.mark.filterwarnings("ignore:kept your changed")
def test_an_interrupted_run_goes_on(folder: Path) -> None:
    generated = faked(tdscen.compile("study.tds"))
    whole = tdscen.run("study.tds")
    script = generated / "federates" / "ieee14.py"
    sound = script.read_text()
    script.write_text(sound.replace("federate.record(system)", "time_s == 2.0 and 1 / 0; federate.record(system)", 2))
    script.write_text(script.read_text().replace("system.start(", "time_s = 0.0; system.start("))
    with pytest.warns(tdscen.ScenarioWarning), pytest.raises(tdscen.RunError, match="ZeroDivisionError") as failed:
        tdscen.run("study.tds")
    assert failed.value.run is not None
    assert failed.value.run.reached_s == 1.0
    script.write_text(sound)
    seen: list[float] = []
    resumed = tdscen.resume(failed.value.run, progress=lambda progress: seen.append(progress.stop_s))
    assert resumed.complete
    assert resumed.folder == failed.value.run.folder.resolve()
    assert resumed.table.equals(whole.table)
    assert set(seen) <= {3.0}
    with pytest.raises(tdscen.RunError, match="is complete: there is nothing to resume"):
        tdscen.resume("generated/study")
    with pytest.raises(tdscen.RunError, match="is no run of a generated folder"):
        tdscen.resume(folder / "nowhere")


def test_a_locked_study_is_the_one_of_its_lock(folder: Path) -> None:
    with pytest.raises(tdscen.ScenarioError, match=r"study\.tds\.lock"):
        tdscen.compile("study.tds", locked=True)
    assert CliRunner().invoke(main, ["lock", "study.tds"]).exit_code == 0
    generated = tdscen.compile("study.tds", locked=True)
    assert (generated / "plan.json").is_file()
    with pytest.raises(tdscen.ScenarioError, match="as it is written"):
        tdscen.run("study.tds", set={"deviation": "3 %"}, locked=True)
    (folder / "study.tds").write_text(STUDY.replace("scale = 10", "scale = 11"))
    with pytest.raises(
        tdscen.ScenarioError, match=r"(?s)not as study\.tds\.lock says:.*10.*11.*tdscen lock study\.tds"
    ):
        tdscen.load("study.tds").run(locked=True)
    assert not (folder / "generated" / "study" / "runs").exists()


def test_ctrl_c_ends_every_process(folder: Path) -> None:
    faked(tdscen.compile(STUDY.replace("stop = 3 s", "stop = 10000 s"), name="long"))
    (folder / "script.py").write_text(
        "import tdscen\n"
        "try:\n"
        "    tdscen.run(open('study.tds').read().replace('stop = 3 s', 'stop = 10000 s'), name='long')\n"
        "except KeyboardInterrupt:\n"
        "    print(tdscen.open_run('generated/long').cause)\n"
    )
    script = subprocess.Popen([sys.executable, "script.py"], stdout=subprocess.PIPE, text=True)
    try:
        family = until(lambda: len(f := psutil.Process(script.pid).children()) == 3 and f, "three processes")
        until(lambda: list(folder.glob("generated/long/runs/*/journal/*")), "a recorded row")
        script.send_signal(signal.SIGINT)
        said, _ = script.communicate(timeout=20)
    finally:
        script.kill()
    assert "interrupted" in said
    assert not psutil.wait_procs(family, timeout=5)[1]


def test_errors_are_those_of_check(folder: Path) -> None:
    scenario = tdscen.load(WRONG, name="wrong")
    assert [d.code for d in scenario.diagnostics] == ["TDS204", "TDS308"]
    assert not scenario.sound
    (folder / "wrong.tds").write_text(WRONG)
    printed = CliRunner().invoke(main, ["check", "wrong.tds"]).stderr
    for act in (tdscen.check, tdscen.compile, tdscen.run, tdscen.sweep):
        with pytest.raises(tdscen.ScenarioError) as raised:
            act("wrong.tds")
        assert str(raised.value).split() == printed.split()
        assert raised.value.diagnostics == scenario.diagnostics
    with pytest.raises(tdscen.ScenarioError, match=r"wrong\.tds:6:33"):
        _ = scenario.plan
    assert not (folder / "generated").exists()
    with pytest.raises(tdscen.ScenarioError, match=r"nowhere\.tds cannot be read"):
        tdscen.check("nowhere.tds")


def test_the_folder_is_that_of_the_command(folder: Path) -> None:
    done = CliRunner().invoke(main, ["compile", "study.tds", "--set", "deviation=5 %", "-o", "by_command"])
    assert done.exit_code == 0, done.output
    made = tdscen.compile("study.tds", "by_call", set={"deviation": "5 %"})
    files = [path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()]
    assert "plan.json" in files
    assert filecmp.cmpfiles("by_command", made, files, shallow=False) == (files, [], [])


@pytest.mark.parametrize(("value", "std"), [("5 %", 0.05), (0.1, 0.1), (np.float64(0.1) * 3, 0.1 * 3), (1, 1.0)])
def test_values_for_parameters(folder: Path, value: str | float, std: float) -> None:
    plan = tdscen.load("study.tds", set={"deviation": value}).plan
    assert plan.interfaces[0].profile.std == std  # type: ignore[union-attr]


def test_a_scenario_stays_what_was_loaded(folder: Path) -> None:
    scenario = tdscen.load("study.tds")
    (folder / "study.tds").write_text("no scenario\n")
    assert scenario.compile().is_dir()
    assert tdscen.check(scenario, set={"deviation": "5 %"}).settings == ("deviation=5 %",)


def test_what_cannot_be_swept(folder: Path) -> None:
    with pytest.raises(tdscen.SweepError, match="study has no sweep: add"):
        tdscen.sweep("study.tds")


def test_a_point_that_is_done_when_the_interrupt_comes_is_no_waiting_one(folder: Path) -> None:
    """A worker has written it down, and nobody has heard of it yet."""

    def execute(due: Iterable[Path], _: Sequence[str]) -> Iterator[tuple[Path, Done]]:
        where = next(iter(due))
        (where / DONE).write_text(codec.dumps(Done(None, "runs/0001", 1.0, (("v_min_pu", 0.99),))))
        raise KeyboardInterrupt
        yield

    scenario = tdscen.load(STUDY + "sweep all { deviation = [1 %, 2 %] }\n")
    sweeping = Sweeping(scenario.written_out, scenario.plan.sweeps[0], folder / "sweeps")
    with pytest.raises(KeyboardInterrupt):
        sweeping.run(scenario.plan, execute, lambda _: None)
    assert [row.state for row in sweeping.rows] == ["complete", "waiting"]


@pytest.mark.slow
def test_a_sweep_is_the_table_of_the_command(folder: Path) -> None:
    import pandas as pd

    swept = STUDY + "sweep deviations { deviation = [1 %, 2 %] }\n"
    told: list[tuple[int, int]] = []
    frame = tdscen.sweep(swept, name="swept", progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]
    assert frame.deviation.tolist() == [0.01, 0.02]
    assert frame.attrs["units"]["slope_pu_per_mw"] == "pu/MW"
    assert frame.attrs["units"]["require.voltage"] == "pu"
    (folder / "swept.tds").write_text(swept)
    done = CliRunner().invoke(main, ["sweep", "swept.tds", "--workers", "1"])
    assert "2 of 2 points complete (0 computed now)" in done.output
    written = pd.read_parquet("generated/swept/sweeps/deviations/table.parquet")
    pd.testing.assert_frame_equal(frame, written, check_dtype=False)
    run = tdscen.open_run(f"{frame.attrs['folder']}/{frame.run[1]}")
    assert run.interfaces.v_pu.min() == frame.v_min_pu[1]


def test_importing_it_imports_nothing_of_it() -> None:
    code = "import sys, tdscen; dir(tdscen); print(*(m for m in sys.modules if m.partition('.')[0] not in known))"
    known = "known = {*sys.stdlib_module_names, '__main__'} - {'asyncio'}"
    command = [sys.executable, "-S", "-c", f"import sys; {known}; {code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["tdscen"]
    assert set(tdscen.__all__) <= set(dir(tdscen))
    for name in tdscen.__all__:
        assert getattr(tdscen, name) is not None


def examples(page: Path) -> Iterator[str]:
    for part in page.read_text(encoding="utf-8").split("```python\n")[1:]:
        yield part.partition("```")[0]


@pytest.mark.slow
def test_every_example_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other in one namespace, as a reader would type them into a notebook."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    space: dict[str, object] = {"__name__": "__main__"}
    parts = list(examples(ROOT / "docs" / "python.md"))
    assert len(parts) >= 5
    for part in parts:
        exec(compile(part, "docs/python.md", "exec"), space)


@pytest.mark.slow
def test_several_workers_need_a_guard_and_say_so(folder: Path) -> None:
    pytest.importorskip("distributed", reason="pip install 'tdscen[sweep]'")
    (folder / "swept.tds").write_text(STUDY + "sweep deviations { deviation = [1 %, 2 %] }\n")
    call = 'tdscen.sweep("swept.tds", workers=2).state.tolist()'
    (folder / "bare.py").write_text(f"import tdscen\nprint({call})\n")
    (folder / "guarded.py").write_text(f'import tdscen\nif __name__ == "__main__":\n    print({call})\n')
    bare = subprocess.run([sys.executable, "bare.py"], capture_output=True, text=True, check=False)
    assert bare.stderr.splitlines()[-1].startswith("tdscen.SweepError: the workers did not start")
    guarded = subprocess.run([sys.executable, "guarded.py"], capture_output=True, text=True, check=False)
    assert guarded.stdout == "['complete', 'complete']\n", guarded.stderr
