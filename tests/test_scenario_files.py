"""The scenario as it was written travels with the generated folder: no path of the machine, nothing left out."""

from __future__ import annotations

from pathlib import Path

from tdscen.compiler import compile_file
from tdscen.runtime.folder import SCENARIO, keep_scenario
from tdscen.scenario_files import scenario_files
from tdscen.source import Source

SHIPPED = Path(__file__).resolve().parents[1] / "scenarios" / "ieee14_ieee34.tds"


def texts(names: dict[str, str]) -> dict[str, str]:
    sources = [Source.from_text(name, text, i) for i, (name, text) in enumerate(names.items())]
    return {path: content.decode() for path, content in scenario_files(sources).items()}


def test_the_generated_folder_holds_the_text_that_was_compiled() -> None:
    made = {artifact.path: artifact.content for artifact in compile_file(SHIPPED).artifacts}
    assert made["scenario/ieee14_ieee34.tds"].decode() == SHIPPED.read_text("utf-8")
    assert str(SHIPPED.parent) not in "".join(made)


def test_includes_keep_their_places_and_what_lies_outside_gets_one() -> None:
    for home in ("", "studies/", "/home/somebody/studies/"):
        found = texts(
            {
                f"{home}main.tds": "main",
                f"{home}common/feeder.tds": "feeder",
                f"{home}common/../table.csv": "table",
                f"{home}../shared/a.tds": "one",
                f"{home}../other/a.tds": "two",
            }
        )
        assert found == {
            "scenario/main.tds": "main\n",
            "scenario/common/feeder.tds": "feeder\n",
            "scenario/table.csv": "table\n",
            "scenario/outside1/a.tds": "one\n",
            "scenario/outside2/a.tds": "two\n",
        }


def test_values_of_the_command_line_are_kept_as_given() -> None:
    sources = [
        Source.from_text("a.tds", "parameter k = 1"),
        Source.from_text("--set", "k=2", 1),
        Source.from_text("--set", "every=0.5 s", 2),
    ]
    assert scenario_files(sources)["scenario/command-line.txt"].decode() == "--set k=2\n--set every=0.5 s\n"


def test_names_that_a_file_system_may_not_take_are_made_plain() -> None:
    assert list(texts({"od:d\\na*me.tds": ""})) == ["scenario/od_d_na_me.tds"]


def test_a_run_keeps_the_text_of_its_own_compilation(tmp_path: Path) -> None:
    generated, run = tmp_path / "study", tmp_path / "study" / "runs" / "0001"
    run.mkdir(parents=True)
    keep_scenario(generated, run)  # a folder of an older tdscen: nothing to keep
    assert not (run / SCENARIO).exists()
    (generated / SCENARIO / "common").mkdir(parents=True)
    (generated / SCENARIO / "common" / "a.tds").write_text("first")
    keep_scenario(generated, run)
    (generated / SCENARIO / "common" / "a.tds").write_text("second")
    keep_scenario(generated, run)  # a run that is resumed
    assert (run / SCENARIO / "common" / "a.tds").read_text() == "first"
