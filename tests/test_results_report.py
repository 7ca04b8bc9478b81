"""The report of a run: the same bytes, nothing unescaped, and drawn by a real browser that asks for nothing."""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser import PROGRAM, Browser
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from run_folders import make_journals, make_plan, write_run

from tdscen.cli import main
from tdscen.plan import Event, Target
from tdscen.results import open_run
from tdscen.results.errors import ResultsError
from tdscen.results.report.charts import MOST_TRACES, SPREAD, charts
from tdscen.results.report.page import page
from tdscen.results.run import Run

in_browser = pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine (apt-get install chromium)")

INK = """[...document.querySelectorAll("canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let inked = 0;
  for (let k = 3; k < data.length; k += 4) if (data[k]) inked++;
  return inked;
})"""
PIXELS = 'document.querySelector("canvas").toDataURL()'


def a_run(tmp_path: Path, interfaces: int = 1) -> Run:
    fault = Event("dip", 3.0, "fault", Target("ieee14", "bus", 4), 2.0, None, 0.3)
    plan = replace(make_plan(interfaces=interfaces), events=(fault,))
    return open_run(write_run(tmp_path / "0001", plan))


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    assert page(run) == page(open_run(run.folder))


def test_the_page_carries_what_was_recorded(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    text = page(run)
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])  # type: ignore[index]
    voltage = next(chart for chart in data["charts"] if chart["title"] == "Interface voltage")
    [[name, packed]] = voltage["traces"]
    found = np.frombuffer(base64.b64decode(packed), "<f4")
    assert name == "bus4"
    np.testing.assert_allclose(found, make_journals(run.plan)["ieee14"]["bus4/v_pu"], rtol=1e-7)
    assert data["events"] == [{"at_s": 3.0, "name": "dip", "until_s": 5.0}]
    for outcome in ("interface voltage", run.plan.source_sha256, "23.3018"):
        assert outcome in text


def test_many_interfaces_are_shown_as_their_spread(tmp_path: Path) -> None:
    run = a_run(tmp_path, MOST_TRACES + 1)
    chart = charts(run)[0]
    assert [name for name, _ in chart.traces] == [name for _, name in SPREAD]
    assert chart.members == tuple(interface.name for interface in run.plan.interfaces)
    assert chart.detail is not None


def test_a_run_without_a_step_is_refused(tmp_path: Path) -> None:
    empty = open_run(write_run(tmp_path / "0002", make_plan(), {}, state="failed", cause="no free port"))
    with pytest.raises(ResultsError, match="has no completed step to report: no free port"):
        page(empty)


@settings(max_examples=40, deadline=None)
@given(
    words=st.one_of(
        st.sampled_from(["</script><script>alert(1)</script>", "<!--", "'\"><img src=x onerror=alert(1)>"]),
        st.text(min_size=1),
    )
)
def test_no_word_of_a_scenario_becomes_markup(words: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    run = a_run(tmp_path_factory.mktemp("run"))
    hostile = replace(
        run.plan,
        title=words,
        source=words,
        events=tuple(replace(event, name=words) for event in run.plan.events),
        interfaces=tuple(replace(i, scale=replace(i.scale, derivation=words)) for i in run.plan.interfaces),
    )
    text = page(replace(run, plan=hostile, info=run.info | {"versions": {words: words}, "models": {words: words}}))
    calm = page(run)
    # As many tags as in the page of the harmless run, and the few rows that `versions` and `models` add.
    added = {"tr": 2, "td": 4, "code": 1}
    for tag in ("script", "img", "style", "svg", "a", "title", "tr", "td", "code"):
        assert len(re.findall(f"<{tag}[ >]", text)) == len(re.findall(f"<{tag}[ >]", calm)) + added.get(tag, 0)
    assert f"<h1>{html.escape(words).replace('&#x27;', '&#39;').replace('&quot;', '&#34;')}</h1>" in text


@in_browser
def test_a_browser_draws_it_without_asking_for_anything(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page(a_run(tmp_path)), "utf-8", newline="\n")
    with Browser(tmp_path / "profile") as browser:
        browser.open(path)
        inked = browser.run(INK)
        assert (
            len(inked)
            == int(browser.run("document.documentElement.dataset.charts"))
            == len(charts(a_run(tmp_path / "again")))
        )
        assert min(inked) > 2000
        whole = browser.run(PIXELS)

        browser.run('document.querySelector(".traces button").click()')
        assert browser.run('document.querySelector(".traces button").className') == "off"
        assert browser.run(PIXELS) != whole
        browser.run('document.querySelector(".traces button").click()')
        assert browser.run(PIXELS) == whole

        browser.run('document.querySelector("canvas").scrollIntoView()')
        box = browser.run(
            '(({x, y, width}) => [x, y, width])(document.querySelector("canvas").getBoundingClientRect())'
        )
        x, y = box[0] + 0.4 * box[2], box[1] + 80
        browser.mouse("Pressed", x, y)
        browser.mouse("Moved", x + 100, y)
        assert browser.run('document.querySelector(".reading").textContent').startswith("t = ")
        browser.mouse("Released", x + 100, y)
        zoomed = browser.run(PIXELS)
        assert zoomed != whole
        browser.run('document.querySelector("canvas").dispatchEvent(new MouseEvent("dblclick"))')
        assert browser.run(PIXELS) == whole

        browser.run('document.getElementById("theme").click()')
        assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 28)"
        assert browser.requests() == [path.resolve().as_uri()]
        assert not browser.told("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")


def test_the_command(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    done = CliRunner().invoke(main, ["report", str(run.folder)])
    assert (done.exit_code, done.output) == (0, f"report: {(run.folder / 'report.html').as_posix()}\n")
    assert (run.folder / "report.html").read_text("utf-8") == page(run)
    refused = CliRunner().invoke(main, ["report", str(tmp_path / "none")])
    assert refused.exit_code == 1
    assert "is not a folder; give a run" in refused.output
