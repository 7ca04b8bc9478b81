"""The figure: which formats, which data, always the same bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from run_folders import ASKED, constant_plan, make_journals, make_plan, write_run

from tdscen.plan import Event, Plan, Target
from tdscen.profiles import Sinusoid
from tdscen.results import open_run, panels
from tdscen.results.errors import ResultsError, UnknownQuantity
from tdscen.results.figures.styles import STYLES
from tdscen.results.figures.subject import subject
from tdscen.results.plot import draw, plot
from tdscen.results.recording import Recording


def recorded(tmp_path: Path, plan: Plan) -> Recording:
    return open_run(write_run(tmp_path / "0001", plan)).recording


def words_above(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_suffix_decides_the_format(tmp_path: Path, suffix: str, start: bytes) -> None:
    run = open_run(write_run(tmp_path / "0001", make_plan()))
    drawn = set()
    for _ in range(4):  # the layout's solver used to differ in one of about twenty calls
        plot(run, tmp_path / f"figure{suffix}")
        drawn.add((tmp_path / f"figure{suffix}").read_bytes())
    assert len(drawn) == 1
    assert drawn.pop().startswith(start)


def test_the_layout_is_fixed_to_four_digits(tmp_path: Path) -> None:
    run = open_run(write_run(tmp_path / "0001", make_plan()))
    figure = draw(subject(run, None, STYLES["default"]))
    figure.draw_without_rendering()  # no layout engine moves them any more
    bounds = [axes.get_position().bounds for axes in figure.axes]
    np.testing.assert_allclose(bounds, np.round(bounds, 4), rtol=0, atol=1e-15)


@pytest.mark.parametrize("plan", [make_plan(interfaces=3), make_plan(interfaces=12, steps=100), constant_plan()])
def test_many_interfaces_and_constant_load_can_be_drawn(tmp_path: Path, plan: Plan) -> None:
    plot(open_run(write_run(tmp_path / "0001", plan)), tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 20_000


def test_events_are_marked_on_every_axis_of_time(tmp_path: Path) -> None:
    fault = Event("dip", 3.0, "fault", Target("ieee14", "bus", 4), 2.0, None, 0.3)
    late = Event("late", 12.0, "open", Target("ieee14", "line", "Line_3"))
    run = open_run(write_run(tmp_path / "0001", replace(make_plan(), events=(fault, late))))
    factor, upper, lower, volts, reaction = draw(subject(run, None, STYLES["default"])).axes
    for axes in (factor, upper, lower, volts):
        lines = [line for line in axes.lines if list(line.get_xdata()) in ([3.0, 3.0], [12.0, 12.0])]
        assert len(lines) == 2
        assert any(patch.get_extents().width > 0 for patch in axes.patches)
    assert {text.get_text() for text in volts.texts} == {"dip", "late"}
    assert not reaction.texts


def test_refusals(tmp_path: Path) -> None:
    run = open_run(write_run(tmp_path / "0001", make_plan(interfaces=2)))
    with pytest.raises(ResultsError, match=r"figure\.gif: a figure is written as \.png, \.svg or \.pdf"):
        plot(run, tmp_path / "figure.gif")
    with pytest.raises(UnknownQuantity, match=r"^ieee14_ieee34 has no interface bus44; did you mean bus4\?$"):
        plot(run, tmp_path / "figure.png", "bus44")
    empty = open_run(write_run(tmp_path / "0002", make_plan(), {}, state="failed", cause="no free port"))
    with pytest.raises(ResultsError, match="has no completed step to draw: no free port"):
        plot(empty, tmp_path / "figure.png")
    lacking = make_journals(make_plan())
    del lacking["ieee34"]["bus4/multiplier"]
    with pytest.raises(ResultsError, match="cannot be drawn: bus4/multiplier was not recorded"):
        plot(open_run(write_run(tmp_path / "0003", make_plan(), lacking)), tmp_path / "figure.png")


def test_load_factor_has_the_band_of_its_profile(tmp_path: Path) -> None:
    plan = make_plan()
    axes = Figure().add_subplot()
    panels.load_factor(axes, recorded(tmp_path, plan), panels.inks(plan.interfaces))
    band = axes.patches[0].get_window_extent().transformed(axes.transData.inverted())
    assert (band.y0, band.y1) == (pytest.approx(0.95), pytest.approx(1.05))
    assert words_above(axes) == ["mean ± 2 std"]


def test_power_shows_drawn_and_delivered_apart(tmp_path: Path) -> None:
    plan = make_plan()
    figure = Figure()
    upper, lower = figure.add_subplot(211), figure.add_subplot(212)
    panels.power(upper, lower, recorded(tmp_path, plan), panels.inks(plan.interfaces))
    drawn, delivered = upper.lines
    columns = make_journals(plan)
    np.testing.assert_array_equal(drawn.get_ydata(), columns["ieee14"]["bus4/drawn_p_mw"])
    np.testing.assert_array_equal(delivered.get_ydata(), columns["ieee34"]["bus4/p_mw"])
    assert drawn.get_drawstyle() == "steps-pre"  # the value belongs to the step that ends at its time
    assert (drawn.get_linestyle(), delivered.get_linestyle()) == ("-", "None")


@pytest.mark.parametrize(
    ("minimum", "maximum", "words", "lines"),
    [
        (0.95, 1.05, "required 0.95 to 1.05 pu (off the axis)", 0),
        (None, 1.02, "required at most 1.02 pu", 1),
        (1.005, 1.02, "required 1.005 to 1.02 pu", 2),
    ],
)
def test_voltage_shows_limits_without_flattening_the_curve(
    tmp_path: Path, minimum: float | None, maximum: float, words: str, lines: int
) -> None:
    plan = make_plan(requirements=(replace(ASKED, minimum=minimum, maximum=maximum),))
    axes = Figure().add_subplot()
    panels.voltage(axes, recorded(tmp_path, plan), panels.inks(plan.interfaces), plan.requirements)
    assert words_above(axes) == [words]
    assert [np.asarray(line.get_ydata()).size for line in axes.lines[1:]].count(2) == lines


def test_reaction_states_slope_and_r_squared(tmp_path: Path) -> None:
    plan = make_plan()
    axes = Figure().add_subplot()
    panels.reaction(axes, recorded(tmp_path, plan), panels.inks(plan.interfaces))
    assert words_above(axes) == ["−0.00133 pu/MW, r² = 1.000"]


def test_long_runs_are_told_in_hours(tmp_path: Path) -> None:
    plan = make_plan(steps=24, profile=Sinusoid(0.3, 86400.0))
    plan = replace(plan, simulation=replace(plan.simulation, step_s=3600.0, stop_s=86400.0))
    axes = Figure().add_subplot()
    panels.voltage(axes, recorded(tmp_path, plan), panels.inks(plan.interfaces), ())
    assert axes.get_xlabel() == "time (h)"
    assert float(np.asarray(axes.lines[0].get_xdata())[-1]) == 24.0
