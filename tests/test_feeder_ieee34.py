"""The shipped IEEE 34-node feeder against the published solution of the IEEE PES test feeder document.

A few published figures stand in this file and are always tested. The whole published tables (95 node
voltages, every branch current) are read from ``../shared/data/ieee34``, or from
``$TDSCEN_SHARED/data/ieee34``, where that folder exists.
"""

import cmath
import csv
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from dss import DSS, IDSS

FEEDER = Path(__file__).resolve().parents[1] / "scenarios" / "feeders" / "ieee34" / "ieee34.dss"
PHASES = {"a": 1, "b": 2, "c": 3}

PUBLISHED_INPUT_KW, PUBLISHED_INPUT_KVAR, PUBLISHED_LOSSES_KW = 2042.872, 290.258, 273.049
PUBLISHED_TAPS = {"reg814a": 12, "reg814b": 5, "reg814c": 5, "reg852a": 13, "reg852b": 11, "reg852c": 12}
PUBLISHED_V_PU = {
    "800.a": 1.0500, "806.a": 1.0457, "812.a": 0.9763, "814.b": 0.9945, "RG10.a": 1.0177, "822.a": 0.9895,
    "830.c": 0.9938, "856.b": 0.9977, "852.a": 0.9581, "RG11.b": 1.0345, "848.c": 1.0314, "838.b": 1.0285,
    "XF10.a": 0.9997, "890.a": 0.9167, "890.b": 0.9235, "890.c": 0.9177,
}  # fmt: skip
PUBLISHED_ANGLE_DEG = {"800.a": 0.0, "890.a": -5.19, "890.b": -126.78, "890.c": 113.98}
NEUTRAL_TAPS = dict.fromkeys(PUBLISHED_TAPS, 0)

# Published node names that the feeder file writes differently (its header says so).
BUS_OF_NODE = {"RG10": "814r", "RG11": "852r", "XF10": "888"}
LOAD_MODEL = {"PQ": 1, "Z": 2, "I": 5}


# ---- helpers -----------------------------------------------------------------------------------------------


def load_feeder(base_frequency_before: int = 60) -> IDSS:
    """The shipped file in an engine context of its own, not yet solved."""
    dss = DSS.NewContext()
    dss.AllowForms = False
    dss.AllowEditor = False
    dss.AllowChangeDir = False
    dss.Text.Command = f"set DefaultBaseFrequency={base_frequency_before}"
    dss.Text.Command = f'redirect "{FEEDER}"'
    dss.Text.Command = "set mode=snapshot tolerance=1e-9 maxiterations=100 maxcontroliter=100"
    return dss


def solve(dss: IDSS, controls: str) -> None:
    dss.Text.Command = f"set controlmode={controls}"
    dss.ActiveCircuit.Solution.Solve()
    assert dss.ActiveCircuit.Solution.Converged, f"not converged with controlmode={controls}"


def set_taps(dss: IDSS, taps: Mapping[str, int]) -> None:
    regulators = dss.ActiveCircuit.RegControls
    for name, position in taps.items():
        regulators.Name = name
        regulators.TapNumber = position
    assert read_taps(dss) == taps


def read_taps(dss: IDSS) -> dict[str, int]:
    regulators = dss.ActiveCircuit.RegControls
    taps: dict[str, int] = {}
    for name in regulators.AllNames:
        regulators.Name = name
        taps[name] = regulators.TapNumber
    return taps


def set_source(dss: IDSS, v_pu: float, angle_deg: float = 0.0) -> None:
    dss.ActiveCircuit.Vsources.Name = "source"
    dss.ActiveCircuit.Vsources.pu = v_pu
    dss.ActiveCircuit.Vsources.AngleDeg = angle_deg


def voltages_pu(dss: IDSS) -> dict[str, complex]:
    """Phasors in pu of 24.9 or 4.16 kV by bus and phase: ``814r.a``."""
    circuit = dss.ActiveCircuit
    parts = circuit.AllBusVolts  # real and imaginary in turn
    result: dict[str, complex] = {}
    for node, real, imaginary in zip(circuit.AllNodeNames, parts[::2], parts[1::2], strict=True):
        bus, number = node.split(".")
        base_v = (4160 if bus in ("888", "890") else 24900) / math.sqrt(3)
        result[f"{bus}.{'abc'[int(number) - 1]}"] = complex(real, imaginary) / base_v
    return result


def input_kva(dss: IDSS) -> complex:
    p_kw, q_kvar = dss.ActiveCircuit.TotalPower  # negative for consumption
    return -complex(p_kw, q_kvar)


def losses_kw(dss: IDSS) -> float:
    return float(dss.ActiveCircuit.Losses[0]) / 1000


def bus_of(node_and_phase: str) -> str:
    node, phase = node_and_phase.split(".")
    return f"{BUS_OF_NODE.get(node, node)}.{phase}"


def element_at(dss: IDSS, node: str, other: str, phase: str) -> tuple[str, int]:
    """The element between two published nodes, and which of its terminals is the one at ``node``."""
    ends = {node, other}
    for regulator, output in (("814", "RG10"), ("852", "RG11")):
        if ends == {regulator, output}:
            return f"Transformer.reg{regulator}{phase}", 0 if node == regulator else 1
    if ends == {"832", "XF10"}:
        return "Transformer.xfm1", 0 if node == "832" else 1
    if ends == {"XF10", "888"}:  # the segment of length zero behind the transformer
        return ("Transformer.xfm1", 1) if node == "XF10" else ("Line.seg888_890", 0)
    location = {"RG10": "814", "RG11": "852"}
    here, there = location.get(node, node), location.get(other, other)
    names = dss.ActiveCircuit.Lines.AllNames
    for start, end in ((here, there), (there, here)):
        terminal = 0 if start == here else 1
        if f"seg{start}_{end}" in names:
            return f"Line.seg{start}_{end}", terminal
        if f"seg{start}_{end}_1" in names:
            return f"Line.seg{start}_{end}_{terminal + 1}", terminal
    raise AssertionError(f"no element between {node} and {other}")


def current_a(dss: IDSS, node: str, other: str, phase: str) -> float:
    name, terminal = element_at(dss, node, other, phase)
    dss.ActiveCircuit.SetActiveElement(name)
    element = dss.ActiveCircuit.ActiveCktElement
    first = terminal * element.NumConductors
    at = first + list(element.NodeOrder[first : first + element.NumConductors]).index(PHASES[phase])
    return abs(complex(element.Currents[2 * at], element.Currents[2 * at + 1]))


def assert_close(measured: Mapping[str, float], published: Mapping[str, float], tolerance: float, unit: str) -> None:
    differences = {name: measured[name] - value for name, value in published.items()}
    worst = max(differences, key=lambda name: abs(differences[name]))
    assert abs(differences[worst]) <= tolerance, (
        f"{worst}: {measured[worst]:.5f} {unit}, published {published[worst]} {unit}, "
        f"difference {differences[worst]:+.5f}; allowed {tolerance} over {len(published)} values"
    )


def published_table(name: str) -> list[dict[str, str]]:
    shared = os.environ.get("TDSCEN_SHARED")
    root = Path(shared) if shared else Path(__file__).resolve().parents[2] / "shared"
    path = root / "data" / "ieee34" / name
    if not path.exists():
        pytest.skip(f"no published table at {path}: TDSCEN_SHARED names the folder that holds data/ieee34")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def published() -> IDSS:
    """The feeder solved at the published taps, with its controls off and 1.05 pu at node 800."""
    dss = load_feeder()
    set_taps(dss, PUBLISHED_TAPS)
    solve(dss, controls="off")
    return dss


# ---- always: published key figures -------------------------------------------------------------------------


def test_total_input_and_losses(published: IDSS) -> None:
    head = input_kva(published)
    assert_close(
        {"input kW": head.real, "input kvar": head.imag},
        {"input kW": PUBLISHED_INPUT_KW, "input kvar": PUBLISHED_INPUT_KVAR},
        tolerance=1.0,
        unit="",
    )
    assert_close({"losses": losses_kw(published)}, {"losses": PUBLISHED_LOSSES_KW}, tolerance=0.5, unit="kW")


def test_key_voltages(published: IDSS) -> None:
    measured = voltages_pu(published)
    assert_close({node: abs(measured[bus_of(node)]) for node in PUBLISHED_V_PU}, PUBLISHED_V_PU, 0.0005, "pu")
    angles = {node: math.degrees(cmath.phase(measured[node])) for node in PUBLISHED_ANGLE_DEG}
    assert_close(angles, PUBLISHED_ANGLE_DEG, 0.1, "degrees")


def test_nominal_loads() -> None:
    loads = load_feeder().ActiveCircuit.Loads
    kw = kvar = 0.0
    for name in loads.AllNames:
        loads.Name = name
        kw, kvar = kw + loads.kW, kvar + loads.kvar
    assert_close({"kW": kw, "kvar": kvar}, {"kW": 1769, "kvar": 1044}, 1e-6, "at 1 pu")


def test_free_regulators_settle_from_neutral() -> None:
    dss = load_feeder()
    assert read_taps(dss) == NEUTRAL_TAPS
    solve(dss, controls="static")
    magnitudes = {node: abs(v) for node, v in voltages_pu(dss).items()}
    lowest, highest = min(magnitudes, key=magnitudes.__getitem__), max(magnitudes, key=magnitudes.__getitem__)
    assert magnitudes[lowest] >= 0.9, f"{lowest}: {magnitudes[lowest]:.4f} pu"
    assert magnitudes[highest] <= 1.06, f"{highest}: {magnitudes[highest]:.4f} pu"
    # Not the published positions; the header of the feeder file says why.
    expected = {"reg814a": 13, "reg814b": 5, "reg814c": 5, "reg852a": 12, "reg852b": 12, "reg852c": 12}
    assert read_taps(dss) == expected


# ---- always: what a co-simulation relies on ----------------------------------------------------------------


@pytest.mark.parametrize(("v_pu", "angle_deg"), [(1.05, 0.0), (1.0, -7.5), (0.85, 30.0)])
def test_the_source_is_node_800(v_pu: float, angle_deg: float) -> None:
    dss = load_feeder()
    set_source(dss, v_pu, angle_deg)
    solve(dss, controls="static")
    wanted = cmath.rect(v_pu, math.radians(angle_deg))
    difference = abs(voltages_pu(dss)["800.a"] - wanted)
    assert difference < 1e-6, f"node 800 is {difference:.1e} pu away from its source"


def test_regulators_act_after_their_delays() -> None:
    dss = load_feeder()
    solve(dss, controls="static")
    start = read_taps(dss)
    set_source(dss, 1.0)
    dss.Text.Command = "set mode=time controlmode=time number=1 stepsize=1 time=(0,0)"
    first_move_s: dict[str, int] = {}
    for second in range(1, 41):
        dss.ActiveCircuit.Solution.Solve()
        for name, position in read_taps(dss).items():
            if position != start[name]:
                first_move_s.setdefault(name[:6], second)
    assert first_move_s == {"reg814": 16, "reg852": 31}, f"the step is seen at 1 s; first taps {first_move_s}"


def test_loads_keep_their_model_between_080_and_120_pu() -> None:
    loads = load_feeder().ActiveCircuit.Loads
    for name in loads.AllNames:
        loads.Name = name
        assert (loads.Vminpu, loads.Vmaxpu) == (0.80, 1.20), f"{name}: {loads.Vminpu} to {loads.Vmaxpu} pu"


def test_the_file_only_describes_the_feeder() -> None:
    lines = FEEDER.read_text(encoding="utf-8").splitlines()
    commands = [line.split("!")[0].strip().lower() for line in lines]
    others = [c for c in commands if c and not re.match(r"(new|batchedit) |~ |clear$|calcvoltagebases$", c)]
    assert [c.split("=")[0] for c in others] == ["set defaultbasefrequency", "set voltagebases"], others


def test_a_50_hz_model_before_it_leaves_no_trace() -> None:
    dss = load_feeder(base_frequency_before=50)
    frequency = dss.ActiveCircuit.Solution.Frequency
    assert frequency == 60, f"built at {frequency} Hz"


# ---- with the published tables -----------------------------------------------------------------------------


def test_every_published_voltage(published: IDSS) -> None:
    measured = voltages_pu(published)
    magnitudes: dict[str, float] = {}
    angles: dict[str, float] = {}
    for row in published_table("published_voltage_profile.csv"):
        for phase in PHASES:
            if row[f"V{phase}_mag_pu"]:
                magnitudes[f"{row['node']}.{phase}"] = float(row[f"V{phase}_mag_pu"])
                angles[f"{row['node']}.{phase}"] = float(row[f"V{phase}_angle_deg"])
    assert len(magnitudes) == 95
    assert_close({node: abs(measured[bus_of(node)]) for node in magnitudes}, magnitudes, 0.0005, "pu")
    assert_close({node: math.degrees(cmath.phase(measured[bus_of(node)])) for node in angles}, angles, 0.1, "degrees")


def test_every_published_branch_current(published: IDSS) -> None:
    measured: dict[str, float] = {}
    expected: dict[str, float] = {}
    for row in published_table("published_branch_currents.csv"):
        node, other = row["node"], row["other_node"]
        for phase in PHASES:
            if row[f"I{phase}_A"]:
                where = f"phase {phase} at {node} towards {other}"
                measured[where] = current_a(published, node, other, phase)
                expected[where] = float(row[f"I{phase}_A"])
    assert len(expected) == 184
    assert_close(measured, expected, 0.05, "A")


def test_published_summary(published: IDSS) -> None:
    rows = published_table("published_summary.csv")
    totals = {(row["section"], row["quantity"]): row["total"] for row in rows}
    assert float(totals["system_input", "P"]) == PUBLISHED_INPUT_KW
    assert float(totals["system_input", "Q"]) == PUBLISHED_INPUT_KVAR
    assert float(totals["losses", "P"]) == PUBLISHED_LOSSES_KW
    delivered = input_kva(published).real - losses_kw(published)
    assert_close({"load": delivered}, {"load": float(totals["load", "P"])}, tolerance=0.5, unit="kW")


def test_segments_are_the_published_ones() -> None:
    lines = load_feeder().ActiveCircuit.Lines
    measured: dict[tuple[str, str], float] = {}
    for name in lines.AllNames:
        lines.Name = name
        segment = name.removeprefix("seg").removesuffix("_1").removesuffix("_2")
        key = segment, lines.LineCode[1:4]
        measured[key] = measured.get(key, 0.0) + lines.Length
    assert measured == {
        (f"{row['node_a']}_{row['node_b']}", row["config"]): float(row["length_ft"])
        for row in published_table("line_segments.csv")
        if row["config"] != "XFM-1"
    }


def test_loads_are_the_published_ones() -> None:
    expected: dict[tuple[str, str], tuple[str, int, float, float]] = {}
    for table in ("spot_loads.csv", "distributed_loads.csv"):
        for row in published_table(table):
            bus = row["node"] if "node" in row else f"mid{row['node_a']}_{row['node_b']}"
            for number, between in (("1", "1.2"), ("2", "2.3"), ("3", "3.1")):
                kw, kvar = float(row[f"ph{number}_kW"]), float(row[f"ph{number}_kvar"])
                if kw or kvar:
                    at = between if row["connection"] == "delta" else number
                    expected[bus, at] = row["connection"], LOAD_MODEL[row["zip_type"]], kw, kvar
    circuit = load_feeder().ActiveCircuit
    measured: dict[tuple[str, str], tuple[str, int, float, float]] = {}
    for name in circuit.Loads.AllNames:
        circuit.Loads.Name = name
        connection = "delta" if circuit.Loads.IsDelta else "wye"
        bus, _, nodes = circuit.ActiveCktElement.BusNames[0].partition(".")
        three = ["1.2", "2.3", "3.1"] if circuit.Loads.IsDelta else ["1", "2", "3"]
        places = three if nodes == "1.2.3" else [nodes]
        for place in places:
            kw, kvar = circuit.Loads.kW / len(places), circuit.Loads.kvar / len(places)
            measured[bus, place] = connection, int(circuit.Loads.Model), kw, kvar
    assert measured == expected
