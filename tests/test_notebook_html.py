"""Scenarios and runs as notebooks show them: everything that a terminal says, and no markup of a scenario's writer."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

from run_folders import make_plan, write_run

import tdscen
from tdscen.api.running import Progress
from tdscen.api.scenario import rendered
from tdscen.notebook.progress import Line, html
from tdscen.results.notebook import small_plot
from tdscen.runtime.progress import FederateProgress

WRONG = """scenario "<script>alert('title')</script>"
transmission ieee14 { case = "ieee14/ieee14_full.xlsx" }
interface bus4 { transmission = ieee14.bus[4]; distribution = "<img src=x onerror=alert(1)>" }  # <b>&amp;</b>
simulation { step = 1 s; stop = 3 "</pre><script>" }
"""


def shown(html: str) -> str:
    """The text that a browser shows."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_diagnostics_are_the_text_of_check_and_nothing_of_them_is_markup() -> None:
    scenario = tdscen.load(WRONG, name="wrong")
    html = scenario._repr_html_()
    assert not scenario.sound
    assert {element.tag for element in ElementTree.fromstring(html).iter()} <= {"div", "pre", "b", "span"}
    for text in rendered(scenario.checked):
        assert text in shown(html)
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "✗ wrong: " in html


def test_a_run_shows_its_figures_without_wall_time_or_path(tmp_path: Path) -> None:
    title = "<script>alert(1)</script>"
    plan = replace(make_plan(), title=title, name="a<b")
    run = tdscen.open_run(write_run(tmp_path / "0001", plan))
    html = run._repr_html_()
    as_xml = re.sub(r"(<img [^>]*)>", r"\1/>", html)
    found = {element.tag for element in ElementTree.fromstring(as_xml).iter()}
    assert found == {"div", "b", "table", "thead", "tbody", "tr", "th", "td", "img"}
    text = shown(html)
    assert title in text
    for outcome in run.summary.outcomes:
        assert outcome.sentence in text
    assert str(tmp_path) not in html
    assert "wall" not in text
    assert html == tdscen.open_run(run.folder)._repr_html_()
    assert repr(run) == "<Run a<b 0001: complete, 15 of 15 steps>"


def test_a_run_that_failed_before_its_first_step_says_why(tmp_path: Path) -> None:
    plan = make_plan()
    run = tdscen.open_run(write_run(tmp_path / "0001", plan, {}, state="failed", cause="no <feeder>"))
    assert "Not complete: no &lt;feeder&gt;" in run._repr_html_()
    assert "<img" not in run._repr_html_()


def test_the_picture_is_a_picture_of_a_few_kilobytes(tmp_path: Path) -> None:
    run = tdscen.open_run(write_run(tmp_path / "0001", make_plan(interfaces=3)))
    content = small_plot(run)
    assert content.startswith(b"\x89PNG")
    assert 5_000 < len(content) < 100_000


def test_progress_in_a_terminal_is_one_line_that_goes_away(tmp_path: Path) -> None:
    federates = (FederateProgress("<b>", "running", 7.0, 3, 1.0), FederateProgress("d", "loading", None, 0, 1.0))
    half, whole = Progress(tmp_path, federates, 15.0), Progress(tmp_path, federates[:1], 15.0)
    assert half.reached_s == 0.0
    assert html(whole).endswith("<code>7 of 15 s (&lt;b&gt; running)</code>")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        with Line(stream) as line:
            line(half)
            line(whole)
    assert "\r0 of 15 s (<b> running, d loading)\r7 of 15 s (<b> running)  " in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")
    assert file.getvalue() == ""
