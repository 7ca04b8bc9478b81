"""`tdscen git-setup`, and what git shows of .tds files after it."""

from __future__ import annotations

from pathlib import Path

import repositories
from repositories import FROM_THE_KNOB, PROGRAM, STUDY, Run, commit, git

repository, tdscen = repositories.repository, repositories.tdscen

HEADER = "diff --tdscen a/scenarios/study.tds b/scenarios/study.tds (models as in the working tree)\n"


def test_git_diff_speaks_of_the_study_after_the_setup_and_of_text_after_undo(repository: Path, tdscen: Run) -> None:
    (repository / ".gitattributes").write_text("*.dss text")
    study = repository / "scenarios" / "study.tds"
    study.write_text(STUDY.replace("deviation = 2.5 %", "deviation = 5 %"))
    assert tdscen("git-setup")[:2] == (
        0,
        f"diff.tds.command is set: {PROGRAM} diff --git-driver --\nadded `*.tds diff=tds` to .gitattributes\n",
    )
    assert "set already" in tdscen("git-setup")[1]
    assert (repository / ".gitattributes").read_text() == "*.dss text\n*.tds diff=tds\n"
    assert git(repository, "diff", "--", "*.tds") == HEADER + FROM_THE_KNOB
    commit(repository, "two")
    assert git(repository, "show", "--ext-diff", "--format=", "--", "*.tds") == HEADER + FROM_THE_KNOB
    assert "-parameter deviation = 2.5 %" in git(repository, "show", "--", "*.tds")

    assert tdscen("git-setup", "--undo")[:2] == (
        0,
        "diff.tds.command is no longer set\n.gitattributes no longer has `*.tds diff=tds`\n",
    )
    assert (repository / ".gitattributes").read_text() == "*.dss text\n"
    assert "+parameter deviation = 5 %" in git(repository, "diff", "HEAD~1", "--", "*.tds")
    assert "is not set" in tdscen("git-setup", "--undo")[1]


def test_git_diff_of_what_is_new_gone_renamed_or_wrong(repository: Path, tdscen: Run) -> None:
    tdscen("git-setup")
    commit(repository, "setup")
    study, second = repository / "scenarios" / "study.tds", repository / "scenarios" / "second.tds"
    second.write_text(STUDY)
    git(repository, "add", "-A")
    said = git(repository, "diff", "--cached").splitlines()
    assert said[0].startswith("diff --tdscen a/scenarios/second.tds b/scenarios/second.tds")
    assert said[1:5] == ["new study", "--- /dev/null", "+++ b/scenarios/second.tds", "@@ -0,0 +1,27 @@"]
    commit(repository, "second")

    git(repository, "rm", "-q", "scenarios/second.tds")
    assert git(repository, "diff", "--cached").splitlines()[1:4] == [
        "deleted study",
        "--- a/scenarios/second.tds",
        "+++ /dev/null",
    ]
    git(repository, "reset", "-q", "--hard")

    git(repository, "rm", "-q", "scenarios/second.tds")
    git(repository, "mv", "scenarios/study.tds", "scenarios/third.tds")
    (repository / "scenarios" / "third.tds").write_text(STUDY + "# more\n")
    renamed = git(repository, "diff", "-M", "HEAD", "--", "scenarios/study.tds", "scenarios/third.tds")
    assert renamed.splitlines()[1:] == ["renamed from scenarios/study.tds to scenarios/third.tds", "same study"]
    git(repository, "reset", "-q", "--hard")

    study.write_text(STUDY.replace("bus[4]", "bus[40]"))
    said = git(repository, "diff").splitlines()
    reason = "the new version has errors: b/scenarios/study.tds:18: TDS204: ieee14 has no bus 40"
    assert said[1] == f"shown as text, because {reason}"
    assert "+  transmission = ieee14.bus[40]" in said


def test_a_driver_of_ones_own_is_kept_by_undo(repository: Path, tdscen: Run) -> None:
    git(repository, "config", "diff.tds.command", "mine")
    assert "diff.tds.command is not ours, and kept" in tdscen("git-setup", "--undo")[1]
    assert "(it was: mine)" in tdscen("git-setup")[1]
