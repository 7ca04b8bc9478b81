"""`tdscen diff` of files and of git revisions."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import pytest
import repositories
from repositories import FEEDERS, FROM_THE_KNOB, KNOB, PROGRAM, ROOT, SHIPPED, STUDY, Run, commit, git

from tdscen.compiler import check_file
from tdscen.revisions import at_revision

repository, tdscen = repositories.repository, repositories.tdscen


def test_a_parameter_changed_between_two_commits_is_named_with_what_follows_from_it_alone(
    repository: Path, tdscen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = repository / "scenarios" / "study.tds"
    study.write_text(STUDY.replace("deviation = 2.5 %", "deviation = 5 %"))
    assert tdscen("diff", "HEAD", study) == (1, FROM_THE_KNOB, "")
    commit(repository, "two")
    monkeypatch.chdir(repository / "scenarios" / "feeders")
    before = git(repository, "status", "--porcelain", "--ignored"), (repository / ".git" / "index").read_bytes()
    assert tdscen("diff", "HEAD~1", "main", "../study.tds") == (1, FROM_THE_KNOB, "")
    assert tdscen("diff", "main", "HEAD", "../study.tds") == (0, "same study\n", "")
    after = git(repository, "status", "--porcelain", "--ignored"), (repository / ".git" / "index").read_bytes()
    assert after == before


def test_layout_comments_and_spelling_are_the_same_study(repository: Path, tdscen: Run) -> None:
    lines = [f"\t{line}   # {i}" for i, line in enumerate(STUDY.replace("2.5 %", "0.025").splitlines())]
    text = "\r\n\r\n".join(lines).replace("stop = 15 s", "stop=0.25min").replace("sim", "\n# all\nsim", 1)
    (repository / "other.tds").write_text(text.replace("feeders/", "scenarios/feeders/"), newline="")
    assert tdscen("diff", "scenarios/study.tds", "other.tds") == (0, "same study\n", "")


def test_another_feeder_file_is_named_as_the_cause_of_another_scale(repository: Path, tdscen: Run) -> None:
    model = repository / "scenarios" / "feeders" / "ieee34" / "ieee34.dss"
    text = model.read_text()
    assert text.count("kW=405 ") == 1
    model.write_text(text.replace("kW=405 ", "kW=205 "))
    status, said, _ = tdscen("diff", "HEAD", "scenarios/study.tds")
    first, second = said.splitlines()
    assert status == 1
    assert first.startswith("distribution ieee34: content of the model changed, sha256 ")
    assert second.startswith("scale of bus4: 23.3015 -> ")
    assert second.endswith(" (follows from the model of ieee34)")
    plan = check_file(repository / "scenarios" / "study.tds").plan
    assert plan is not None
    factor = float(second.split()[5])
    assert factor == pytest.approx(plan.interface("bus4").scale.p_factor, rel=1e-5)
    # The feeder took 2051 kW: 200 kW less and lower losses, so more than 2051/1851 times as many feeders make 47.8 MW.
    assert 23.3015 * 2051 / 1851 < factor < 23.3015 * 2051 / (1851 - 100)


def test_json_gives_each_change_with_its_place_and_values(repository: Path, tdscen: Run) -> None:
    text = STUDY.replace("deviation = 2.5 %", "deviation = 5 %").replace("stop = 15 s", "stop = 30 s")
    (repository / "scenarios" / "study.tds").write_text(text)
    status, said, _ = tdscen("diff", "--format", "json", "HEAD", "scenarios/study.tds")
    assert status == 1
    knob, profile, stop = json.loads(said)
    assert knob["path"] == "parameters[deviation]"
    assert (knob["kind"], knob["old"], knob["new"]) == ("changed", "2.5 %", "5 %")
    assert (profile["path"], profile["old"], profile["new"]) == ("profiles[wobble].std", 0.025, 0.05)
    assert profile["follows_from"] == ["parameter deviation"]
    assert (stop["path"], stop["old"], stop["new"], stop["follows_from"]) == ("simulation.stop_s", 15.0, 30.0, [])
    assert stop["text"] == "simulation: stop 15 s -> 30 s"
    assert tdscen("diff", "--format", "json", "HEAD", "HEAD", "scenarios/study.tds")[:2] == (0, "[]\n")


def test_a_study_with_errors_is_trouble_and_its_errors_are_shown(repository: Path, tdscen: Run) -> None:
    (repository / "scenarios" / "study.tds").write_text(STUDY.replace("bus[4]", "bus[40]"))
    commit(repository, "wrong")
    (repository / "scenarios" / "study.tds").write_text(STUDY)
    status, said, problems = tdscen("diff", "HEAD", "scenarios/study.tds")
    assert (status, said) == (2, "")
    assert "error[TDS204]: ieee14 has no bus 40" in problems
    assert "HEAD:scenarios/study.tds:18:18" in problems
    assert "HEAD:scenarios/study.tds: 1 error" in problems


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scenarios/study.tds"], "two studies are wanted"),
        (["nowhere", "scenarios/study.tds"], "nowhere is neither a file nor a revision"),
        (["HEAD", "scenarios/none.tds"], "none.tds is neither a file nor REV:PATH"),
        (["HEAD", "HEAD", "scenarios/none.tds"], "scenarios/none.tds is not in HEAD"),
        (["main", "scenarios/study.tds"], "main is both a file and a revision"),
        (["--output=x", "HEAD", "scenarios/study.tds"], "No such option"),
    ],
)
def test_a_wrong_call_is_one_sentence(repository: Path, tdscen: Run, arguments: list[str], says: str) -> None:
    (repository / "main").write_text(STUDY)
    if arguments[0].startswith("--"):
        done = subprocess.run([PROGRAM, "diff", *arguments], capture_output=True, text=True, check=False)
        assert (done.returncode, says in done.stderr) == (2, True)
        return
    status, said, problem = tdscen("diff", *arguments)
    assert (status, said, problem.count("\n")) == (2, "", 1)
    assert says in problem


def test_outside_of_a_repository_revisions_are_refused(
    tmp_path: Path, tdscen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "a.tds").write_text(STUDY)
    status, _, problem = tdscen("diff", "HEAD", tmp_path / "a.tds")
    assert status == 2
    assert "HEAD is no file, and" in problem
    assert "does not lie in a git repository" in problem


def test_a_study_that_had_another_name_is_found_by_revision_and_path(repository: Path, tdscen: Run) -> None:
    git(repository, "mv", "scenarios/study.tds", "scenarios/main_study.tds")
    commit(repository, "renamed")
    status, _, problem = tdscen("diff", "HEAD~1", "scenarios/main_study.tds")
    assert status == 2
    mend = "HEAD~1:scenarios/study.tds scenarios/main_study.tds"
    assert f"there it was scenarios/study.tds: `tdscen diff {mend}`" in problem
    assert tdscen("diff", *mend.split()) == (0, "same study\n", "")


def test_what_a_revision_needs_is_found_wherever_it_lies_and_nothing_else(repository: Path) -> None:
    """Redirections (also with backslashes), a link in the path, an include and its table; git's line ends."""
    (repository / "shared" / "deep").mkdir(parents=True)
    (repository / "shared" / "link").symlink_to("deep")
    (repository / "shared" / "deep" / "main.dss").write_text("redirect ..\\rest.dss\nredirect 'with blank.dss'\n")
    (repository / "shared" / "deep" / "with blank.dss").write_text("! nothing\n")
    (repository / "shared" / "rest.dss").write_text("New Loadshape.a mult=(file=shape.txt)\n")
    (repository / "shared" / "shape.txt").write_text("1\n2\n")
    (repository / "common.tds").write_text('profile wobble = csv("load.csv")\n')
    (repository / "load.csv").write_text("time_s,load\n0,1\n")
    (repository / "scenarios" / "study.tds").write_text('include "../common.tds"\nmodel = "../shared/link/main.dss"\n')
    (repository / "unrelated.txt").write_text("1\n")
    (repository / ".gitattributes").write_text("*.txt eol=crlf\n")
    commit(repository, "spread out")
    shutil.rmtree(repository / "shared")
    (repository / "load.csv").write_text("time_s,load\n0,2\n")
    with at_revision("HEAD", Path("scenarios/study.tds")) as version:
        top = version.path.parents[1]
        assert version.path.read_text().startswith("include")
        assert (top / "shared" / "link" / "main.dss").read_text().startswith("redirect")
        assert (top / "shared" / "shape.txt").read_bytes() == b"1\r\n2\r\n"
        assert (top / "load.csv").read_text().endswith("0,1\n")
        files = {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()}
        shared = {"deep/main.dss", "deep/with blank.dss", "rest.dss", "shape.txt"}
        expected = {"scenarios/study.tds", "common.tds", "load.csv", *(f"shared/{name}" for name in shared)}
        assert files - {"shared/link/main.dss"} == expected
        assert version.outside == ()
    assert not top.exists()


def test_models_above_the_scenario_are_of_the_revision_and_those_outside_are_named(
    repository: Path, tdscen: Run
) -> None:
    git(repository, "mv", "scenarios/feeders", "feeders")
    (repository / "load.csv").write_text("time_s,load\n0,1\n20,1.1\n")
    (repository / "common.tds").write_text('profile wobble = csv("load.csv")\n')
    text = SHIPPED.replace('"feeders/', '"../feeders/').replace("profile wobble", 'include "../common.tds"#')
    (repository / "scenarios" / "study.tds").write_text(text)
    commit(repository, "spread out")
    (repository / "load.csv").write_text("time_s,load\n0,1\n20,1.2\n")
    assert tdscen("diff", "HEAD", "scenarios/study.tds") == (1, "profile wobble: values changed in its file\n", "")

    outside = repository.parent / "models"
    shutil.copytree(FEEDERS / "ieee34", outside)
    (repository / "scenarios" / "study.tds").write_text(STUDY.replace("feeders/ieee34/", "../../models/"))
    commit(repository, "outside")
    note = f"note: outside of the revision, taken as it is now: {outside / 'ieee34.dss'}\n"
    assert tdscen("diff", "HEAD", "scenarios/study.tds") == (0, "same study\n", note)
    (repository / "scenarios" / "study.tds").write_text(STUDY.replace("feeders/ieee34/", f"{outside}/"))
    commit(repository, "by its absolute path")
    assert tdscen("diff", "HEAD", "scenarios/study.tds") == (0, "same study\n", note)


def test_without_a_simulator_the_scenarios_are_compared_as_written(
    repository: Path, tdscen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "dss" else find(name, *a))
    text = STUDY.replace("deviation = 2.5 %", "deviation = 5 %").replace("stop = 15 s", "stop = 30 s")
    (repository / "scenarios" / "study.tds").write_text(text.replace("match_load", "24.26"))
    status, said, note = tdscen("diff", "HEAD", "scenarios/study.tds")
    assert said.splitlines() == [
        "parameter deviation: 2.5 % -> 5 %",
        "interface bus4: scale match_load(q = proportional) -> 24.26",
        "interface bus4: load std 2.5 % -> 5 %",
        "simulation: stop 15 s -> 30 s",
    ]
    assert status == 1
    assert "OpenDSS is not installed" in note
    assert "figures that come from the models were not compared" in note


def test_the_shipped_study_is_what_these_tests_take_it_for() -> None:
    plan = check_file(ROOT / "scenarios" / "ieee14_ieee34.tds").plan
    assert plan is not None
    assert f"{plan.interface('bus4').scale.p_factor:.6g}" == "23.3015"
    assert KNOB in STUDY
