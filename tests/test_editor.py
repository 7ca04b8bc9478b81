"""What the editor is answered, without a protocol: pure functions of a text and what is remembered of its models."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tdscen.diagnostics import Fix
from tdscen.editor import actions, names, pieces, places
from tdscen.editor.analysis import Analysis, Memory, analyse_text
from tdscen.editor.completion import Completion, complete
from tdscen.editor.hover import hover
from tdscen.editor.symbols import folds, symbols
from tdscen.language.blocks import BLOCKS, BY_KEYWORD
from tdscen.language.models import requests
from tdscen.language.profile_functions import FUNCTIONS
from tdscen.probing import probe_all
from tdscen.source import Source, Span
from tdscen.syntax import parse

ROOT = Path(__file__).parent.parent
SCENARIOS = ROOT / "scenarios"
SAMPLES = sorted(Path(__file__).parent.glob("corpus/*valid/*.tds")) + sorted(SCENARIOS.glob("*.tds"))
HERE = SCENARIOS / "unsaved.tds"
STUDY = (SCENARIOS / "ieee14_ieee34.tds").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def memory() -> Memory:
    """The models of `STUDY`, looked at (or remembered) by the real simulators."""
    found = Memory()
    first = read(STUDY, found)
    asked = requests(first.study, first.texts)
    for request, probe in zip(asked.values(), probe_all(tuple(asked.values())), strict=True):
        found.learn(request, probe)
    return found


def read(text: str, memory: Memory, path: Path = HERE, opened: dict[Path, str] | None = None) -> Analysis:
    return analyse_text(path, text, memory, pieces.Pieces(), opened)


def offers(text: str, memory: Memory) -> dict[str, Completion]:
    """Completions at the `|` of a text."""
    return {offer.label: offer for offer in complete(read(text.replace("|", "", 1), memory), text.index("|"))}


def said(text: str, mark: str, memory: Memory) -> str:
    found = hover(read(text, memory), text.index(mark) + len(mark))
    return found.text if found else ""


# pieces


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_read_in_pieces_a_file_says_the_same(path: Path) -> None:
    source = Source.from_text(path.name, path.read_bytes().decode("utf-8-sig", "replace").replace("\0", ""))
    whole, parts = parse(source), pieces.Pieces().parse(source)
    assert repr(parts.document.items) == repr(whole.document.items)  # spans are compared, too
    assert parts.document.lost == whole.document.lost
    if "TDS105" not in {d.code for d in whole.diagnostics}:  # in pieces nobody stops after 20
        assert parts.diagnostics == whole.diagnostics


def test_after_a_change_the_rest_is_not_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, seen = pieces.Pieces(), []
    reader.parse(Source.from_text("x", STUDY))
    monkeypatch.setattr(pieces, "parse", lambda source: seen.append(source.text) or parse(source))
    changed = STUDY.replace("seed = 981", "seed = 98123")
    found = reader.parse(Source.from_text("x", changed))
    assert len(seen) == 1
    assert "98123" in seen[0]
    assert repr(found.document.items) == repr(parse(Source.from_text("x", changed)).document.items)


def test_an_unclosed_block_leaves_the_following_ones_readable() -> None:
    text = STUDY.replace('.dss"  # path beside this file\n}', '.dss"\n')
    document, problems = pieces.Pieces().parse(Source.from_text("x", text))
    assert [d.code for d in problems] == ["TDS103"]
    assert {"interface", "simulation"} <= {i.keyword.text for i in document.items if hasattr(i, "keyword")}


# places


@pytest.mark.parametrize(("encoding", "column"), [("utf-16", 11), ("utf-8", 19), ("utf-32", 9)])
def test_columns_are_counted_in_the_units_that_were_agreed(encoding: places.Encoding, column: int) -> None:
    source = Source.from_text("x", '# first\n"\U0001f50c\U0001f50cשלום" bus\n')  # two astral characters, right to left
    offset = source.text.index("bus")
    assert places.place(source, offset, encoding) == (1, column)
    assert places.offset(source, 1, column, encoding) == offset


def test_a_place_outside_of_the_text_is_its_nearest_end() -> None:
    source = Source.from_text("x", "ab\ncd\n")
    assert places.offset(source, 0, 99) == 2
    assert places.offset(source, 99, 0) == 6
    assert places.place(source, 99) == (2, 0)


# completion


def test_buses_are_offered_with_what_the_case_says_of_them(memory: Memory) -> None:
    for written in ("ieee14.bus[|4]", "ieee14.bus[|", "[ieee14.bus[2], ieee14.bus[|"):
        found = offers(STUDY.replace("ieee14.bus[4]", written, 1), memory)
        assert [key for key in found if key != "*"] == [str(i) for i in range(1, 15)]
        assert found["4"].detail == "BUS4, 69 kV, load 47.8 MW, 10 MVAr"
    assert offers(STUDY.replace("ieee14.bus[4]", "ieee14.bus[|]"), memory)["4"].insert == "4"
    assert offers(STUDY.replace("ieee14.bus[4]", "ieee14.bus[|"), memory)["4"].insert == "4]"


def test_devices_of_a_feeder_are_offered_in_quotes_or_within(memory: Memory) -> None:
    event = STUDY + "event e {\n  at = 5 s\n  open = ieee34.line[|\n}\n"
    found = offers(event, memory)
    key = next(iter(found))
    assert found[key].insert == f'"{key}"]'
    within = offers(event.replace("[|", '["|"]'), memory)
    assert set(within) == set(found)
    assert within[key].insert == key
    assert re.match(r"line, bus \S+ to \S+, closed", found[key].detail)
    observed = offers(STUDY + "observe {\n  ieee34 = [regulator[|\n}\n", memory)
    assert "*" in observed
    assert "tap" in observed[next(k for k in observed if k != "*")].detail


def test_the_file_of_a_model_says_what_it_holds(memory: Memory) -> None:
    assert "14 buses" in said(STUDY, '"ieee14/iee', memory)
    assert "38 loads" in said(STUDY, '"feeders/iee', memory)
    assert said(STUDY, 'scenario "IEEE', memory) == ""


def test_a_feeder_as_a_whole_has_no_key(memory: Memory) -> None:
    found = offers(STUDY + "observe {\n  ieee34 = [|]\n}\n", memory)
    assert found["feeder"].insert == "feeder."
    assert found["bus"].insert == "bus["
    assert "losses" in offers(STUDY + "observe {\n  ieee34 = [feeder.|]\n}\n", memory)


def test_quantities_and_devices_of_a_system(memory: Memory) -> None:
    assert {"v", "a"} == set(offers(STUDY + "observe {\n  ieee14 = [bus[*].|]\n}\n", memory))
    kinds = offers(STUDY + "observe {\n  ieee14 = [|]\n}\n", memory)
    assert {"bus", "generator", "load"} == set(kinds)
    settable = offers(STUDY + "event e {\n  at = 1 s\n  set = ieee34.regulator[*].|\n}\n", memory)
    assert {"tap", "vreg", "band"} == set(settable)


def test_what_begins_an_item(memory: Memory) -> None:
    top = offers("|", memory)
    assert set(top) == {block.keyword for block in BLOCKS}
    assert "scenario" not in offers(STUDY + "|", memory)  # there is one already
    inside = offers(STUDY.replace("  load         = wobble", "  |"), memory)
    wanted = {a.name for a in BY_KEYWORD["interface"].attributes} - {"transmission", "distribution", "scale"}
    assert set(inside) == wanted
    assert inside["expects"].detail.startswith("active power in W, kW, MW or GW")
    assert inside["expects"].insert == "expects = "
    assert "refine" in offers(STUDY.replace("step = 1 s", "|"), memory)


def test_values_fit_their_attribute(memory: Memory) -> None:
    scales = offers(STUDY.replace("match_load", "|"), memory)
    assert scales["copies"].insert == "copies(n = ${1:n})"
    assert "match_load" in scales
    assert set(offers(STUDY.replace("= ieee34\n", "= |\n"), memory)) == {"ieee34"}
    assert set(offers(STUDY.replace("= andes", "= |"), memory)) >= {"andes"}
    loads = offers(STUDY.replace("= wobble", "= |"), memory)
    assert set(loads) == {"wobble", *FUNCTIONS}
    assert loads["normal"].insert.startswith("normal(mean = ${1:mean}, std = ${2:std}")
    assert set(offers(STUDY.replace("stop = 15 s", "stop = 15 |"), memory)) == {"us", "ms", "s", "min", "h"}


def test_arguments_of_a_call(memory: Memory) -> None:
    text = STUDY.replace("normal(mean = 1, std = 2.5 %, every = 1 s, seed = 981)", "normal(mean = 1, |")
    assert list(offers(text, memory)) == ["std", "every", "seed", "independent"]
    choices = offers(STUDY.replace("match_load", "match_load(q = |)"), memory)
    assert set(choices) == {"proportional", "separate", "shunt"}


def test_texts_name_files_and_shipped_cases(memory: Memory) -> None:
    assert "ieee14/ieee14_full.xlsx" in offers(STUDY.replace("ieee14/ieee14_full.xlsx", "|"), memory)
    assert "feeders/ieee34/" in offers(STUDY.replace("feeders/ieee34/ieee34.dss", "feeders/|"), memory)
    assert "feeders/ieee34/ieee34.dss" in offers(STUDY.replace("ieee34.dss", "|"), memory)
    assert not offers(STUDY + "# |", memory)


# hover


def test_hover_says_what_things_are_and_what_they_come_to(memory: Memory) -> None:
    assert "47.8 MW" in said(STUDY, "ieee14.bus[4", memory)
    assert "14 buses" in said(STUDY, "= ieee14", memory)
    assert "= 1" not in said(STUDY, "interface b", memory)
    assert BY_KEYWORD["interface"].help in said(STUDY, "interfa", memory)
    step = said(STUDY, "  step", memory)
    assert "Here: 1 s" in step
    assert "required" in step
    text = STUDY + "parameter p = 2 * 500 kW\n"
    assert "= 1 MW" in said(text, "parameter p", memory)
    assert "= 0.5 MW" in said(text, "500 k", memory)
    assert "a profile, " in said(STUDY, "profile wob", memory)
    assert FUNCTIONS["normal"].help in said(STUDY, "= norm", memory)
    assert "feeder P equals the load" in said(STUDY, "= match", memory)
    wrong = STUDY.replace("ieee14.bus[4]", "ieee14.bus[40]")
    assert "TDS204" in said(wrong, "ieee14.bus[4", memory)


# names


INCLUDED = 'profile shared = constant(1)\ninclude "unsaved_two.tds"\n'


def test_definition_and_references_across_files_that_are_not_saved(memory: Memory) -> None:
    one, two = SCENARIOS / "unsaved_one.tds", SCENARIOS / "unsaved_two.tds"
    text = STUDY.replace("= wobble", "= shared * other") + 'include "unsaved_one.tds"\n'
    opened = {one.resolve(): INCLUDED, two.resolve(): "profile other = shared * 2\n"}
    found = read(text, memory, opened=opened)
    assert [d.code for d in found.diagnostics] == ["TDS209"]  # wobble is not used now
    places_of = names.references(found, text.index("shared") + 2)
    files = [Path(found.sources[o.span.file].name).name for o in places_of]
    assert files == ["unsaved.tds", "unsaved_one.tds", "unsaved_two.tds"]
    assert [o.defines for o in places_of] == [False, True, False]
    where = names.definition(found, text.index("shared"))
    assert where is not None
    assert found.written(where) == "shared"
    included = names.definition(found, text.index('"unsaved_one') + 3)
    assert included is not None
    assert found.sources[included.file].name.endswith("unsaved_one.tds")


def test_a_renamed_study_is_as_sound_as_before(memory: Memory) -> None:
    text = STUDY + "observe {\n  ieee34 = [bus[*].v]\n  ieee14 = [bus[*].v]\n}\n"
    before = read(text, memory)
    assert not before.diagnostics
    for name in before.study.scope:
        found = [o for o in names.occurrences(before) if o.name == name]
        renamed = applied(text, [Fix("", o.span, f"{name}_2") for o in found])
        after = read(renamed, memory)
        assert not after.diagnostics
        assert f"{name}_2" in after.study.scope
        assert name not in after.study.scope


def test_choices_and_devices_are_no_names(memory: Memory) -> None:
    text = STUDY + "parameter match_load = 2\nparameter bus = 3\nobserve {\n  ieee14 = [bus[*].v]\n}\n"
    found = [o for o in names.occurrences(read(text, memory)) if o.name in ("match_load", "bus")]
    assert [o.defines for o in found] == [True, True]


def test_names_that_cannot_be_are_refused(memory: Memory) -> None:
    found = read(STUDY, memory)
    assert names.refuse(found, "wobble", "gusts") == ""
    assert "already" in names.refuse(found, "wobble", "bus4")
    assert "not a name" in names.refuse(found, "wobble", "1x")
    assert "value of the language" in names.refuse(found, "wobble", "true")
    assert "generated folder" in names.refuse(found, "ieee14", "plan")


def test_an_included_file_is_not_asked_for_what_its_study_has(memory: Memory) -> None:
    assert not read("profile shared = constant(1)\n", memory).diagnostics
    assert "TDS205" in {d.code for d in read('scenario "x"\n', memory).diagnostics}


# outline


def test_outline_and_folds(memory: Memory) -> None:
    found = read(STUDY, memory)
    listed = [(s.kind, s.name) for s in symbols(found)]
    assert ("transmission", "ieee14") in listed
    assert ("profile", "wobble") in listed
    first = STUDY[: STUDY.index("transmission ieee14")].count("\n")
    assert (first, first + 2) in folds(found)


# mends


def applied(text: str, fixes: list[Fix]) -> str:
    for fix in sorted(fixes, key=lambda f: -f.span.start):
        text = text[: fix.span.start] + fix.text + text[fix.span.end :]
    return text


MENDED = {
    *("TDS104", "TDS201", "TDS203", "TDS204", "TDS301", "TDS302", "TDS306", "TDS307", "TDS309", "TDS312", "TDS314"),
    *("TDS401", "TDS409", "TDS420", "TDS422", "TDS428", "TDS450", "TDS451"),
}


def test_every_mend_of_the_samples_takes_its_diagnostic_away() -> None:
    known, seen = Memory(), set()
    for path in sorted((Path(__file__).parent / "corpus" / "invalid").glob("*.tds")):
        try:
            text = Source.from_text(path.name, path.read_bytes().decode("utf-8-sig")).text
        except UnicodeDecodeError:
            continue
        before = with_facts(path, text, known)
        for problem in before.diagnostics:
            for fix in problem.fixes:
                if fix.span.file == 0:
                    after = with_facts(path, applied(text, [fix]), known)
                    same = [d for d in after.diagnostics if (d.code, d.message) == (problem.code, problem.message)]
                    alike = [d for d in before.diagnostics if (d.code, d.message) == (problem.code, problem.message)]
                    assert len(same) < len(alike), (path.name, fix)
                    seen.add(problem.code)
    assert seen >= MENDED


def with_facts(path: Path, text: str, memory: Memory) -> Analysis:
    found = read(text, memory, path)
    for request, probe in zip(found.missing, probe_all(found.missing), strict=True):
        memory.learn(request, probe)
    return read(text, memory, path) if found.missing else found


def test_mends_are_offered_where_the_cursor_is(memory: Memory) -> None:
    text = STUDY.replace("step = 1 s", "step = 1").replace("wobble = normal", "wobble = nromal")
    found = read(text, memory)
    here = text.index("step = 1") + 7
    ((problem, fix),) = actions.mends(found, here, here)
    assert (problem.code, fix.text) == ("TDS306", "1 s")
    assert [f.text for _, f in actions.mends(found, 0, len(text))] == ["normal", "1 s"]
    turned = read(STUDY + "require {\n  voltage = 1.05 pu .. 0.95 pu\n}\n", memory)
    assert [f.text for _, f in actions.mends(turned, 0, len(STUDY) + 50)] == ["0.95 pu .. 1.05 pu"]


def test_what_is_taken_out_takes_its_line_along(memory: Memory) -> None:
    text = STUDY.replace("step = 1 s", "step = 1 s\n  transmission_step = 0.1 s  # fine")
    for written, left in (("", 0), ("  # fine", 1)):
        study = text.replace("  # fine", written).replace('xlsx"', 'xlsx"\n  dynamics = off')
        ((problem, fix),) = actions.mends(read(study, memory), 0, len(study))
        assert (problem.code, fix.title) == ("TDS450", "Take transmission_step out")
        mended = applied(study, [fix])
        assert mended.count("\n") == study.count("\n") - 1 + left
        assert not read(mended, memory).diagnostics


def test_a_line_more_stands_beside_its_neighbour(memory: Memory) -> None:
    """Also where the block is written on one line."""
    case = 'case      = "ieee14/ieee14_full.xlsx"'
    other = 'case = "wscc9/wscc9.xlsx"'
    text = STUDY.replace(case, other).replace("ieee14.bus[4]", "ieee14.bus[5]")
    assert other in text
    for study in (text, text.replace(f"{{\n  simulator = andes\n  {other}", f"{{ {other}")):
        found = with_facts(HERE, study, memory)
        ((problem, fix),) = actions.mends(found, 0, len(study))
        assert (problem.code, fix.title) == ("TDS409", "Add dynamics = off")
        assert not with_facts(HERE, applied(study, [fix]), memory).diagnostics


# models


def test_nothing_on_the_way_of_typing_starts_a_simulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TDSCEN_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr("tdscen.probing.probes.ask", lambda *_: pytest.fail("a simulator was started"))
    fresh = Memory()
    found = read(STUDY, fresh)
    assert {request.simulator for request in found.missing} == {"andes", "opendss"}
    assert not found.diagnostics
    assert complete(found, STUDY.index("ieee14.bus[") + 11) == ()
    assert "has not been looked at" in said(STUDY, "= ieee14", fresh)


def test_a_probe_that_failed_is_asked_again_only_after_a_save(memory: Memory) -> None:
    found = read(STUDY, memory)
    asked = requests(found.study, found.texts)
    models, _ = memory.look(asked)
    fresh = Memory()
    request = replace(asked["ieee34"], text="feeders/none.dss")
    failed = replace(models.probes["ieee34"], reason="failed", facts=None, problem="it crashed")
    fresh.learn(request, failed)
    assert fresh.look({"ieee34": request})[0].probes["ieee34"] is failed
    fresh.forget()
    assert fresh.look({"ieee34": request})[0].probes["ieee34"].reason == "missing"


def test_the_same_facts_stay_the_same_object(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are indexed by identity: looked at again every few seconds, they are not indexed again."""
    first = read(STUDY, memory).models.facts("ieee14")
    now = time.monotonic()
    monkeypatch.setattr("tdscen.editor.analysis.time.monotonic", lambda: now + 1000)
    assert read(STUDY, memory).models.facts("ieee14") is first
    assert first is not None


def test_spans_of_mends_move_with_their_piece() -> None:
    text = STUDY.replace("step = 1 s", "step = 1 sec")
    _, _ = pieces.Pieces().parse(Source.from_text("x", text))
    broken = STUDY + "parameter p = 'x'\n"
    _, problems = pieces.Pieces().parse(Source.from_text("x", broken))
    (fix,) = problems[0].fixes
    start = broken.index("'x'")
    assert fix == Fix(fix.title, Span(start, start + 3), '"x"')


@pytest.mark.parametrize("path", SAMPLES[::16], ids=lambda path: path.stem)
def test_everywhere_in_a_sample_there_is_an_answer(path: Path) -> None:
    """Nothing raises, and what is said is about a place of the document; the text ends in the middle of typing, too."""
    text = Source.from_text(path.name, path.read_bytes().decode("utf-8-sig", "replace").replace("\0", "")).text[:3000]
    for written in (text, text[: len(text) // 2]):
        found = read(written, Memory(), path)
        size = len(found.source.text)
        assert all(0 <= s.span.start <= s.span.end <= size for s in symbols(found))
        for offset in range(0, size, max(1, size // 10)):
            about = hover(found, offset)
            assert about is None or 0 <= about.span.start <= about.span.end <= size
            assert all(0 <= offer.start <= offset for offer in complete(found, offset))
            names.definition(found, offset)


def test_a_feeder_is_renamed_in_the_table_that_names_it(memory: Memory, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("bus,distribution\n4,ieee34\n5,ieee34\n", encoding="utf-8")
    start = STUDY.index("interface bus4")
    text = STUDY[:start] + 'interface all {\n  from = "table.csv"\n}\n' + STUDY[STUDY.index("simulation") :]
    found = read(text, memory, tmp_path / "study.tds")
    of_feeder = names.references(found, text.index("distribution ieee34") + 15)
    files = [Path(found.sources[o.span.file].name).name for o in of_feeder]
    assert files == ["study.tds", "table.csv", "table.csv"]
    assert {found.written(o.span) for o in of_feeder} == {"ieee34"}


def test_mends_of_a_table_and_of_the_block_that_reads_it(memory: Memory, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("buss,distribution\n4,ieee34\n", encoding="utf-8")
    start = STUDY.index("interface bus4")
    block = 'interface all {\n  from         = "table.csv"\n  transmission = ieee14.bus[4]\n}\n'
    found = read(STUDY[:start] + block + STUDY[STUDY.index("simulation") :], memory, tmp_path / "study.tds")
    fixes = {fix.title: fix.span.file for problem in found.diagnostics for fix in problem.fixes}
    assert fixes["Take transmission out"] == 0
    assert Path(found.sources[fixes["Change to bus"]].name).name == "table.csv"
