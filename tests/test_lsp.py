"""The language server as an editor sees it: a process, spoken to over its standard streams."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from lsp_client import Client, at

from tdscen.cli import main

ROOT = Path(__file__).parent.parent
FEEDER = ROOT / "scenarios" / "feeders" / "ieee34"
STUDY = (ROOT / "scenarios" / "ieee14_ieee34.tds").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A feeder that was never looked at: its text is not that of another."""
    found = tmp_path_factory.mktemp("editor")
    shutil.copytree(FEEDER, found / "feeders" / "ieee34")
    with (found / "feeders" / "ieee34" / "ieee34.dss").open("a", encoding="utf-8") as file:
        file.write(f"\n! {found}\n")
    return found


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[Client]:
    pytest.importorskip("pygls", reason="the extra tdscen[editor] is not installed")
    found = Client(folder)
    yield found
    if found.process.poll() is None:
        assert found.leave() == 0


def test_a_session(client: Client, folder: Path) -> None:
    """Unknown models are probed beside the loop; then everything that the issue names, on text that is not saved."""
    text = STUDY.replace("ieee14.bus[4]", "ieee14.bus[40]").replace("step = 1 s", "step = 1")
    document = client.open(folder / "study.tds", text)
    first = client.diagnostics(document, 1)
    assert "TDS306" in [d["code"] for d in first]  # what needs no model is said at once
    progress = [client.wait("$/progress")["value"] for _ in range(2)]
    assert [value["kind"] for value in progress] == ["begin", "end"]
    assert "feeders/ieee34/ieee34.dss" in progress[0]["message"]
    found = client.diagnostics(document, 1)
    assert [d["code"] for d in found] == ["TDS204", "TDS306"]
    assert found[0]["range"]["start"] == at(text, "ieee14.bus[40]", after=False)
    assert "did you mean 4?" in found[0]["message"]

    answer = client.ask("textDocument/completion", textDocument=document, position=at(text, "ieee14.bus["))
    buses = {item["label"]: item for item in answer["items"]}
    assert buses["4"]["detail"] == "BUS4, 69 kV, load 47.8 MW, 10 MVAr"
    edit = buses["4"]["textEdit"]
    assert edit["newText"] == "4"
    assert edit["range"]["start"] == at(text, "ieee14.bus[")

    there = at(text, "step =", after=False)
    actions = client.ask(
        "textDocument/codeAction",
        textDocument=document,
        range={"start": there, "end": at(text, "step = 1")},
        context={"diagnostics": []},
    )
    assert [a["title"] for a in actions] == ["Change to 1 s"]
    (change,) = actions[0]["edit"]["changes"][document["uri"]]
    assert change["newText"] == "1 s"

    mended = STUDY
    client.change(document, 2, mended)
    assert client.diagnostics(document, 2) == []
    hover = client.ask("textDocument/hover", textDocument=document, position=at(mended, "ieee14.bus[4"))
    assert "47.8 MW" in hover["contents"]["value"]
    where = client.ask("textDocument/definition", textDocument=document, position=at(mended, "= wob"))
    assert where["range"]["start"] == at(mended, "profile ")
    renamed = client.ask("textDocument/rename", textDocument=document, position=at(mended, "= wob"), newName="gusts")
    assert [e["newText"] for e in renamed["changes"][document["uri"]]] == ["gusts", "gusts"]
    refused = client.exchange("textDocument/rename", textDocument=document, position=at(mended, "= wob"), newName="4x")
    assert "not a name" in refused["error"]["message"]
    outline = client.ask("textDocument/documentSymbol", textDocument=document)
    assert "bus4" in [symbol["name"] for symbol in outline]
    assert client.ask("textDocument/foldingRange", textDocument=document)
    untidy = mended.replace("step = 1 s", "step    = 1 s")
    client.change(document, 3, untidy)
    options = {"tabSize": 2, "insertSpaces": True}
    (layout,) = client.ask("textDocument/formatting", textDocument=document, options=options)
    assert layout["newText"] == mended
    where = client.ask("textDocument/definition", textDocument=document, position=at(untidy, "= wob"))
    assert where["range"]["start"] == at(untidy, "profile ")


def test_in_the_middle_of_typing(client: Client, folder: Path) -> None:
    """A text that does not parse is completed, hovered over and outlined; columns before the place are UTF-16."""
    text = STUDY.replace("load         = wobble", "load         = wobble  # \U0001f50c שלום").replace(
        "= wobble", "= wob * ("
    )
    text = text.replace('scenario "IEEE', 'scenario "\U0001f50c\U0001f50c; IEEE') + "profile second = \n"
    document = client.open(folder / "typing.tds", text)
    codes = {d["code"] for d in client.diagnostics(document, 1)}
    assert codes & {"TDS101", "TDS103"}
    found = client.ask("textDocument/completion", textDocument=document, position=at(text, "profile second = "))
    assert {"wobble", "normal"} <= {item["label"] for item in found["items"]}
    line = "parameter \U0001f50c = 1 ; parameter other = wob"
    client.change(document, 2, STUDY + line)
    found = client.ask("textDocument/completion", textDocument=document, position=at(STUDY + line, "other = wob"))
    wobble = next(item for item in found["items"] if item["label"] == "wobble")
    assert wobble["textEdit"]["range"]["start"] == at(line_of(STUDY) + line, "other = ")
    outline = client.ask("textDocument/documentSymbol", textDocument=document)
    assert "ieee34" in [symbol["name"] for symbol in outline]


def line_of(text: str) -> str:
    """As many empty lines as a text has lines."""
    return "\n" * text.count("\n")


def test_two_documents_of_one_study(client: Client, folder: Path) -> None:
    """The included file is read as it stands in the editor; a name is changed in both."""
    shared, main = folder / "shared.tds", folder / "main.tds"
    profile = "profile wobble = constant(1)\n"
    start = STUDY.index("profile wobble")
    text = STUDY[:start] + 'include "shared.tds"\n' + STUDY[STUDY.index("\n", start) :]
    part = client.open(shared, profile)
    document = client.open(main, text)
    assert client.diagnostics(document, 1) == []
    renamed = client.ask("textDocument/rename", textDocument=document, position=at(text, "= wob"), newName="gusts")
    assert {uri: len(edits) for uri, edits in renamed["changes"].items()} == {part["uri"]: 1, document["uri"]: 1}
    client.change(part, 2, "profile wobbel = constant(1)\n")
    assert "TDS201" in [d["code"] for d in client.diagnostics(document, 1)]
    client.tell("textDocument/didClose", textDocument=part)
    assert "TDS106" in [d["code"] for d in client.diagnostics(document, 1)]  # it was never saved


def test_without_a_shutdown_the_exit_says_so(folder: Path) -> None:
    pytest.importorskip("pygls", reason="the extra tdscen[editor] is not installed")
    client = Client(folder)
    client.tell("exit")
    assert client.process.wait(30) == 1


def test_without_pygls_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    answer = CliRunner().invoke(main, ["lsp"])
    assert answer.exit_code == 1
    assert "pip install 'tdscen[editor]'" in answer.output
