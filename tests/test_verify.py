"""`verify-coupling`: variants of a plan, comparison of recordings, runs that fail, the report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from federations import FAKES, TESTS
from plans import demo_models, demo_plan, with_interface, with_simulation
from radial import LOAD_SWING, SHORT, Disturbance, radial_plan, whole

from tdscen.cli import main
from tdscen.emit import unsupported
from tdscen.plan import Event, Plan, Refine, Target
from tdscen.profiles import Combine, Constant, Normal, Pulse, RandomWalk, Sinusoid, Step, Table
from tdscen.results.recording import Recording
from tdscen.times import SWITCH_S
from tdscen.verify import running
from tdscen.verify.cells import grids
from tdscen.verify.comparison import compare
from tdscen.verify.jumps import jumps_s
from tdscen.verify.render import to_json, to_markdown, to_text
from tdscen.verify.report import Report, report
from tdscen.verify.running import Done, run_all
from tdscen.verify.variants import Variant, integration_step_s, shortened, variants
from tdscen.verify.wording import figure, notes, verdicts

SCENARIO = Path(__file__).parent.parent / "scenarios" / "ieee14_ieee34.tds"


# --- variants


def test_all_variants_let_t_integrate_alike_and_the_reference_iterates_at_that_step() -> None:
    found = variants(demo_plan())  # 1 s, T in steps of 1/30 s
    assert [(v.coupling, v.step_s) for v in found] == [
        ("serial", 1.0),
        ("serial", 0.5),
        ("parallel", 1.0),
        ("parallel", 0.5),
        ("iterative", pytest.approx(2 / 30)),
        ("iterative", pytest.approx(1 / 30)),
    ]
    assert [v.plan.transmission.step_s for v in found] == pytest.approx([*[1 / 30] * 4, 2 / 30, 1 / 30])
    assert [v.as_written for v in found] == [True, *[False] * 5]
    assert [v.reference for v in found] == [*[False] * 5, True]
    assert len({v.name for v in found}) == 6
    for variant in found:
        assert variant.plan.times_s[-1] == pytest.approx(15.0, rel=1e-12)
        assert not unsupported(variant.plan)
        assert set(np.round(demo_plan().times_s, 6)) <= set(np.round(variant.plan.times_s, 6))


@pytest.mark.parametrize(
    ("step_s", "own_s", "expected_s"),
    [(1.0, 1 / 30, 1 / 30), (0.1, 1 / 30, 0.025), (1 / 30, 1 / 30, 1 / 60), (2, 2, 1)],
)
def test_ts_step_divides_half_a_communication_step(step_s: float, own_s: float, expected_s: float) -> None:
    plan = with_simulation(demo_plan(), step_s=step_s, stop_s=20.0, steps=round(20 / step_s))
    plan = replace(plan, transmission=replace(plan.transmission, step_s=own_s))
    assert integration_step_s(plan) == pytest.approx(expected_s, rel=1e-12)
    quasi_static = replace(plan, transmission=replace(plan.transmission, dynamics=False))
    assert integration_step_s(quasi_static) == step_s / 2


def test_a_study_that_iterates_is_compared_as_written() -> None:
    plan = with_simulation(demo_plan(), step_s=0.1, steps=150, coupling="iterative", tolerance_pu=1e-5, max_exchanges=7)
    plan = replace(plan, transmission=replace(plan.transmission, step_s=0.1))
    *_, coarse, reference = variants(plan)
    assert coarse.as_written
    assert coarse.plan.simulation == plan.simulation
    assert (reference.step_s, reference.plan.simulation.tolerance_pu) == (0.05, 1e-8)


def test_the_refined_step_is_halved_too() -> None:
    refine = Refine(0.02, "events", 0.5)
    plan = with_simulation(demo_plan(), refine=refine, instants_s=(2.0, 2.1))
    refined = [v.plan.simulation.refine.step_s for v in variants(plan) if v.plan.simulation.refine]
    assert refined == pytest.approx([0.02, 0.01, 0.02, 0.01, 0.02, 0.01])
    longer = with_simulation(plan, refine=replace(refine, step_s=0.16))
    *_, coarse, reference = [v.plan.simulation.refine for v in variants(longer)]
    assert coarse is not None
    assert reference is not None
    assert (coarse.step_s, reference.step_s) == pytest.approx((0.16 / 3, 0.08 / 3))  # 80 ms in parts of at most 1/30 s


def test_a_shortened_study_ends_on_a_step_and_loses_what_comes_later() -> None:
    bus = Target("ieee14", "bus", 4)
    events = (Event("early", 1.5, "fault", bus, 0.1), Event("late", 9.0, "fault", bus, 0.1))
    plan = replace(with_simulation(demo_plan(), instants_s=(1.5, 1.6, 9.0, 9.1)), events=events)
    short = shortened(plan, 3.0)
    assert (short.simulation.stop_s, short.simulation.steps) == (3.0, 3)
    assert [event.name for event in short.events] == ["early"]
    assert short.simulation.instants_s == (1.5, 1.6)
    with pytest.raises(ValueError, match=r"2\.5 s is no whole number of steps of 1 s"):
        shortened(plan, 2.5)
    with pytest.raises(ValueError, match="the study stops at 15 s: 16 s does not lie within it"):
        shortened(plan, 16.0)


# --- jumps


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (Constant(1.0), ()),
        (Sinusoid(0.1, 2.0), ()),
        (Normal(1.0, 0.1, 1.5, 3), (1.5, 3.0)),
        (Normal(1.0, 0.0, 1.5, 3), ()),
        (RandomWalk(1.0, 0.1, 1.0, 3), (1.0, 2.0, 3.0, 4.0)),
        (Step(2.0, 1.1), (2.0,)),
        (Step(9.0, 1.1), ()),
        (Pulse(0.0, 3.0, 1.1), (3.0,)),
        (Table((0.0, 1.0, 2.0), (1.0, 1.0, 2.0), "previous", "x.csv"), (2.0,)),
        (Table((0.0, 1.0, 2.0), (1.0, 1.0, 2.0), "linear", "x.csv"), ()),
        (Combine("*", Step(2.0, 1.1), Pulse(1.0, 2.0, 0.5)), (1.0, 2.0)),
    ],
)
def test_profiles_jump_where_their_numbers_do(profile: object, expected: tuple[float, ...]) -> None:
    assert jumps_s(profile, 4.0) == expected  # type: ignore[arg-type]


# --- comparison


def recording(
    times_s: np.ndarray, v_pu: np.ndarray, speed_pu: np.ndarray | None = None, taps_moved: np.ndarray | None = None
) -> Recording:
    """One interface `a`; its powers follow the voltage."""
    columns = {"time_s": times_s, "a/v_pu": v_pu, "a/p_mw": 10 * v_pu, "a/q_mvar": -v_pu, "a/drawn_p_mw": 20 * v_pu}
    columns["a/taps_moved"] = 0 * v_pu if taps_moved is None else taps_moved
    if speed_pu is not None:
        columns["t/generator[G1]/omega_pu"] = speed_pu
    return Recording(tuple(columns), np.column_stack(list(columns.values())))


def test_common_times_are_compared_whatever_the_grids() -> None:
    fine, coarse = np.arange(31) * 0.1, np.arange(7) * 0.5
    found = compare(recording(coarse, 1 + coarse, coarse), recording(fine, 1 + fine + fine**2, 0 * fine), ["a"])
    expected = coarse[1:] ** 2
    assert found.times == 6
    voltage = found.worst("v_pu")
    assert (voltage.largest, voltage.at_s, voltage.where) == (pytest.approx(9.0), 3.0, "a")
    assert voltage.rms == pytest.approx(np.sqrt(np.mean(expected**2)))
    assert found.worst("p_mw").largest == pytest.approx(90.0)
    assert found.worst("q_mvar").largest == pytest.approx(9.0)
    assert found.worst("drawn_p_mw").rms == pytest.approx(20 * np.sqrt(np.mean(expected**2)))
    assert found.speed_pu is not None
    assert (found.speed_pu.largest, found.speed_pu.where) == (3.0, "t/generator[G1]")


def test_the_moment_behind_a_switching_is_left_out_and_counted() -> None:
    times_s = np.array([0.0, 1.0, 1.0 + SWITCH_S, 1.5, 2.0])
    off = np.array([0.0, 0.1, 100.0, 0.2, 0.1])
    found = compare(recording(times_s, 1 + off), recording(times_s, np.ones(5)), ["a"], instants_s=(1.0,))
    assert (found.times, found.left_out) == (3, 1)
    assert (found.worst("v_pu").largest, found.worst("v_pu").at_s) == (pytest.approx(0.2), 1.5)
    assert found.speed_pu is None


def test_times_behind_jumps_are_told_apart() -> None:
    times_s = np.arange(5) * 0.5
    off = np.array([0.0, 0.01, 1.0, 0.02, 1.0])
    apart = compare(recording(times_s, 1 + off), recording(times_s, np.ones(5)), ["a"], jumps_s=(1.0, 2.0))
    assert apart.between_jumps_v_pu is not None
    assert apart.between_jumps_v_pu.largest == pytest.approx(0.02)
    always = compare(
        recording(times_s, 1 + off), recording(times_s, np.ones(5)), ["a"], jumps_s=tuple(times_s[1:] - 0.1)
    )
    assert always.between_jumps_v_pu is None


def test_taps_that_move_later_are_counted() -> None:
    times_s, v_pu = np.arange(6) * 1.0, np.ones(6)
    early = recording(times_s, v_pu, taps_moved=np.array([0, 1, 0, 0, 1, 0]))
    late = recording(times_s, v_pu, taps_moved=np.array([0, 0, 0, 1, 1, 0]))
    assert compare(early, late, ["a"]).taps_apart == 2  # at 2 and 3 s: a tap is felt from the next time on
    assert compare(early, early, ["a"]).taps_apart == 0


def test_runs_without_a_common_time_cannot_be_compared() -> None:
    times_s = np.array([0.0, 1.0])
    with pytest.raises(ValueError, match="no communication time in common"):
        compare(recording(times_s, times_s), recording(times_s + 0.3, times_s), ["a"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (1.66e-3, "1.7e-3"),
        (0.0099, "9.9e-3"),
        (0.27, "0.27"),
        (3.44, "3.4"),
        (123.4, "123"),
        (2e-11, "2.0e-11"),
    ],
)
def test_two_significant_digits(value: float, expected: str) -> None:
    assert figure(value) == expected


# --- running


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Variants run with fake simulators; returns edits {old: new} of T's script in the variants named in it."""
    edits: dict[str, str] = {}
    write = running.write

    def faked(artifacts: object, folder: Path) -> None:
        write(artifacts, folder)  # type: ignore[arg-type]
        for script in (folder / "federates").iterdir():
            text = script.read_text()
            for old, new in FAKES.items():
                text = text.replace(old, new)
            if folder.name in edits and script.stem == "ieee14":
                text = text.replace("federate.record(system)", edits[folder.name])
            script.write_text(text)

    monkeypatch.setattr(running, "write", faked)
    monkeypatch.setenv("PYTHONPATH", f"{TESTS}:{TESTS.parent}")
    return edits


def swinging() -> Plan:
    plan = with_interface(demo_plan(), profile=Sinusoid(0.1, 2.0))
    plan = replace(plan, transmission=replace(plan.transmission, step_s=0.05))
    return with_simulation(plan, step_s=0.1, stop_s=1.0, steps=10, instants_s=(0.35,))


def compared(plan: Plan, folder: Path) -> tuple[Report, tuple[Done, ...]]:
    done = run_all(variants(plan), demo_models(), folder, lambda variant, reached_s: None)
    return report(plan, done), done


def test_six_runs_and_their_errors(fakes: dict[str, str], tmp_path: Path) -> None:
    made, done = compared(swinging(), tmp_path)
    assert not made.failed, [row.failure for row in made.rows]
    tables = [one.run.table for one in done if one.run]
    reference = tables[-1]
    judged = [table[(table["time_s"] - 0.3501).abs() > 1e-9] for table in tables]
    for row, table in zip(made.rows[:-1], judged, strict=False):
        rows = np.searchsorted(reference["time_s"], table["time_s"] - 1e-6)
        apart = np.abs(table["bus4/v_pu"].to_numpy() - reference["bus4/v_pu"].to_numpy()[rows])[1:]
        assert row.comparison is not None
        assert (row.comparison.times, row.comparison.left_out) == (len(table) - 1, 1)
        assert row.comparison.worst("v_pu").largest == pytest.approx(apart.max(), rel=1e-12)
        assert row.comparison.worst("v_pu").rms == pytest.approx(np.sqrt(np.mean(apart**2)), rel=1e-12)
    serial, _, parallel, _, coarse, _ = made.rows
    assert serial.order == pytest.approx(1.0, abs=0.2)  # one step of lag, in a load that swings smoothly
    assert parallel.order == pytest.approx(1.0, abs=0.3)
    assert coarse.comparison is not None
    assert coarse.comparison.worst("v_pu").largest < 1e-7  # the fakes have no dynamics: nothing to integrate
    assert made.swing_pu == (pytest.approx(np.ptp(reference["bus4/v_pu"])),)
    assert (made.steps, made.jumping_steps) == (12, 0)
    text = to_text(made)
    assert max(map(len, text.splitlines())) <= 120
    assert "…" not in text
    assert "serial at 0.1 s (this study as written) is within" in text
    assert json.loads(to_json(made))["report"]["rows"][0]["coupling"] == "serial"
    assert len([line for line in to_markdown(made).splitlines() if line.startswith("| ")]) == 8


def test_a_variant_that_fails_is_a_row_with_its_reason(fakes: dict[str, str], tmp_path: Path) -> None:
    fakes["parallel_0.1s"] = "raise RuntimeError('no luck today')"
    plan = swinging()
    serial, _, parallel, *_, reference = variants(plan)
    done = run_all([serial, parallel, reference], demo_models(), tmp_path, lambda variant, reached_s: None)
    made = report(plan, done)
    assert made.failed
    first, second, _ = made.rows
    assert first.comparison is not None
    assert first.failure is None
    assert second.comparison is None
    assert "no luck today" in str(second.failure)
    assert any("parallel at 0.1 s failed: " in sentence for sentence in verdicts(made))
    assert "failed" in to_text(made)

    lost = report(plan, [*done[:-1], replace(done[-1], run=None, failure="no luck here")])
    assert lost.failed
    assert all(row.comparison is None for row in lost.rows)
    assert all(row.failure for row in lost.rows)
    assert verdicts(lost) == ("The reference failed, so that no error can be stated: no luck here",)


def test_an_interrupt_leaves_no_runner_behind(
    fakes: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched = []
    launch = running.Launch
    monkeypatch.setattr(running, "Launch", lambda folder: launched.append(launch(folder)) or launched[-1])

    def interrupted(variant: Variant, reached_s: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all(variants(swinging()), demo_models(), tmp_path, interrupted)
    assert len(launched) == 2
    assert all(one.poll() is not None for one in launched)


def made_report(offsets: dict[str, float]) -> Report:
    """Two interfaces; lagging runs are off by `offsets` a second of step, the reference rises by 0.1 pu a second."""
    plan = demo_plan()
    a, b = (replace(plan.interfaces[0], name=name) for name in offsets)
    plan = with_simulation(replace(plan, interfaces=(a, b)), stop_s=4.0, steps=4)

    def run(variant: Variant) -> Any:
        times_s = np.array(variant.plan.times_s)
        columns = {"time_s": times_s}
        for name, offset in offsets.items():
            off = 0.0 if variant.coupling == "iterative" else offset * variant.step_s * (times_s > 0)
            columns |= {f"{name}/v_pu": 1 + 0.1 * times_s + off, f"{name}/exchanges": np.ones_like(times_s)}
            columns |= {f"{name}/{other}": times_s + off for other in ("p_mw", "q_mvar", "drawn_p_mw")}
            columns |= {f"{name}/taps_moved": np.full_like(times_s, variant.step_s == 0.5)}
        return SimpleNamespace(recording=Recording(tuple(columns), np.column_stack(list(columns.values()))))

    return report(plan, [Done(variant, run(variant), None) for variant in variants(plan)])


def test_the_interfaces_of_the_study_as_written_are_told_one_by_one() -> None:
    made = made_report({"small": 0.001, "big": 0.02})
    first, second = grids(made)
    assert first.rows[0][:5] == ("serial*", "1", "0.020", "0.020", "0.020")
    assert second.title == "serial at 1 s, each interface"
    assert second.rows == (
        ("big", "0.40", *["0.020"] * 7, "1"),
        ("small", "0.40", *["1.0e-3"] * 7, "1"),
    )
    assert made.jumping_steps == 4  # the demo's loads are drawn anew each second
    assert made.rows[0].order == pytest.approx(1.0)
    said = " ".join(notes(made))
    assert "the worst of 2 interfaces" in said
    assert "(times at which they differ: serial at 0.5 s in 8 of 8, parallel at 0.5 s in 8 of 8)" in said
    assert "big, t = 1 s), where the voltage moves by 0.40 pu (5.0 % of it)" in verdicts(made)[0]
    assert "serial at 1 s, each interface:" in to_markdown(made)
    assert "serial at 1 s, each interface" in to_text(made)


# --- the command


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-o", "x.txt"], "the form is taken from the name's end, which must be .md or .json"),
        (["-o", "nowhere/x.md"], "there is no folder"),
        (["--stop", "2.5s"], "2.5 s is no whole number of steps of 1 s"),
        (["--stop", "3"], "a time with its unit is wanted"),
        (["--keep", str(TESTS)], "holds files already"),
    ],
)
def test_wrong_calls_are_one_sentence(arguments: list[str], says: str) -> None:
    result = CliRunner().invoke(main, ["verify-coupling", str(SCENARIO), *arguments])
    assert result.exit_code == 1
    assert says in result.output
    assert "Traceback" not in result.output


@pytest.mark.slow
def test_the_shipped_study_costs_what_its_own_tables_say(tmp_path: Path) -> None:
    keep, out = tmp_path / "keep", tmp_path / "lag.json"
    arguments = ["verify-coupling", str(SCENARIO), "--stop", "3 s", "--keep", str(keep), "-o", str(out), "-q"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert len(list(keep.iterdir())) == 6
    rows = json.loads(out.read_text())["report"]["rows"]
    serial, half = rows[0]["comparison"], rows[1]["comparison"]
    assert serial["times"] == 3
    # A load that jumps by 2.5 % of 47.8 MW moves bus 4 by some 1e-3 pu, and a lagging run shows it a step late.
    assert 1e-3 < serial["quantities"]["v_pu"][0]["largest"] < 2e-2
    assert half["between_jumps_v_pu"]["largest"] < 0.1 * serial["quantities"]["v_pu"][0]["largest"]
    assert rows[-1]["reference"]
    assert rows[-1]["exchanges_mean"] < 5


@pytest.mark.slow
@pytest.mark.parametrize("disturbance", [LOAD_SWING, SHORT], ids=["swing", "fault"])
def test_the_errors_it_states_are_those_against_one_model_of_both_sides(
    tmp_path: Path, disturbance: Disturbance
) -> None:
    plan, models = radial_plan(tmp_path, disturbance, "serial", step_s=0.1, stop_s=2.0)
    done = run_all(variants(plan), models, tmp_path / "runs", lambda variant, reached_s: None)
    made = report(plan, done)
    assert not made.failed, [row.failure for row in made.rows]
    assert made.reference.step_s == 0.025  # 1/30 s, shortened to a part of half a step
    expected = whole(0.025, disturbance)
    moments = np.array(plan.simulation.instants_s) + SWITCH_S
    for row, one in zip(made.rows[:4], done, strict=False):
        assert one.run is not None
        assert row.comparison is not None
        assert row.comparison.left_out == len(moments)
        table = one.run.table
        table = table[[not np.isclose(moments, t, rtol=0, atol=1e-9).any() for t in table["time_s"]]]
        rows = np.searchsorted(expected.time_s, table["time_s"] - 1e-6)
        v_pu = np.abs(table["bus4/v_pu"] - np.abs(expected.voltage_pu[rows]))
        speed_pu = np.abs(table["ieee14/generator[GENROU_1]/omega_pu"] - expected.speed_pu[rows, 0])
        assert v_pu.max() > 1e-4
        assert row.comparison.worst("v_pu").largest == pytest.approx(v_pu.max(), abs=1e-8)
        assert row.comparison.speed_pu is not None
        assert row.comparison.speed_pu.largest >= speed_pu.max() - 1e-8
