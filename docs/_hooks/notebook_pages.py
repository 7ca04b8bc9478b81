"""The notebook of the lesson as a page of the site, with the outputs that it is committed with: a hook of mkdocs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

DOCS = Path(__file__).resolve().parents[1]
NOTEBOOKS = ("lesson",)


def on_files(files: Files, config: Any) -> Files:
    """Add a page for each notebook; the notebook itself stays beside it."""
    for name in NOTEBOOKS:
        files.append(File.generated(config, f"{name}.md", content=page(DOCS / f"{name}.ipynb")))
    return files


def page(notebook: Path) -> str:
    """The notebook as Markdown; what its cells showed as HTML stays HTML."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    parts = [part for cell in cells for part in _cell(cell)]
    title, _, rest = parts[0].partition("\n")
    download = f"[This page is a notebook]({notebook.name}); what it shows is what it gave when it was run last."
    return "\n\n".join([title, download, rest.strip(), *parts[1:]]) + "\n"


def _cell(cell: dict[str, Any]) -> Iterator[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source
        return
    magic, _, scenario = source.partition("\n")
    if magic.startswith("%%tds"):
        yield f'```tds title="{magic}"\n{scenario}\n```'
    else:
        yield f"```python\n{source}\n```"
    for output in cell["outputs"]:
        yield from _output(output)


def _output(output: dict[str, Any]) -> Iterator[str]:
    data = {kind: "".join(content) for kind, content in output.get("data", {}).items()}
    if output["output_type"] == "stream":
        yield _text("".join(output["text"]).rstrip())
    elif "text/html" in data:
        if data["text/html"]:  # a progress bar has been cleared
            yield f'<div class="shown">{data["text/html"]}</div>'
    elif "image/png" in data:
        picture = "".join(data["image/png"].split())
        yield f'<div><img alt="what the cell above drew" src="data:image/png;base64,{picture}"></div>'
    elif data.get("text/plain"):
        yield _text(data["text/plain"])


def _text(shown: str) -> str:
    """Output as it stood; `shown` is a class of `assets/site.css`, where long lines go on below."""
    return f"```{{ .text .shown }}\n{shown}\n```"
