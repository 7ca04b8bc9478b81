"""The report of a run: the same bytes, nothing unescaped, and drawn by a real browser that asks for nothing."""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from browser import PROGRAM, Browser
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from run_folders import make_journals, make_plan, write_run

from tdscen.cli import main
from tdscen.plan import Event, FeederFederate, Target
from tdscen.profiles import Sinusoid
from tdscen.results import open_run
from tdscen.results.errors import ResultsError
from tdscen.results.report import along
from tdscen.results.report.charts import CENTRE, MOST_TRACES, SPREAD, charts
from tdscen.results.report.page import MOST_ROWS, page
from tdscen.results.run import Run
from tdscen.runtime.node_voltages import NodeVoltages

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


def test_the_centre_of_inertia_stands_beside_the_spread_of_the_speeds(tmp_path: Path) -> None:
    plan = make_plan()
    journals = make_journals(plan)
    journals["ieee14"]["ieee14/coi/omega_pu"] = np.full(16, 0.999)
    few = next(c for c in charts(open_run(write_run(tmp_path / "1", plan, journals))) if c.title == "Generator speed")
    assert [name for name, _ in few.traces][-1] == CENTRE
    journals["ieee14"] |= {f"ieee14/generator[G{i}]/omega_pu": np.full(16, 1.0) for i in range(MOST_TRACES)}
    many = next(c for c in charts(open_run(write_run(tmp_path / "2", plan, journals))) if c.title == "Generator speed")
    assert [name for name, _ in many.traces] == [*(name for _, name in SPREAD), CENTRE]
    assert CENTRE not in many.members
    [lowest, *_, centre] = [np.frombuffer(base64.b64decode(packed), "<f4") for _, packed in many.traces]
    assert lowest.min() > centre.max() == np.float32(0.999)


def test_the_page_shows_what_was_written_and_who_drew_by_which_seed(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    assert "The run has no copy of the scenario" not in page(run)  # and no parameter: nothing to show
    files = {"zz.tds": "first\n", "common/feeder.tds": "</code> second\n", "command-line.txt": "--set k=2\n"}
    for path, words in files.items():
        (run.folder / "scenario" / path).parent.mkdir(parents=True, exist_ok=True)
        (run.folder / "scenario" / path).write_text(words)
    plan = replace(run.plan, name="zz", parameters=(("k", "2"), ("clearing", "80 ms")))
    drawn = {"bus4": [981], "bus5": [981], "bus6": [7, 8], "bus7": []}
    text = page(replace(run, plan=plan, info=run.info | {"seeds": drawn}))
    places = [text.index(words) for words in (">first<", "--set k=2", "&lt;/code&gt; second")]
    assert places[0] < min(places[1:])
    assert "<td>clearing</td><td><code>80 ms</code></td>" in text
    for cell in ("seed 981", "bus4, bus5", "seed 7, 8", "bus6"):
        assert re.search(f"<td[^>]*>{cell}</td>", text)
    assert "bus7<" not in text


def test_what_the_tables_leave_out_is_said(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    names = [run.plan.transmission.name, *(f"f{i}" for i in range(MOST_ROWS + 4))]
    spent = {"connect_s": 1.0, "load_s": 1.0, "equilibrium_s": 1.0, "loop_s": 1.0, "waiting_s": 0.5}
    plan = replace(run.plan, feeder_federates=tuple(FeederFederate(name, ("bus4",)) for name in names[1:]))
    info = run.info | {"timings": {"wall_s": 2.0, "federates": dict.fromkeys(names, spent)}}
    assert "and 5 more federates: <code>tdscen results RUN --profile</code> prints all" in page(
        replace(run, plan=plan, info=info)
    )


def test_a_long_run_is_thinned_without_losing_its_extremes(tmp_path: Path) -> None:
    plan = make_plan(steps=20_000, profile=Sinusoid(0.3, 86400.0))
    run = open_run(write_run(tmp_path / "0001", plan))
    text = page(run)
    assert "The run has 20001 communication times, a chart 5000 points" in text
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])  # type: ignore[index]
    assert data["hours"]
    time_s = np.frombuffer(base64.b64decode(data["time_s"]), "<f8")
    [[_, packed]] = data["charts"][0]["traces"]
    drawn, recorded = np.frombuffer(base64.b64decode(packed), "<f4"), run.recording.column("bus4/v_pu")
    assert len(time_s) == len(drawn) == 5000
    assert (time_s[0], time_s[-1]) == (0.0, 20_000.0)
    assert (drawn.min(), drawn.max()) == (np.float32(recorded.min()), np.float32(recorded.max()))


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


TEXTS = """(() => {
  const told = [], pen = CanvasRenderingContext2D.prototype, plain = pen.fillText;
  pen.fillText = function (text, ...where) {
    told.push([this.canvas.getAttribute("aria-label"), text]);
    plain.call(this, text, ...where);
  };
  window.dispatchEvent(new Event("resize"));
  pen.fillText = plain;
  return told;
})()"""


@in_browser
def test_charts_name_their_events_and_count_in_whole_numbers(tmp_path: Path) -> None:
    path, run = tmp_path / "report.html", a_run(tmp_path, 8)
    path.write_text(page(run), "utf-8", newline="\n")
    titles = [f"{chart.title} over time" for chart in charts(run)]
    with Browser(tmp_path / "profile") as browser:
        browser.open(path)
        told = browser.run(TEXTS)
        assert [title for title, text in told if text == "dip"] == titles
        steps = [text for title, text in told if title.startswith("Tap and capacitor") and text != "dip"]
        assert [text for text in steps if not text.endswith(" s")] == ["0", "1"]  # none between
        # The seventh trace has the first colour again, dashed; borders are printed, backgrounds are not.
        swatches = browser.run(
            '[...document.querySelector(".traces").querySelectorAll(".swatch")]'
            ".map((each) => [each.style.borderColor, getComputedStyle(each).borderTopStyle])"
        )
        assert [style for _, style in swatches] == ["solid"] * 6 + ["dashed"] * 2
        assert [ink for ink, _ in swatches[6:]] == [ink for ink, _ in swatches[:2]]


SLANTS = """(() => {
  const slants = {}, pen = CanvasRenderingContext2D.prototype, plain = [pen.moveTo, pen.lineTo];
  let at = null;
  pen.moveTo = function (x, y) { at = [x, y]; plain[0].call(this, x, y); };
  pen.lineTo = function (x, y) {
    const title = this.canvas.getAttribute("aria-label"), slant = Math.min(Math.abs(x - at[0]), Math.abs(y - at[1]));
    slants[title] = (slants[title] || 0) + (slant > 1e-6);
    at = [x, y];
    plain[1].call(this, x, y);
  };
  window.dispatchEvent(new Event("resize"));
  [pen.moveTo, pen.lineTo] = plain;
  return slants;
})()"""


@in_browser
def test_what_counts_is_drawn_as_steps(tmp_path: Path) -> None:
    path, run = tmp_path / "report.html", a_run(tmp_path)
    assert np.ptp(run.recording.column("bus4/taps_moved")) > 0
    path.write_text(page(run), "utf-8", newline="\n")
    with Browser(tmp_path / "profile") as browser:
        browser.open(path)
        slants = {title.removesuffix(" over time"): count for title, count in browser.run(SLANTS).items()}
    assert slants["Interface voltage"] > 0
    assert slants[next(title for title in slants if title.startswith("Tap and capacitor"))] == 0


CHOOSE = """(() => { const select = document.querySelector("#along select");
  select.selectedIndex = %d; select.dispatchEvent(new Event("change")); })()"""


@dataclass(frozen=True)
class Branching:
    """A feeder of three buses: two phases to the first, one of them on to the second and to the third."""

    names = ("s.1", "s.2", "m.1", "m.2", "e.1", "x.1", "far.3")
    distance = (0.0, 0.0, 2.0, 2.0, 5.0, 3.5, None)
    before = (None, None, 0, 1, 2, 2, None)
    unit = "km"
    off: float = 0.0

    def nodes(self) -> Branching:
        return self

    def node_voltages_pu(self) -> tuple[int, np.ndarray]:
        last = np.array([1.0, 1.0, 0.98, 0.97, 0.95, np.nan, 0.9]) + self.off
        return 16, np.array([last, last - 0.02, last + 0.01, last])


def with_voltages(run: Run, count: int) -> Run:
    names = [interface.name for interface in run.plan.interfaces[:count]]
    feeders = [Branching(0.01 * i) for i in range(count)]
    NodeVoltages(feeders, names, ["ieee34"] * count).write(run.folder, "ieee34")
    return run


def test_voltages_along_the_feeders_are_those_that_were_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = with_voltages(a_run(tmp_path, 2), 2)
    text = page(run)
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])["along"]  # type: ignore[index]
    assert [feeder["name"] for feeder in data["feeders"]] == ["bus4", "bus5"]
    model = data["models"]["ieee34"]
    assert (model["before"], model["phase"]) == ([-1, -1, 0, 1, 2, 2, -1], [1, 2, 1, 2, 1, 1, 3])
    kept = np.frombuffer(base64.b64decode(data["feeders"][1]["values"]), "<f4").reshape(3, 7)
    lowest, highest, last = Branching(0.01).node_voltages_pu()[1][1:]
    np.testing.assert_array_equal(kept, np.array([lowest, highest, last], "<f4"))
    assert "at any of 16 recorded times" in text
    assert "would make the page too large" not in text
    assert "No voltages along the feeders were kept" not in text
    assert "No voltages along the feeders were kept" in page(a_run(tmp_path / "without"))
    monkeypatch.setattr(along, "MOST_BYTES", 100)
    assert "1 more feeders would make the page too large" in page(run)


@in_browser
def test_a_browser_draws_the_voltages_along_a_feeder(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page(with_voltages(a_run(tmp_path, 2), 2)), "utf-8", newline="\n")
    canvas = 'document.querySelector("#along canvas")'
    with Browser(tmp_path / "profile") as browser:
        browser.open(path)
        assert int(browser.run("document.documentElement.dataset.charts")) == len(browser.run(INK))
        assert browser.run(INK)[-1] > 2000
        first = browser.run(f"{canvas}.toDataURL()")
        browser.run('document.querySelector("#along .traces button").click()')
        assert browser.run(f"{canvas}.toDataURL()") != first
        browser.run('document.querySelector("#along .traces button").click()')
        assert browser.run(f"{canvas}.toDataURL()") == first
        browser.run(f"{canvas}.scrollIntoView()")
        x, y, width = browser.run(f"(({{x, y, width}}) => [x, y, width])({canvas}.getBoundingClientRect())")
        browser.mouse("Moved", x + 66 + 1, y + 30)  # left edge: the source
        reading = browser.run('document.querySelector("#along .reading").textContent')
        assert re.match(r"s\.[12] at 0 km: 0\.98 to 1\.01 pu, at last 1$", reading)
        browser.mouse("Pressed", x + 0.3 * width, y + 80)
        browser.mouse("Moved", x + 0.6 * width, y + 80)
        browser.mouse("Released", x + 0.6 * width, y + 80)
        assert browser.run(f"{canvas}.toDataURL()") != first
        browser.run(CHOOSE % 1)
        second = browser.run(f"{canvas}.toDataURL()")
        browser.run(CHOOSE % 0)
        assert browser.run(f"{canvas}.toDataURL()") == first != second
        assert not browser.told("Runtime.exceptionThrown", "Runtime.consoleAPICalled")


@in_browser
def test_a_hundred_interfaces_are_all_drawn(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page(with_voltages(a_run(tmp_path, 100), 100)), "utf-8", newline="\n")
    with Browser(tmp_path / "profile") as browser:
        browser.open(path)
        assert not browser.told("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")
        inked = browser.run(INK)
        assert len(inked) == int(browser.run("document.documentElement.dataset.charts"))
        assert min(inked) > 2000
        choices = browser.run('[...document.querySelectorAll("select")].map((each) => each.options.length)')
        assert choices.count(101) >= 6  # "add one of 100", and each of them
        assert choices[-1] == 100  # the feeders along which voltages are drawn
        assert browser.requests() == [path.resolve().as_uri()]


PAPER_PX = 718
"""A4 between margins of 1 cm, at the 96 px of CSS an inch."""

CLOSED = 'document.querySelectorAll("details:not([open])").length'
OVERHANG = """[...document.querySelectorAll("canvas, table, pre, svg")]
  .map((each) => each.getBoundingClientRect()).filter((box) => box.right > innerWidth + 1 || box.width === 0).length"""
HIDDEN = 'getComputedStyle(document.getElementById("theme")).display'


@in_browser
def test_on_paper_it_is_light_and_nothing_is_cut_off(tmp_path: Path) -> None:
    path, run = tmp_path / "report.html", a_run(tmp_path, MOST_TRACES + 1)
    (run.folder / "scenario").mkdir()
    for name in (f"{run.plan.name}.tds", "feeder.tds"):
        (run.folder / "scenario" / name).write_text("# a comment that is rather long\n" * 30)
    path.write_text(page(run), "utf-8", newline="\n")
    with Browser(tmp_path / "profile") as browser:
        browser.open(path)
        browser.run('document.getElementById("theme").click()')  # dark
        paper = {"paperWidth": 8.27, "paperHeight": 11.69, "marginTop": 0.4, "marginBottom": 0.4}
        pdf = base64.b64decode(browser.call("Page.printToPDF", **paper)["data"])
        assert pdf.startswith(b"%PDF")
        assert 2 <= len(re.findall(rb"/Type /Page\b", pdf)) <= 6
        browser.call("Emulation.setEmulatedMedia", media="print")
        browser.call(
            "Emulation.setDeviceMetricsOverride", width=PAPER_PX, height=1000, deviceScaleFactor=1, mobile=False
        )
        assert browser.run(CLOSED) == 2  # the include, and how the scales came about
        browser.run('window.dispatchEvent(new Event("beforeprint"))')
        assert browser.run(CLOSED) == 0
        assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert browser.run(HIDDEN) == "none"
        assert browser.run(OVERHANG) == 0
        assert min(browser.run(INK)) > 2000
        browser.run('window.dispatchEvent(new Event("afterprint"))')
        assert browser.run("document.documentElement.dataset.theme") == "dark"
        assert browser.run(CLOSED) == 2  # the include, and how the scales came about


def test_the_command(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    done = CliRunner().invoke(main, ["report", str(run.folder)])
    assert (done.exit_code, done.output) == (0, f"report: {(run.folder / 'report.html').as_posix()}\n")
    assert (run.folder / "report.html").read_text("utf-8") == page(run)
    refused = CliRunner().invoke(main, ["report", str(tmp_path / "none")])
    assert refused.exit_code == 1
    assert "is not a folder; give a run" in refused.output
