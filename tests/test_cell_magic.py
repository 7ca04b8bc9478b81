"""The cell magic `%%tds` in IPython's shell, and in a real kernel as Jupyter has it."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from federations import until

import tdscen

pytest.importorskip("IPython", reason="pip install 'tdscen[notebook]'")

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

TESTS = Path(__file__).parent
SMALL = TESTS / "corpus" / "invalid" / "models" / "small.dss"

STUDY = """scenario "in a cell"
parameter deviation = 2 %
transmission ieee14 { case = "ieee14/ieee14_full.xlsx" }
distribution feeder { model = "small.dss" }
profile wobble = normal(mean = 1, std = deviation, every = 1 s, seed = 1)
interface bus4 { transmission = ieee14.bus[4]; distribution = feeder; scale = 10; load = wobble }
simulation { step = 1 s; stop = 3 s }
"""
WRONG = STUDY.replace("bus[4]", "bus[40]")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(SMALL, tmp_path / "small.dss")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return tmp_path


class Cells:
    """A shell; each cell gives what it displayed and its error."""

    def __init__(self) -> None:
        InteractiveShell.clear_instance()
        self.shell = InteractiveShell.instance(colors="nocolor")
        self.shell.run_cell("%load_ext tdscen")

    def __call__(self, line: str, scenario: str = STUDY) -> tuple[str, BaseException | None]:
        with capture_output(display=False) as said:
            done = self.shell.run_cell(f"%%tds {line}\n{scenario}")
        return said.stdout + said.stderr, done.error_in_exec or done.error_before_exec

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]


@pytest.fixture
def cells(folder: Path) -> Iterator[Cells]:
    made = Cells()
    yield made
    made.shell.history_manager.end_session()
    InteractiveShell.clear_instance()


def test_a_check_shows_what_is_wrong_and_binds_the_scenario(cells: Cells) -> None:
    said, error = cells("wrong", WRONG)
    assert error is None
    assert "error[TDS204]: ieee14 has no bus 40\n  --> wrong.tds:6:33" in said
    assert "did you mean 4?" in said
    assert "wrong: 1 error" in said
    assert isinstance(cells["wrong"], tdscen.Scenario)
    said, error = cells("right --check --set 'deviation=5 %'")
    assert (said.strip(), error) == ("right: no problems, 1 interface", None)
    assert cells["right"].plan.interfaces[0].profile.std == 0.05


def test_a_scenario_with_errors_is_not_run_and_ends_the_cell(cells: Cells, folder: Path) -> None:
    said, error = cells("wrong --run", WRONG)
    assert "error[TDS204]" in said
    assert "wrong was not run: it has errors" in said
    assert "Traceback" not in said
    assert error is not None
    assert not (folder / "generated").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "the following arguments are required: name"),
        ("a --sett x", "unrecognized arguments: --sett x"),
        ("a --run --check", "not allowed with"),
        ("a --set deviation", "write --set PARAMETER=VALUE"),
        ("4 --run", "4 is no name for a variable"),
        ("class", "class is no name for a variable"),
        ("a --set 'x", "No closing quotation"),
    ],
)
def test_options_that_are_none(cells: Cells, line: str, said: str) -> None:
    shown, error = cells(line)
    assert said in shown
    assert "Traceback" not in shown
    assert type(error).__name__ == "UsageError"


def test_a_run_in_a_terminal_is_text_and_leaves_nothing_behind(cells: Cells, folder: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    said, error = cells("study --run -o elsewhere --set deviation=0.05")
    assert error is None, said
    run = cells["study"]
    assert run.complete
    assert run.folder == Path("elsewhere/runs/0001")
    assert "in a cell\nstudy, run 0001: complete, 3 of 3 steps of 1 s" in said
    assert "✓ balance" in said
    assert set(psutil.Process().children(recursive=True)) <= before


def test_a_changed_script_is_kept_and_its_failure_ends_the_cell(cells: Cells, folder: Path) -> None:
    script = tdscen.compile(STUDY, name="study") / "federates" / "feeder.py"
    script.write_text("raise SystemExit('this feeder is not there')\n")
    said, error = cells("study --run")
    assert said.startswith("kept your changed generated/study/federates/feeder.py (force=True replaces it)")
    assert "study, run 0001: " in said
    assert "Traceback" not in said
    assert error is not None


KERNEL = [
    "%load_ext tdscen",
    f"%%tds wrong\n{WRONG}",
    f"%%tds study --run\n{STUDY}",
    "len(study.interfaces), bool(study.checks.holds.all())",
    f"%%tds endless --run\n{STUDY.replace('stop = 3 s', 'stop = 3 h')}",
]


@pytest.mark.slow
def test_in_a_kernel(folder: Path) -> None:
    """Jupyter's messages: HTML beside text, one display for the progress, and the stop button."""
    import nbclient
    import nbformat
    from nbclient.exceptions import CellExecutionError

    cells = [nbformat.v4.new_code_cell(source) for source in KERNEL]
    book = nbformat.v4.new_notebook(cells=cells)
    client = nbclient.NotebookClient(book, timeout=60, resources={"metadata": {"path": str(folder)}})
    with client.setup_kernel():
        for i, cell in enumerate(cells[:4]):
            client.execute_cell(cell, i)
        wrong, study, last = cells[1].outputs, cells[2].outputs, cells[3].outputs
        assert "TDS204" in wrong[0].data["text/html"]
        assert [output.output_type for output in study] == ["display_data", "display_data"]
        assert study[0].data["text/html"] == ""  # the progress, cleared
        assert "<img" in study[1].data["text/html"]
        assert "study, run 0001: complete" in study[1].data["text/plain"]
        assert last[0].data["text/plain"] == "(4, True)"
        kernel = psutil.Process(client.km.provisioner.pid)

        def stop_when_it_runs() -> None:
            until(lambda: list(folder.glob("generated/endless/runs/*/journal/*.f64")), "a recorded row")
            os.killpg(client.km.provisioner.pid, signal.SIGINT)  # as Jupyter does it

        stopping = threading.Thread(target=stop_when_it_runs)
        stopping.start()
        with pytest.raises(CellExecutionError, match="KeyboardInterrupt"):
            client.execute_cell(cells[4], 4)
        stopping.join()
        assert not [child for child in kernel.children(recursive=True) if "federates" in " ".join(child.cmdline())]
    assert tdscen.open_run(folder / "generated/endless").cause is not None
