"""Finding ANDES cases, and what can be recorded of them, without ANDES."""

import subprocess
import sys
from dataclasses import replace
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from tdscen.cache import cache_folder
from tdscen.facts import Bus, Generator, StaticLoad, TransmissionFacts
from tdscen.simulators import ModelNotFound, registry, simulator, simulators
from tdscen.simulators.andes import converted, loading, pycode
from tdscen.simulators.andes.files import cases_folder, locate
from tdscen.simulators.errors import SimulationError

FACTS = TransmissionFacts(
    base_mva=100.0,
    frequency_hz=60.0,
    dynamic=True,
    buses=(Bus(1, "one", 69.0, 1.0, 0.0), Bus(4, "four", 69.0, 1.0, 0.0)),
    loads=(StaticLoad("PQ_3", 4, 47.8, 10.0, True), StaticLoad("PQ_4", 1, 1.0, 1.0, False)),
    generators=(Generator("GENROU_1", "g", 1, "GENROU", 100.0, 40.0), Generator(2, "pv", 4, "PV", 100.0, 1.0)),
    lines=(),
    events=(),
)


def test_registry() -> None:
    assert [s.name for s in simulators("transmission")] == ["andes"]
    assert [s.name for s in simulators("distribution")] == ["opendss"]
    with pytest.raises(KeyError):
        simulator("pandapower")


def test_third_parties_register_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    value = replace(simulator("andes"), name="other", title="Other")
    monkeypatch.setattr(EntryPoint, "load", lambda self: value)
    entries = EntryPoints([EntryPoint("other", "other.spec:OTHER", registry.GROUP)])
    monkeypatch.setattr("importlib.metadata.entry_points", entries.select)
    registry._known.cache_clear()
    try:
        assert [s.name for s in simulators("transmission")] == ["andes", "other"]
        assert simulator("other").title == "Other"
        value = "something else"  # type: ignore[assignment]
        registry._known.cache_clear()
        with pytest.raises(TypeError, match=r"other \(other\.spec:OTHER\) of tdscen\.simulators is not a Simulator"):
            simulator("other")
    finally:
        registry._known.cache_clear()


def test_the_registry_and_the_probes_import_no_simulator(tmp_path: Path) -> None:
    code = (
        "import sys; import tdscen.simulators, tdscen.probing; from pathlib import Path; "
        "tdscen.simulators.simulator('andes').locate('ieee14/ieee14_full.xlsx', Path('.')).sha256(); "
        "print([m for m in ('andes', 'dss', 'opendssdirect', 'numpy', 'pandas', 'helics') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_file_beside_the_scenario_wins(tmp_path: Path) -> None:
    builtin = locate("ieee14/ieee14_full.xlsx", tmp_path)
    assert (builtin.origin, builtin.main, builtin.files) == ("builtin", "ieee14/ieee14_full.xlsx", (builtin.main,))
    assert builtin.root == cases_folder()
    (tmp_path / "ieee14").mkdir()
    (tmp_path / "ieee14" / "ieee14_full.xlsx").write_bytes(b"mine")
    mine = locate("ieee14/ieee14_full.xlsx", tmp_path)
    assert (mine.origin, mine.main, mine.root) == ("bundled", "ieee14_full.xlsx", tmp_path / "ieee14")
    assert mine.sha256() != builtin.sha256()


def test_additional_files() -> None:
    source = locate("npcc/npcc.raw", Path("/nonexistent"), ("npcc/npcc_full.dyr",))
    assert source.extra == ("npcc/npcc_full.dyr",)
    assert source.files == ("npcc/npcc.raw", "npcc/npcc_full.dyr")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("ieee14/ieee14_ful.xlsx", "did you mean ieee14/ieee14_full.xlsx?"),
        ("ieee14_full.xlsx", "did you mean ieee14/ieee14_full.xlsx?"),
        ("kundur_full.xlsx", "did you mean kundur/kundur_full.xlsx?"),
        ("mycase.xlsx", "did you mean mycases.xlsx?"),
        ("../cases/ieee14/ieee14_full.xlsx", "there is no case"),
    ],
)
def test_a_missing_case_names_its_neighbours(tmp_path: Path, text: str, hint: str) -> None:
    (tmp_path / "mycases.xlsx").touch()
    with pytest.raises(ModelNotFound) as caught:
        locate(text, tmp_path)
    assert hint in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_references_become_observations_in_the_order_of_the_case() -> None:
    expand = simulator("andes").expand
    assert [o.column for o in expand("bus", None, "v", FACTS)] == ["bus[1]/v_pu", "bus[4]/v_pu"]
    (one,) = expand("bus", "4", "a", FACTS)
    assert (one.key, one.column) == (4, "bus[4]/angle_rad")
    assert [o.column for o in expand("generator", None, "omega", FACTS)] == ["generator[GENROU_1]/omega_pu"]
    assert [o.column for o in expand("load", None, "p", FACTS)] == ["load[PQ_3]/p_mw"]
    with pytest.raises(KeyError, match="7"):
        expand("bus", 7, "v", FACTS)
    with pytest.raises(ValueError, match="generator 2 has no dynamic model, so there is no omega of it"):
        expand("generator", 2, "omega", FACTS)


def test_default_observations_of_a_case() -> None:
    columns = [o.column for o in simulator("andes").default_observe(FACTS)]
    assert columns[:4] == ["bus[1]/v_pu", "bus[4]/v_pu", "bus[1]/angle_rad", "bus[4]/angle_rad"]
    machines = [f"generator[GENROU_1]/{c}" for c in ("omega_pu", "delta_rad", "p_mw", "q_mvar")]
    assert columns[4:] == [*machines, "coi/omega_pu"]
    still = replace(FACTS, dynamic=False)
    assert "coi/omega_pu" not in [o.column for o in simulator("andes").default_observe(still)]
    with pytest.raises(ValueError, match="a power flow has no centre of inertia"):
        simulator("andes").expand("coi", None, "omega", still)
    with pytest.raises(KeyError):
        simulator("andes").expand("coi", 1, "omega", FACTS)


def test_every_observable_can_be_expanded() -> None:
    for known in (simulator("andes"),):
        for observable in known.observables:
            assert known.expand(observable.device, None, observable.quantity, FACTS)


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TDSCEN_CACHE", str(tmp_path / "file"))
    assert not pycode.ready()
    with pytest.raises(OSError, match=r"cannot be written .*: set TDSCEN_CACHE to one that can"):
        cache_folder("x")
    with pytest.raises(SimulationError, match="ANDES's generated code has no place: the cache folder"):
        pycode.prepare()


@pytest.mark.slow
def test_two_processes_generate_code_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TDSCEN_CACHE", str(tmp_path))
    code = (
        "from tdscen.simulators.andes import pycode; calls = []; make = pycode._generate; "
        "pycode._generate = lambda home: (calls.append(1), make(home)); pycode.prepare(); print(len(calls))"
    )
    command = [sys.executable, "-c", code]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sorted(process.communicate()[0].strip() for process in running) == ["0", "1"]
    assert pycode.ready()
    assert sorted(path.name for path in next(tmp_path.iterdir()).iterdir()) == ["lock", "pycode"]


@pytest.mark.parametrize("case", ["ieee14/ieee14_full.xlsx", "kundur/kundur_full.xlsx"])
def test_the_json_form_of_a_case_is_the_case(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = locate(case, Path("/nonexistent"))
    code = pycode.prepare()
    monkeypatch.setattr(pycode, "prepare", lambda: code)
    monkeypatch.setenv("TDSCEN_CACHE", str(tmp_path))
    assert converted.known(source) is None
    read = loading.load(source)
    form = converted.known(source)
    assert form is not None
    again = loading.load(source)
    assert Path(again.files.case) == form
    assert list(again.models) == list(read.models)
    for name, model in read.models.items():
        for parameter, values in model.params.items():
            assert repr(list(again.models[name].params[parameter].v)) == repr(list(values.v)), (name, parameter)
