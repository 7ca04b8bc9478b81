"""Real co-simulations for the tests: a scenario's text in, a finished run out, by the unmodified `helics run`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tdscen.compiler import compile_file
from tdscen.diagnostics import render_text
from tdscen.emit import write
from tdscen.results import open_run
from tdscen.results.run import Run

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = ROOT / "scenarios" / "ieee14_ieee34.tds"
SCRIPTS = Path(sys.executable).parent


def scenario(**changes: str) -> str:
    """The shipped scenario with some attributes changed or added: `scenario(load="constant(1)")`."""
    text = SCENARIO.read_text(encoding="utf-8")
    homes = {"controls": "opendss\n", "coupling": "stop = 15 s\n"}
    for name, value in changes.items():
        pattern = re.compile(rf"^(  {name}\s*=\s*)\S.*$", re.MULTILINE)
        if pattern.search(text):
            text = pattern.sub(lambda found, value=value: found[1] + value, text)
        else:
            text = text.replace(homes[name], f"{homes[name]}  {name} = {value}\n")
    return text


def compiled(folder: Path, text: str) -> Path:
    """Compile a scenario that stands beside the shipped ones' feeders; returns the generated folder."""
    folder.mkdir(parents=True, exist_ok=True)
    feeders = folder / "feeders"
    if not feeders.exists():
        feeders.symlink_to(ROOT / "scenarios" / "feeders")
    path = folder / "study.tds"
    path.write_text(text, encoding="utf-8")
    done = compile_file(path)
    assert done.checked.plan is not None, "\n".join(
        render_text(d, done.checked.sources) for d in done.checked.diagnostics
    )
    write(done.artifacts, folder / "generated")
    return folder / "generated"


def environment() -> dict[str, str]:
    """The environment of a user who has activated the virtual environment."""
    return {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}"}


def start(generated: Path) -> subprocess.Popen[str]:
    """Start `helics run`."""
    return subprocess.Popen(
        [SCRIPTS / "helics", "run", f"--path={generated / 'runner.json'}"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def cosimulate(folder: Path, text: str, timeout_s: float = 120) -> Run:
    """Compile and run a scenario; the run must end well."""
    generated = compiled(folder, text)
    runner = start(generated)
    said, _ = runner.communicate(timeout=timeout_s)
    assert runner.returncode == 0, said
    return open_run(generated)
