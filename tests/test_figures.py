"""Named figures: the run's own numbers in every line, the widths and fonts that were asked for, clear refusals."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from run_folders import ASKED, make_journals, make_plan, write_run

from tdscen.cli import main
from tdscen.cli import plot as cli_plot
from tdscen.plan import Event, Plan, Requirement, Target
from tdscen.profiles import Sinusoid
from tdscen.results import open_run
from tdscen.results.errors import ResultsError
from tdscen.results.figures import along, coupling
from tdscen.results.figures.styles import STYLES
from tdscen.results.figures.subject import subject
from tdscen.results.plot import FIGURES, draw, plot
from tdscen.results.run import Run
from tdscen.runtime.node_voltages import NodeVoltages

BAND = Requirement("frequency", "frequency", 59.9, 60.1, "Hz", "frequency within limits")
FAULT = Event("dip", 3.0, "fault", Target("ieee14", "bus", 4), 2.0, None, 0.3)


class Fork:
    """A feeder: two phases to `m`, from there one to each of two ends, of which `x` has lost supply."""

    names = ("s.1", "s.2", "m.1", "m.2", "e.1", "x.1", "far.3")
    distance = (0.0, 0.0, 2.0, 2.0, 5.0, 3.5, None)
    before = (None, None, 0, 1, 2, 2, None)
    unit = "km"
    last = np.array([1.0, 1.0, 0.98, 0.97, 0.95, np.nan, 0.9])
    lowest = np.array([0.98, 0.98, 0.96, 0.95, 0.93, 0.94, 0.88])

    def nodes(self) -> Fork:
        return self

    def node_voltages_pu(self) -> tuple[int, np.ndarray]:
        return 16, np.array([self.last, self.lowest, self.lowest + 0.05, self.last])


def a_run(folder: Path, plan: Plan | None = None, **more: np.ndarray) -> Run:
    plan = plan or replace(make_plan(requirements=(ASKED, BAND)), events=(FAULT,))
    journals = make_journals(plan)
    for name, values in more.items():
        journals["ieee34"][f"bus4/{name}"] = values
    return open_run(write_run(folder, plan, journals))


def with_voltages(run: Run) -> Run:
    names = [interface.name for interface in run.plan.interfaces]
    NodeVoltages([Fork() for _ in names], names, ["ieee34" for _ in names]).write(run.folder, "ieee34")
    return run


def drawn(figure: str, run: Run, other: Run | None = None, style: str = "default") -> Figure:
    with mpl.rc_context():
        about = subject(run, None, STYLES[style], other)
        about.style.apply()
        return draw(about, figure)


def holds(axes: Axes, time: np.ndarray, values: np.ndarray) -> bool:
    """Whether one of the lines is exactly these values."""
    return any(
        np.array_equal(line.get_xdata(), time) and np.array_equal(line.get_ydata(), values, equal_nan=True)
        for line in axes.lines
    )


def marked(axes: Axes) -> bool:
    return any(list(np.asarray(line.get_xdata())) == [FAULT.at_s, FAULT.at_s] for line in axes.lines)


def test_the_command_offers_what_there_is() -> None:
    assert list(cli_plot.FIGURES) == list(FIGURES)
    assert list(cli_plot.STYLES) == list(STYLES)


def test_interface_holds_voltage_angle_and_drawn_power_of_both_runs(tmp_path: Path) -> None:
    run, other = a_run(tmp_path / "1"), a_run(tmp_path / "2", make_plan(profile=Sinusoid(0.1, 8.0)))
    panels = drawn("interface", run, other).axes
    for each in (run, other):
        recorded = each.recording
        for axes, name, factor in zip(
            panels, ("v_pu", "angle_rad", "drawn_p_mw", "drawn_q_mvar"), (1, 180 / np.pi, 1, 1), strict=True
        ):
            assert holds(axes, recorded.time_s, factor * recorded.column(f"bus4/{name}")), name
    turning = np.linspace(0, 4 * np.pi, 16)  # two turns, recorded between -pi and pi
    journals = make_journals(run.plan)
    journals["ieee14"]["bus4/angle_rad"] = np.angle(np.exp(1j * turning))
    angle = drawn("interface", open_run(write_run(tmp_path / "3", run.plan, journals))).axes[1]
    np.testing.assert_allclose(np.asarray(angle.lines[0].get_ydata(), float), np.degrees(turning), atol=1e-9)
    assert all(marked(axes) for axes in panels)
    legend = panels[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["run 1", "run 2"]


def over_the_legend(axes: Axes) -> str:
    legend = axes.get_legend()
    assert legend is not None
    return legend.get_title().get_text()


def test_frequency_holds_every_speed_in_hertz_and_the_limits(tmp_path: Path) -> None:
    run = a_run(tmp_path / "1")
    [axes] = drawn("frequency", run).axes
    for name in ("GENROU_1", "GENROU_2"):
        assert holds(axes, run.recording.time_s, 60 * run.recording.column(f"ieee14/generator[{name}]/omega_pu"))
    assert marked(axes)
    assert [text.get_text() for text in axes.texts] == ["dip"]
    assert over_the_legend(axes) == "required 59.9 to 60.1 Hz (off the axis)"
    journals = make_journals(run.plan)
    journals["ieee14"]["ieee14/coi/omega_pu"] = np.linspace(1.0, 0.998, 16)
    with_centre = open_run(write_run(tmp_path / "centre", run.plan, journals))
    [panel] = drawn("frequency", with_centre).axes
    assert holds(panel, run.recording.time_s, 60 * journals["ieee14"]["ieee14/coi/omega_pu"])
    assert "centre of inertia" in [str(line.get_label()) for line in panel.lines]
    tight = replace(BAND, minimum=59.99, maximum=60.01)
    [axes] = drawn("frequency", a_run(tmp_path / "2", make_plan(requirements=(tight,)))).axes
    assert {float(np.asarray(line.get_ydata())[0]) for line in axes.lines} >= {59.99, 60.01}
    assert over_the_legend(axes) == "required 59.99 to 60.01 Hz"
    assert not axes.texts  # nothing lies over the lines
    many = {f"ieee14/generator[G{i}]/omega_pu": np.full(16, 1.0) for i in range(9)}  # more than have a colour
    plan = make_plan(requirements=(tight,))
    journals = make_journals(plan)
    journals["ieee14"] |= many
    [axes] = drawn("frequency", open_run(write_run(tmp_path / "3", plan, journals))).axes
    assert over_the_legend(axes) == "required 59.99 to 60.01 Hz"


def test_profile_holds_the_tree_of_each_phase_with_its_envelope(tmp_path: Path) -> None:
    [axes] = drawn("profile", with_voltages(a_run(tmp_path / "1"))).axes
    lines = [c.get_segments() for c in axes.collections if isinstance(c, LineCollection)]
    bands = [c.get_paths() for c in axes.collections if isinstance(c, PolyCollection)]
    last, low = Fork.last, Fork.lowest
    expected = [
        [[[0.0, last[0]], [2.0, last[2]]], [[2.0, last[2]], [5.0, last[4]]]],
        [[[0.0, last[1]], [2.0, last[3]]]],
    ]
    for found, wanted in zip(lines, [*expected, []], strict=True):  # x.1 has no supply at last, far.3 no distance
        np.testing.assert_array_equal(np.array(found).reshape(-1, 2, 2), np.array(wanted).reshape(-1, 2, 2))
    assert [len(paths) for paths in bands] == [3, 1, 0]
    corners = np.asarray(bands[0][1].vertices)[:4]
    np.testing.assert_array_equal(corners, [[2, low[2]], [5, low[4]], [5, low[4] + 0.05], [2, low[2] + 0.05]])
    assert axes.get_xlabel() == "distance from the source (km)"
    figure = drawn("profile", with_voltages(a_run(tmp_path / "3", make_plan(interfaces=3))))
    assert [axes.get_title(loc="left") for axes in figure.axes if axes.get_visible()] == ["bus4", "bus5", "bus6"]


def test_profile_holds_a_second_run_dashed_and_without_its_bands(tmp_path: Path) -> None:
    one, two = (with_voltages(a_run(tmp_path / name)) for name in ("1", "2"))
    [axes] = drawn("profile", one, two).axes
    lines = [c for c in axes.collections if isinstance(c, LineCollection)]
    assert len(lines) == 2 * 3
    assert [c.get_linestyle()[0][1] is None for c in lines] == [True] * 3 + [False] * 3
    assert sum(isinstance(c, PolyCollection) for c in axes.collections) == 3
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][-2:] == ["run 1", "run 2"]
    with pytest.raises(ResultsError, match="kept no voltages along the feeder at bus4"):
        drawn("profile", one, a_run(tmp_path / "3"))


def test_pv_curve_holds_voltage_over_drawn_power(tmp_path: Path) -> None:
    run, other = a_run(tmp_path / "1"), a_run(tmp_path / "2", make_plan(profile=Sinusoid(0.1, 8.0)))
    [axes] = drawn("pv-curve", run, other).axes
    for each in (run, other):
        p_mw, v_pu = each.recording.column("bus4/drawn_p_mw"), each.recording.column("bus4/v_pu")
        assert holds(axes, p_mw, v_pu)
        assert holds(axes, p_mw[:1], v_pu[:1])  # where it begins


def test_coupling_holds_exchanges_residuals_and_what_two_couplings_differ_by(tmp_path: Path) -> None:
    plan = make_plan(interfaces=2)
    tied = replace(plan.simulation, coupling="iterative", tolerance_pu=1e-8, max_exchanges=20)
    one = a_run(tmp_path / "1", replace(plan, simulation=tied), exchanges=np.arange(16.0))
    two = a_run(tmp_path / "2", make_plan(interfaces=2, profile=Sinusoid(0.1, 8.0)))
    counts, residuals, apart = drawn("coupling", one, two).axes
    for run in (one, two):
        time_s = run.recording.time_s[1:]  # at t = 0 stands the start, which is another iteration
        for axes, name in ((counts, "exchanges"), (residuals, "mismatch_pu")):
            both = [run.recording.column(f"{interface}/{name}") for interface in ("bus4", "bus5")]
            largest = np.max(both, axis=0)[1:]
            assert holds(axes, time_s, largest if axes is counts else np.where(largest > 0, largest, np.nan)), name
    assert 1e-8 in {float(np.asarray(line.get_ydata(), float)[0]) for line in residuals.lines}
    gaps = [one.recording.column(f"{i}/v_pu") - two.recording.column(f"{i}/v_pu") for i in ("bus4", "bus5")]
    largest = np.abs(gaps).max(axis=0)
    assert holds(apart, one.recording.time_s, np.where(largest > 0, largest, np.nan))
    legend = counts.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["iterative", "serial"]


def test_two_runs_are_compared_at_the_times_of_both(tmp_path: Path) -> None:
    fine = make_plan(steps=30)
    fine = replace(fine, simulation=replace(fine.simulation, step_s=0.5, stop_s=15.0))
    one, two = a_run(tmp_path / "1", make_plan()), a_run(tmp_path / "2", fine)
    time_s, apart = coupling.differences(one, two, subject(one, None, STYLES["default"], two))
    np.testing.assert_array_equal(time_s, np.arange(16.0))
    expected = one.recording.column("bus4/v_pu") - two.recording.column("bus4/v_pu")[::2]
    np.testing.assert_array_equal(apart, np.abs(expected))


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize(
    "style", [pytest.param(name, marks=[] if name == "ieee" else [pytest.mark.slow]) for name in STYLES]
)
def test_every_figure_fits_its_style(tmp_path: Path, figure: str, style: str) -> None:
    about = subject(with_voltages(a_run(tmp_path / "1")), None, STYLES[style])
    with mpl.rc_context():
        about.style.apply()
        made = draw(about, figure)
        assert made.get_figwidth() in (about.style.narrow_in, about.style.wide_in)
        inside = made.bbox.padded(2)
        for axes in made.axes:
            box = axes.get_tightbbox()
            assert box is not None
            assert 0.45 * box.width < axes.get_window_extent().width  # labels leave room for the panel
            assert inside.x0 <= box.x0 < box.x1 <= inside.x1, "cut off at a side"
            assert inside.y0 <= box.y0 < box.y1 <= inside.y1, "cut off above or below"


def test_ieee_has_the_widths_of_its_columns_and_8_pt() -> None:
    ieee = STYLES["ieee"]
    assert (ieee.narrow_in, ieee.wide_in, ieee.settings["font.size"]) == (3.5, 7.16, 8)


def test_papers_get_vector_fonts_and_the_same_bytes(tmp_path: Path) -> None:
    run = with_voltages(a_run(tmp_path / "1"))
    for suffix in (".pdf", ".svg"):
        made = set()
        for i in range(2):
            path = tmp_path / f"{i}{suffix}"
            plot(run, path, figure="profile", style="ieee")
            made.add(path.read_bytes())
        [content] = made
        assert b"CreationDate" not in content
        assert not re.search(rb"<dc:date>", content)
        if suffix == ".pdf":
            assert b"/FontFile2" in content  # TrueType, embedded
            assert b"/Type3" not in content
            assert b"STIXGeneral" in content
            assert re.search(rb"/MediaBox \[ ?0 0 252 ", content)  # 3.5 in


def test_a_quantity_that_was_not_recorded_names_the_line_to_add(tmp_path: Path) -> None:
    plan = make_plan()
    lacking = make_journals(plan)
    lacking["ieee14"] = {name: values for name, values in lacking["ieee14"].items() if "omega" not in name}
    run = open_run(write_run(tmp_path / "1", plan, lacking))
    with pytest.raises(ResultsError, match=r"add `observe \{ ieee14 = \[generator\[\*\]\.omega\] \}` to the scenario"):
        drawn("frequency", run)
    still = replace(plan, transmission=replace(plan.transmission, dynamics=False))
    with pytest.raises(ResultsError, match=r"is quasi-static .* no rotor speeds"):
        drawn("frequency", open_run(write_run(tmp_path / "2", still, lacking)))
    with pytest.raises(ResultsError, match="kept no voltages along the feeder at bus4"):
        drawn("profile", run)
    many = a_run(tmp_path / "3", make_plan(interfaces=along.MOST + 1))
    with pytest.raises(ResultsError, match=r"a figure shows 4 feeders at most, .* has 5: choose one by --interface"):
        drawn("profile", many)


def test_figures_of_one_run_refuse_a_second_and_strangers_are_not_compared(tmp_path: Path) -> None:
    run, other = a_run(tmp_path / "1"), a_run(tmp_path / "2")
    with pytest.raises(ResultsError, match="the figure lesson shows one run; two are compared by interface, frequency"):
        plot(run, tmp_path / "x.png", other=other)
    plan = other.plan
    renamed = replace(plan, interfaces=tuple(replace(i, name="elsewhere") for i in plan.interfaces))
    with pytest.raises(ResultsError, match=r"has no interface bus4: nothing can be compared"):
        plot(run, tmp_path / "x.png", figure="interface", other=replace(other, plan=renamed))


def test_the_command_draws_several_figures(tmp_path: Path) -> None:
    run, other = with_voltages(a_run(tmp_path / "1")), a_run(tmp_path / "2")
    words = ["plot", str(run.folder), "--figure", "frequency,profile", "--style", "ieee", "-o", str(tmp_path / "x.pdf")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert [path.name for path in sorted(tmp_path.glob("*.pdf"))] == ["x-frequency.pdf", "x-profile.pdf"]
    words = ["plot", str(run.folder), "--figure", "coupling", "--compare", str(other.folder)]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, done.output) == (0, f"plot: {(run.folder / 'coupling.png').as_posix()}\n")
    wrong = CliRunner().invoke(main, ["plot", str(run.folder), "--figure", "frequencies"])
    assert wrong.exit_code == 2
    assert "there is no figure 'frequencies'; did you mean frequency?" in wrong.output
    refused = CliRunner().invoke(main, ["plot", str(run.folder), "--compare", str(other.folder)])
    assert refused.exit_code == 1
    assert "the figure lesson shows one run" in refused.output
