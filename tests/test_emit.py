"""Plan to files: what is in them, that nothing of a scenario becomes code, and what happens to changed files."""

from __future__ import annotations

import ast
import json
import math
import os
import stat
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from plans import demo_models, demo_plan, with_interface

from tdscen import codec, plan, profiles
from tdscen.emit import Artifact, WriteError, emit, unsupported, write
from tdscen.emit.literal import WIDTH, Code, comment, constant, literal
from tdscen.plan import FeederFederate, ModelFile, Plan, Scale
from tdscen.profiles import Combine, Constant, Normal, Profile, Ramp, Step, Table

HOSTILE = (
    '"); import os; os.system("true") #',
    "'''\"\"\"\\",
    "line\nimport os\rimport sys\x0c\x0b\x1c\u2028\u2029\x85end",
    "coding: utf-7 +ACIAOw-",
    "{{ 7 * 7 }} {% raw %} {# #}",
    "\u202eright to left\u202c \udcff",
    "\\",
    "{sys.executable} %s %(name)s",
)


def contents(made: tuple[Artifact, ...]) -> dict[str, str]:
    return {artifact.path: artifact.content.decode() for artifact in made}


def evaluated(source: str) -> object:
    return eval(source, {**vars(plan), **vars(profiles), "complex": complex})


# --- what is made


def test_the_files_of_a_study() -> None:
    made = emit(demo_plan(), demo_models())
    assert [a.path for a in made] == [
        "broker.py",
        "federates/ieee14.py",
        "federates/ieee34_bus4.py",
        "models/ieee34/ieee34.dss",
        "plan.json",
        "runner.json",
        "manifest.json",
    ]
    assert codec.decode(Plan, json.loads(contents(made)["plan.json"])) == demo_plan()
    for artifact in made:
        if artifact.path.endswith((".py", ".json")):
            assert b"\r" not in artifact.content
            assert artifact.content.endswith(b"\n")
            assert not artifact.content.endswith(b"\n\n")


def test_the_runner_file_is_what_helics_run_reads() -> None:
    runner = json.loads(contents(emit(demo_plan(), {}))["runner.json"])
    assert runner["broker"] is False  # `helics run` would add its own on the default port
    assert [f["name"] for f in runner["federates"]] == ["broker", "ieee14", "ieee34_bus4"]
    assert runner["federates"][1]["exec"] == "python -u federates/ieee14.py"
    assert {f["directory"] for f in runner["federates"]} == {"."}


def test_scripts_are_short_and_show_the_values() -> None:
    made = contents(emit(demo_plan(), {}))
    for path in ("federates/ieee14.py", "federates/ieee34_bus4.py", "broker.py"):
        assert len(made[path].splitlines()) < 90
        assert max(map(len, made[path].splitlines())) <= 120
    assert 'Attachment(name="bus4", bus=4, load="PQ_3")' in made["federates/ieee14.py"]
    assert "LOAD_NOISE = Normal(mean=1.0, std=0.025, every_s=1.0, seed=981)" in made["federates/ieee34_bus4.py"]
    assert "p_factor=23.3" in made["federates/ieee34_bus4.py"]


def test_generated_scripts_pass_the_linter_and_keep_its_layout(tmp_path: Path) -> None:
    write(emit(demo_plan(), {}), tmp_path / "study")
    ruff = [sys.executable, "-m", "ruff"]
    scripts = sorted(str(p) for p in (tmp_path / "study").rglob("*.py"))
    layout = [*ruff, "format", "--isolated", "--check", "--line-length", "120", *scripts]
    lint = [
        *ruff,
        "check",
        "--isolated",
        "--line-length",
        "120",
        "--select",
        "E,F,W,I,B,UP",
        "--ignore",
        "E402",
        *scripts,
    ]
    for command in (layout, lint):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_the_same_plan_gives_the_same_bytes_everywhere(tmp_path: Path, seed: str) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from plans import demo_plan, demo_models\n"
        "from tdscen.emit import emit\n"
        "print([(a.path, a.sha256) for a in emit(demo_plan(), demo_models())])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(Path(__file__).parent)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str([(a.path, a.sha256) for a in emit(demo_plan(), demo_models())])


def test_equal_models_and_profiles_are_written_once_and_different_ones_apart() -> None:
    base = demo_plan()
    first = base.interfaces[0]
    names = ("a", "b", "c")
    interfaces = tuple(replace(first, name=name) for name in names)
    interfaces = (*interfaces[:2], replace(interfaces[2], profile=Constant(2.0)))  # the same name, another profile
    many = replace(base, interfaces=interfaces, feeder_federates=(FeederFederate("f", names),))
    script = contents(emit(many, {}))["federates/f.py"]
    assert script.count("MODEL_IEEE34 = ") == 1
    assert script.count("profile=LOAD_NOISE,") == 2
    assert "LOAD_NOISE_2 = Constant(value=2.0)" in script


def test_two_federates_of_one_name_are_refused() -> None:
    twice = replace(demo_plan(), feeder_federates=(FeederFederate("Broker", ("bus4",)),))
    with pytest.raises(ValueError, match="two federates are called"):
        emit(twice, {})


def test_what_cannot_be_run_is_not_left_out_silently() -> None:
    base = demo_plan()
    for asked, what in (
        (replace(base, external_federates=(plan.ExternalFederate("x", "x", "."),)), "external federates"),
    ):
        assert [sentence.split(" cannot")[0] for sentence in unsupported(asked)] == [f"demo.tds: {what}"]
        with pytest.raises(ValueError, match="cannot be written out yet"):
            emit(asked, {})
    assert unsupported(base) == ()


@pytest.mark.parametrize(
    "path", ["../x", "/x", "models/../../x", "runs/0001/run.json", "models\\x", "", "models//x", "a\nb"]
)
def test_paths_that_leave_the_folder_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no path for a generated file"):
        emit(demo_plan(), {path: b""})


# --- nothing of a scenario becomes code


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(text: str) -> None:
    hostile = replace(with_interface(demo_plan(), name=text, load=text, profile_name=text), title=text, source=text)
    scale = Scale(text, 23.3, 23.3, 0.0, text)
    hostile = with_interface(hostile, scale=scale)
    hostile = replace(
        hostile,
        transmission=replace(hostile.transmission, options=((text, text),)),
        distributions=(replace(hostile.distributions[0], options=((text, 1.0),)),),
        feeder_federates=(FeederFederate("feeder", (text,)),),
    )
    plain = contents_as_trees(demo_plan_with_options())
    for path, tree in contents_as_trees(hostile).items():
        # The same statements as with harmless texts: only strings and the names made of them differ.
        assert shape(tree) == shape(plain[path]), path
    script = emit_scripts(hostile)["federates/feeder.py"]
    tree = ast.parse(script)
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert text in strings


def demo_plan_with_options() -> Plan:
    base = demo_plan()
    return replace(
        base,
        transmission=replace(base.transmission, options=(("a", "b"),)),
        distributions=(replace(base.distributions[0], options=(("a", 1.0),)),),
        feeder_federates=(FeederFederate("feeder", ("bus4",)),),
    )


def emit_scripts(study: Plan) -> dict[str, str]:
    # A lone surrogate cannot be stored in plan.json; the scripts have it escaped.
    from tdscen.emit.scripts import broker_script, distribution_script, transmission_script

    return {
        "broker.py": broker_script(study),
        "federates/ieee14.py": transmission_script(study),
        "federates/feeder.py": distribution_script(study, study.feeder_federates[0]),
    }


def contents_as_trees(study: Plan) -> dict[str, ast.Module]:
    # As Python reads a file: bytes, with a coding declaration taken seriously.
    return {path: ast.parse(text.encode()) for path, text in emit_scripts(study).items()}


def shape(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = "text"
        if isinstance(node, ast.Name) and node.id.startswith(("LOAD_", "MODEL_")):
            node.id = "name"
    return ast.dump(tree)


@dataclass(frozen=True)
class Sly:
    text: str = ""

    def __repr__(self) -> str:
        return "__import__('os')"


class SlyText(str):
    __slots__ = ()

    def __repr__(self) -> str:
        return "__import__('os')"


@pytest.mark.parametrize("value", [Sly(), SlyText("x"), [1], {1}, object(), (Sly(),), b"bytes"])
def test_other_types_have_no_literal(value: object) -> None:
    with pytest.raises(TypeError, match="has no literal"):
        literal(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, complex(0, math.nan), (1.0, math.inf)])
def test_numbers_that_are_not_finite_have_no_literal(value: object) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        literal(value)


# --- literals


LONG = "a feeder whose name is much longer than anybody would want to type, " * 2
VALUES: tuple[object, ...] = (
    *HOSTILE,
    "",
    "both \" and '",
    0,
    -1,
    True,
    None,
    0.1,
    -0.0,
    1e-9,
    1e300,
    1 / 30,
    0.1 + 0.2,
    complex(-0.0, 1e-30),
    (),
    (1,),
    (1, "two", (3.0, None)),
    {"a": ("b",), "c": ()},
    tuple(k / 7 for k in range(200)),
    Normal(1.0, 0.025, 1.0, 981),
    Normal(1.0, 0.025, 1.0, 981, independent=True),
    Combine("*", Combine("+", Step(1.0, 2.0), Ramp(0.0, 1.0, 2.0, 3.0)), Normal(1.0, 0.025, 1.0, 981)),
    Table(tuple(k / 3 for k in range(100)), tuple(k / 7 for k in range(100)), "linear", LONG),
    ModelFile(LONG, "bundled", "0" * 64, (LONG, "b")),
    Scale("match_load", 23.3015337, 23.3015337, 0.0, LONG),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda v: repr(v)[:40])
@pytest.mark.parametrize(("column", "indent"), [(0, 0), (40, 2)])
def test_a_literal_evaluates_to_its_value(value: object, column: int, indent: int) -> None:
    source = literal(value, column, indent)
    assert evaluated(source) == value
    assert repr(evaluated(source)) == repr(value)  # -0.0, True and 1 are told apart
    first, *rest = source.splitlines()
    if LONG not in source:
        assert max([column + len(first), *map(len, rest)]) <= WIDTH


def test_a_comment_is_one_printable_line() -> None:
    for text in HOSTILE:
        assert len(comment(text).splitlines()) <= 1
        assert comment(text).isprintable()
    assert len(comment("x" * 1000)) < WIDTH


def test_a_constant_is_an_identifier() -> None:
    for text in (*HOSTILE, "", "a b", "1", "é", "PLAIN_1"):
        name = constant("LOAD", text)
        assert isinstance(name, Code)
        assert name.isidentifier()
        assert name.isascii()


def test_templates_print_nothing_but_literals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tdscen.emit import scripts

    (tmp_path / "broker.py.j2").write_text("# {{ plan.title }}\n")
    monkeypatch.setattr(scripts, "folder", lambda _: tmp_path)
    scripts._environment.cache_clear()
    try:
        with pytest.raises(TypeError, match="not known to be harmless"):
            scripts.broker_script(demo_plan())
    finally:
        scripts._environment.cache_clear()


def test_every_profile_can_be_written() -> None:
    samples: dict[type, Profile] = {type(v): v for v in VALUES if type(v).__module__ == "tdscen.profiles"}  # type: ignore[misc]
    samples |= {
        type(p): p
        for p in (
            Constant(1.0),
            profiles.RandomWalk(1.0, 0.1, 1.0, 1),
            profiles.Sinusoid(0.1, 60.0),
            profiles.Pulse(1.0, 2.0, 0.5),
            Step(1.0, 2.0),
            Ramp(0.0, 1.0, 2.0, 3.0),
        )
    }
    assert set(samples) == set(Profile.__args__)  # type: ignore[attr-defined]
    for profile in samples.values():
        assert (
            "LOAD_NOISE = "
            in contents(emit(with_interface(demo_plan(), profile=profile), {}))["federates/ieee34_bus4.py"]
        )


# --- writing


@pytest.fixture
def made() -> tuple[Artifact, ...]:
    return emit(demo_plan(), demo_models())


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_new_folder_gets_every_file_and_nothing_else(tmp_path: Path, made: tuple[Artifact, ...]) -> None:
    written = write(made, tmp_path / "deep" / "study")
    assert snapshot(tmp_path / "deep") == {f"study/{a.path}": a.content for a in made}
    assert set(written.created) == {a.path for a in made}
    again = write(made, tmp_path / "deep" / "study")
    assert again.created == again.updated == again.kept == again.removed == ()


def test_a_changed_script_is_kept_until_forced(tmp_path: Path, made: tuple[Artifact, ...]) -> None:
    write(made, tmp_path)
    script = tmp_path / "federates" / "ieee14.py"
    script.write_text("# mine\n")
    (tmp_path / "plan.json").write_text("{}")
    newer = emit(replace(demo_plan(), title="another title"), demo_models())
    for _ in range(2):  # kept also the second time, when the manifest no longer has the hash it was made with
        written = write(newer, tmp_path)
        assert written.kept == ("federates/ieee14.py",)
        assert script.read_text() == "# mine\n"
    assert (tmp_path / "plan.json").read_bytes() == {a.path: a.content for a in newer}["plan.json"]
    assert write(newer, tmp_path, force=True).kept == ()
    assert snapshot(tmp_path) == {a.path: a.content for a in newer}


def test_what_is_no_longer_made_goes_unless_it_was_changed(tmp_path: Path, made: tuple[Artifact, ...]) -> None:
    extra = {"models/old/a.dss": b"a", "models/old/b.dss": b"b", "models/older/deep/c.dss": b"c"}
    write(emit(demo_plan(), demo_models() | extra), tmp_path)
    (tmp_path / "models" / "old" / "a.dss").write_bytes(b"edited")
    written = write(made, tmp_path)
    assert written.removed == ("models/old/b.dss", "models/older/deep/c.dss")
    assert written.kept == ("models/old/a.dss",)
    assert not (tmp_path / "models" / "older").exists()
    assert (tmp_path / "models" / "old" / "a.dss").read_bytes() == b"edited"


def test_runs_and_logs_are_left_alone(tmp_path: Path, made: tuple[Artifact, ...]) -> None:
    write(made, tmp_path)
    for name in ("runs/0001/run.json", "broker.log", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("mine")
    write(emit(replace(demo_plan(), title="other"), {}), tmp_path, force=True)
    for name in ("runs/0001/run.json", "broker.log", "notes.txt"):
        assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("manifest", [None, "not json", '{"format": 1}', '{"name": "an app", "files": []}', "[]"])
def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path, made: tuple[Artifact, ...], manifest: str | None) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    before = snapshot(tmp_path)
    with pytest.raises(WriteError, match="choose another folder"):
        write(made, tmp_path)
    assert snapshot(tmp_path) == before
    write(made, tmp_path, force=True)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_nothing_is_written_or_removed_outside_the_folder(tmp_path: Path, made: tuple[Artifact, ...]) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tmp_path / "study"
    write(made, folder)
    for child in (folder / "federates").iterdir():
        child.unlink()
    (folder / "federates").rmdir()
    (folder / "federates").symlink_to(outside)
    with pytest.raises(WriteError, match="leads out of the folder"):
        write(made, folder)
    assert list(outside.iterdir()) == []
    lying = json.loads((folder / "manifest.json").read_text())
    (outside / "victim").write_text("x")
    lying["files"] = {"../outside/victim": Artifact("", b"x").sha256}
    (folder / "federates").unlink()
    (folder / "manifest.json").write_text(json.dumps(lying))
    with pytest.raises(WriteError, match="leads out of the folder"):
        write(made, folder)
    assert (outside / "victim").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, made: tuple[Artifact, ...]) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(WriteError, match="cannot be written"):
        write(made, tmp_path / "study")


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path, made: tuple[Artifact, ...]) -> None:
    (tmp_path / "study").write_text("a file")
    with pytest.raises(WriteError, match="cannot be written"):
        write(made, tmp_path / "study")
    assert (tmp_path / "study").read_text() == "a file"
    assert [p.name for p in tmp_path.iterdir()] == ["study"]  # no temporary folder is left
