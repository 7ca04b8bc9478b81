"""The page: everything in one file, nothing from elsewhere, the same bytes for the same run.

All that comes from a scenario, a model or a run passes through Jinja's escaping, or stands as JSON without any `<` in
a block that browsers do not execute. A content security policy allows the page's own script and style, by their
hashes, and nothing else: no request can leave it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from tdscen.event_words import happenings
from tdscen.results import diagram
from tdscen.results.errors import ResultsError
from tdscen.results.profile import RunTime, run_time
from tdscen.results.recording import HOURS_FROM_S
from tdscen.results.report.along import Along, along
from tdscen.results.report.charts import charts, packed
from tdscen.results.report.thinning import Thinning
from tdscen.results.report.written import seeds, written
from tdscen.results.run import Run
from tdscen.results.summary import summary

_HERE = Path(__file__).parent
MOST_ROWS = 60
"""Interfaces in the summary's tables; the charts have all."""

_COLOURS = {name: f"var(--{name})" for name in ("paper", "ink", "faint", "line", "panel")} | {"link": "var(--t0)"}
"""Of the federation's drawing: those of the page, light or dark."""


def page(run: Run) -> str:
    """The report of a run as HTML. Raises `ResultsError` where no step is recorded."""
    if run.recording.rows == 0:
        raise ResultsError(f"{run.folder} has no completed step to report: {run.cause}")
    style = (_HERE / "page.css").read_text("utf-8") + diagram.style(**_COLOURS)
    script = "".join((_HERE / name).read_text("utf-8") for name in ("along.js", "page.js"))
    kept = along(run)
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FileSystemLoader(_HERE),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'",
        style=Markup(style),
        script=Markup(script),
        data=_json(_data(run, kept)),
        along=kept,
        run=run,
        plan=run.plan,
        federation=Markup(diagram.embedded(diagram.federation(run.plan))),
        summary=summary(run),
        time=_time(run),
        most=MOST_ROWS,
        versions=run.info.get("versions") or {},
        models=run.info.get("models") or {},
        written=written(run),
        seeds=seeds(run),
        thinning=Thinning.of(run.recording.rows),
    )


def _data(run: Run, kept: Along) -> dict[str, Any]:
    return {
        "time_s": packed(Thinning.of(run.recording.rows).times_s(run.recording.time_s), "<f8"),
        "along": {"feeders": [asdict(each) for each in kept.feeders], "models": kept.models},
        "hours": bool(run.recording.time_s[-1] >= HOURS_FROM_S),
        "charts": [asdict(chart) for chart in charts(run)],
        "events": [{"name": each.name, "at_s": each.at_s, "until_s": each.until_s} for each in happenings(run.plan)],
    }


def _json(data: dict[str, Any]) -> Markup:
    """JSON that cannot end the block it stands in."""
    return Markup(json.dumps(data, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c"))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _time(run: Run) -> RunTime | None:
    try:
        return run_time(run)
    except ResultsError:
        return None
