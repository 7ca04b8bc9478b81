"""A compilation that is cut short at any moment leaves the old folder, the new one, or one that does not run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tdscen.emit import Artifact, WriteError, write
from tdscen.emit.writing import MANIFEST

OLD = {"runner.json": b"old", "a.txt": b"old", "federates/b.py": b"old", "models/gone/c.dss": b"old"}
NEW = {"runner.json": b"new", "a.txt": b"new", "federates/b.py": b"new", "models/d.dss": b"new"}
SAME_GATE = NEW | {"runner.json": b"old"}

KILLED = """
import os, pathlib, sys
sys.path.insert(0, sys.argv[1])
from test_exchange import artifacts, NEW, SAME_GATE
from tdscen.emit import write
left = int(sys.argv[3])
def counted(name):
    own = getattr(pathlib.Path, name)
    def call(*arguments, **named):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return own(*arguments, **named)
    setattr(pathlib.Path, name, call)
for name in ("replace", "rename", "unlink", "rmdir", "mkdir", "write_bytes", "write_text"):
    counted(name)
write(artifacts({"new": NEW, "same": SAME_GATE}[sys.argv[4]]), pathlib.Path(sys.argv[2]))
"""


def artifacts(files: dict[str, bytes]) -> tuple[Artifact, ...]:
    from tdscen.emit.artifacts import _json, manifest

    made = [Artifact(path, content) for path, content in sorted(files.items())]
    return (*made, Artifact(MANIFEST, _json(manifest(made)).encode()))


def content(folder: Path) -> dict[str, bytes]:
    """All files but the manifest and what belongs to the user."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found.pop("runs/1/kept.txt") == b"a result"
    found.pop(MANIFEST, None)
    return found


@pytest.mark.parametrize(("name", "target"), [("new", NEW), ("same", SAME_GATE)])
def test_a_compilation_killed_at_every_step(name: str, target: dict[str, bytes], tmp_path: Path) -> None:
    seen = set()
    for step in range(100):
        folder = tmp_path / f"at {step}" / "out"
        write(artifacts(OLD), folder)
        (folder / "runs" / "1").mkdir(parents=True)
        (folder / "runs" / "1" / "kept.txt").write_bytes(b"a result")
        here = str(Path(__file__).parent)
        done = subprocess.run([sys.executable, "-c", KILLED, here, str(folder), str(step), name], check=False)
        left = content(folder)
        state = "old" if left == OLD else "new" if left == target else "closed"
        assert state != "closed" or "runner.json" not in left
        seen.add(state)
        write(artifacts(target), folder)
        assert content(folder) == target
        assert not list(folder.parent.glob(".out.new"))
        if done.returncode == 0:
            break
        assert done.returncode == 9
    assert seen == {"old", "new", "closed"}


def test_a_first_compilation_killed_at_every_step(tmp_path: Path) -> None:
    for step in range(100):
        folder = tmp_path / f"at {step}" / "out"
        folder.parent.mkdir()
        here = str(Path(__file__).parent)
        done = subprocess.run([sys.executable, "-c", KILLED, here, str(folder), str(step), "new"], check=False)
        assert not (folder / "runner.json").exists() or (folder / MANIFEST).exists()
        write(artifacts(NEW), folder)
        assert {path.name for path in folder.rglob("*.*")} == {"runner.json", "a.txt", "b.py", "d.dss", MANIFEST}
        if done.returncode == 0:
            return
    raise AssertionError("it never came to its end")


def test_a_disk_that_is_full_leaves_the_old_folder(tmp_path: Path) -> None:
    """Too large a file stands for it: the same errors at the same place."""
    folder = tmp_path / "out"
    write(artifacts(OLD), folder)
    program = (
        "import sys, resource, signal, pathlib; sys.path.insert(0, sys.argv[1])\n"
        "from test_exchange import artifacts, NEW\nfrom tdscen.emit import write, WriteError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write(artifacts({**NEW, 'z.bin': b'x' * 5000}), pathlib.Path(sys.argv[2]))\n"
        "except WriteError as error: print(error)"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parent), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("cannot be written: File too large")
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    found.pop(MANIFEST)
    assert found == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_leads_elsewhere_is_not_written(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    write(artifacts({"runner.json": b"old"}), folder)
    elsewhere.mkdir()
    (folder / "federates").symlink_to(elsewhere)
    with pytest.raises(WriteError, match="leads out of the folder"):
        write(artifacts(NEW), folder)
    assert list(elsewhere.iterdir()) == []
