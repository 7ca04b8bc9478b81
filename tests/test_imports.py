"""Which part may import which, read off the import statements of every file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tdscen"

RUN_SIDE = ("runtime", "simulators", "results")
CONTRACTS = ("facts", "plan", "profiles", "codec", "event_words")
EVERYTHING = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
WORDS = ("times", "units", "suggest", "cache", "installed", "files", "scratch")
COMPILER = tuple(sorted(EVERYTHING - {"__init__", "__main__", *RUN_SIDE, *CONTRACTS, *WORDS}))
"""Everything else: syntax, language, lower, emit, compiler, cli, ..."""
SIMULATORS = ("andes", "helics", "dss", "opendssdirect")
HEAVY = ("pandas", "matplotlib", "pyarrow")


def files(*parts: str) -> list[Path]:
    found = [path for part in parts for path in (PACKAGE / part).rglob("*.py")]
    return found + [PACKAGE / f"{part}.py" for part in parts if (PACKAGE / f"{part}.py").exists()]


def imports(path: Path) -> set[str]:
    """Modules that a file imports anywhere, also inside functions; of ours with the names taken from them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def uses(path: Path, *modules: str) -> list[str]:
    return sorted(name for name in imports(path) if any(name == m or name.startswith(f"{m}.") for m in modules))


def ours(*parts: str) -> tuple[str, ...]:
    return tuple(f"tdscen.{part}" for part in parts)


@pytest.mark.parametrize("path", files(*COMPILER), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_the_compiler_half_imports_no_simulator(path: Path) -> None:
    assert not uses(path, *SIMULATORS)


@pytest.mark.parametrize("path", files(*RUN_SIDE), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_the_running_half_never_imports_the_compiler(path: Path) -> None:
    assert not uses(path, *ours(*COMPILER))


@pytest.mark.parametrize("path", files("runtime"), ids=lambda p: p.name)
def test_the_runtime_imports_contracts_and_helics_only(path: Path) -> None:
    assert not uses(path, *HEAVY, "andes", "dss", "opendssdirect")
    allowed = ("runtime", *CONTRACTS, "times", "cache")
    strangers = set(uses(path, "tdscen")) - set(uses(path, *ours(*allowed)))
    # The broker asks the results to finish the run; nothing else looks out of the runtime.
    assert strangers <= ({"tdscen.codec", "tdscen.results.finish"} if path.name == "service.py" else {"tdscen.codec"})


@pytest.mark.parametrize("path", files(*CONTRACTS, *WORDS), ids=lambda p: p.name)
def test_the_contracts_import_nothing_of_the_rest(path: Path) -> None:
    assert not set(uses(path, "tdscen")) - set(uses(path, *ours(*CONTRACTS, *WORDS)))


@pytest.mark.parametrize("path", files("editor"), ids=lambda p: p.name)
def test_one_file_of_the_editor_knows_the_protocol(path: Path) -> None:
    assert not uses(path, *ours("emit", "runtime", "results", "cli"))
    assert bool(uses(path, "pygls", "lsprotocol")) == (path.name == "server.py")


@pytest.mark.parametrize("path", files("results"), ids=lambda p: p.name)
def test_results_know_of_the_runtime_only_its_layout_statuses_and_topics(path: Path) -> None:
    assert not uses(path, *SIMULATORS)
    known = ours("runtime.folder", "runtime.status", "runtime.keys")
    assert not set(uses(path, "tdscen.runtime")) - set(uses(path, *known))


def test_the_surface_for_python_is_used_by_nothing_below_it() -> None:
    surface = ("api", "notebook")
    below = files(*sorted(EVERYTHING - {"__init__", *surface}))
    assert {path.name: found for path in below if (found := uses(path, *ours(*surface)))} == {}


def test_no_module_takes_the_place_of_a_function() -> None:
    """`tdscen.run` is a function as long as nothing is called `tdscen/run.py` or `tdscen/run/`."""
    import tdscen

    assert not EVERYTHING & set(tdscen.__all__)
