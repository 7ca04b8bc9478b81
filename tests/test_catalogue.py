"""Every code of the catalogue has two examples: one that is reported with it, and one that is mended and sound.

Both go through the whole compiler, with models: those of the samples (`models/`), our feeder, and cases of ANDES.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from pages import REST, ROOT, completed

from tdscen import catalogue
from tdscen.compiler import compile_file
from tdscen.diagnostics import render_text

WRITTEN_OUT = {
    "# ... and a hundred more": " + 1" * 100,
    "# ... and twenty more lines with a colon": "\n  step: 1 s" * 20,
}
"""What a remark of an example leaves to the reader."""

ALSO = {
    "TDS103": {"TDS101"},  # the next item is read as part of what was not closed
    "TDS105": {"TDS104"},  # each of the twenty
    "TDS106": {"TDS201"},  # what the file would have defined
    "TDS108": {"TDS201", "TDS205"},
    "TDS302": {"TDS303"},  # `step` is missing where `stepp` stands
    "TDS407": {"TDS408"},  # at 0.18 pu the loads draw little
    "TDS415": {"TDS410"},  # the model itself is remarked on
}
"""What follows from the mistake of an example besides its own code."""

CODES = [entry.code for entry in catalogue.entries()]
FOLDERS = {
    "models": ROOT / "tests" / "corpus" / "invalid" / "models",
    "feeders": ROOT / "scenarios" / "feeders",
    "shared": ROOT / "scenarios" / "shared",
}


def examples(code: str) -> dict[str, str]:
    """The examples of an entry, `Wrong` and `Right`, written out."""
    entry = catalogue.find(code)
    assert entry is not None
    shown = dict(re.findall(r"^(Wrong|Right):\n\n```tds\n(.*?)\n```", entry.text, re.DOTALL | re.MULTILINE))
    for remark, rest in WRITTEN_OUT.items():
        shown = {title: text.replace(remark, rest) for title, text in shown.items()}
    return shown


def study(part: str) -> str:
    """The example with what a study must have besides, unless it says its own title."""
    if re.search("^scenario", part, re.MULTILINE):
        return part
    systems = {word: re.search(rf"^{word} (\w+)", part, re.MULTILINE) for word in ("transmission", "distribution")}
    named = {word: found[1] if found else REST[word].split()[1] for word, found in systems.items()}
    interface = REST["interface"].replace("ieee14", named["transmission"]).replace("ieee34", named["distribution"])
    rest = REST | {"interface": interface}
    if "include" in part:
        rest = {word: text for word, text in rest.items() if word not in systems}
    return completed(part, rest)


def reported(part: str, folder: Path, code: str) -> dict[str, str]:
    """What is reported of an example, by code; that something is unused counts only where that is the subject."""
    path = folder / "study.tds"
    path.write_text(study(part), encoding="utf-8")
    settings = [f"{name}={value}" for name, value in re.findall(r"--set (\w+)='([^']+)'", part)]
    checked = compile_file(path, settings).checked
    found = {d.code: render_text(d, checked.sources) for d in checked.diagnostics}
    return {each: text for each, text in found.items() if each != "TDS209" or code == "TDS209"}


def test_every_code_has_examples() -> None:
    assert {code for code in CODES if set(examples(code)) != {"Wrong", "Right"}} == set()


@pytest.mark.parametrize("code", CODES)
def test_one_example_is_wrong_and_one_is_right(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, folder in FOLDERS.items():
        (tmp_path / name).symlink_to(folder)
    shown = examples(code)
    assert reported(shown["Right"], tmp_path, code) == {}
    if "OpenDSS is not installed" in shown["Wrong"]:
        find = importlib.util.find_spec
        monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "dss" else find(name, *a))
    assert set(reported(shown["Wrong"], tmp_path, code)) - ALSO.get(code, set()) == {code}
