"""Diagnostics in a notebook: the blocks that a terminal shows, as HTML in which nothing of a scenario is markup."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tdscen.api.scenario import Scenario

COLOURS = {"error": "#d1242f", "warning": "#9a6700"}
"""Both readable on white and on the dark grey of notebooks."""

_MARK = re.compile(r"(?P<gutter> *\| )(?P<marks>[ \t]*(?:\^+|-+))(?P<text>.*)")


def scenario_html(scenario: Scenario) -> str:
    """Every problem of a scenario, and one line about the whole."""
    from tdscen.api.scenario import rendered, said_of

    severities = [diagnostic.severity for diagnostic in scenario.diagnostics]
    blocks = [block_html(text, kind) for text, kind in zip(rendered(scenario.checked), severities, strict=True)]
    mark = "✓" if scenario.sound else "✗"
    return f'<div class="tdscen">{"".join(blocks)}<div>{mark} {escape(said_of(scenario))}</div></div>'


def block_html(text: str, severity: str) -> str:
    """One problem, from the lines of `render_text`: its head, its mark and its help stand out."""
    head, *lines = text.split("\n")
    code, colon, sentence = head.partition(": ")
    colour = COLOURS.get(severity, "inherit")
    said = f'<b style="color:{colour}">{escape(code)}</b>{colon}<b>{escape(sentence)}</b>'
    shown = "\n".join([said, *(_line(line, colour) for line in lines)])
    style = f"border-left:3px solid {colour};padding:0.3em 0.8em;margin:0 0 0.6em 0;overflow-x:auto;white-space:pre"
    return f'<pre style="{style}">{shown}</pre>'


def _line(line: str, colour: str) -> str:
    marked = _MARK.fullmatch(line)
    if marked:
        loud = f'<span style="color:{colour};font-weight:bold">{escape(marked["marks"] + marked["text"])}</span>'
        return f'<span style="opacity:0.6">{escape(marked["gutter"])}</span>{loud}'
    gutter, bar, rest = line.partition(" |")
    if bar and (not gutter.strip() or gutter.strip().isdigit()):
        return f'<span style="opacity:0.6">{escape(gutter + bar)}</span>{escape(rest)}'
    if line.lstrip().startswith("= help: "):
        margin, _, mend = line.partition("= help: ")
        return f"{escape(margin)}= <b>help</b>: {escape(mend)}"
    return escape(line)
