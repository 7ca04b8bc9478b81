"""`tdscen fmt`."""

from __future__ import annotations

import difflib
import errno
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import click

from tdscen.cli.options import BAD_INPUT, examples
from tdscen.cli.output import show
from tdscen.diagnostics import Diagnostic
from tdscen.files import SCENARIO_MB, read_plain
from tdscen.source import Source, Span

Mode = Literal["check", "diff"] | None
STANDARD_INPUT = Path("-")


@click.command(
    epilog=examples("tdscen fmt scenarios", "tdscen fmt --diff study.tds", "tdscen fmt - < rough.tds > laid_out.tds")
)
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE.tds|FOLDER|-...")
@click.option("--check", "mode", flag_value="check", help="Change nothing; list the files that would change.")
@click.option("--diff", "mode", flag_value="diff", help="Change nothing; print what would change.")
def command(files: tuple[Path, ...], mode: Mode) -> None:
    """Lay scenario files out in the canonical way; what they say and every comment stays.

    A FOLDER stands for the *.tds files in it and below (not in folders whose names begin with a dot); - reads standard
    input and writes standard output. A file with a syntax error is left as it is. Exit status 0: done; 1: a file could
    not be laid out or, with --check and --diff, would change.
    """
    if STANDARD_INPUT in files:
        if len(files) > 1:
            raise click.UsageError("- (standard input) cannot stand beside files")
        sys.exit(_standard_input(mode))
    outcomes = [_file(path, mode) for path in scenario_files(files)]
    changed, refused = outcomes.count("changed"), outcomes.count("refused")
    done = "would change" if mode else "laid out"
    parts = [f"{changed} {done}", f"{len(outcomes) - changed - refused} canonical already"]
    parts += [f"{refused} refused"] if refused else []
    click.echo(f"{len(outcomes)} file{'s' * (len(outcomes) != 1)}: {', '.join(parts)}", err=True)
    if refused or (mode and changed):
        sys.exit(BAD_INPUT)


def scenario_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files named, and those in the folders named, each once and in a settled order."""
    found: dict[Path, None] = {}
    for path in paths:
        found |= dict.fromkeys(sorted(_below(path)) if path.is_dir() else [path])
    return tuple(found)


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*.tds"):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _file(path: Path, mode: Mode) -> Literal["canonical", "changed", "refused"]:
    name = path.as_posix()
    try:
        before = read_plain(path, SCENARIO_MB)
    except OSError as error:
        _unreadable(name, error.strerror or str(error))
        return "refused"
    after = _laid_out(name, before)
    if after is None or after == before:
        return "refused" if after is None else "canonical"
    if mode is None:
        try:
            replace_file(path, after)
        except OSError as error:
            _say(f"{name} cannot be written: {error.strerror or error}")
            return "refused"
    _tell(name, before, after, mode)
    return "changed"


def _standard_input(mode: Mode) -> int:
    name = "standard input"
    before = sys.stdin.buffer.read()
    after = _laid_out(name, before)
    if after is None:
        return BAD_INPUT
    if mode is None:
        sys.stdout.buffer.write(after)
        return 0
    if after != before:
        _tell(name, before, after, mode)
    return BAD_INPUT if after != before else 0


def _laid_out(name: str, content: bytes) -> bytes | None:
    """The canonical bytes of a file; None after saying why there are none."""
    from tdscen.syntax.formatter import FormatterError, format_text
    from tdscen.syntax.reading import decode

    try:
        formatted = format_text(decode(content), name)
    except FormatterError as error:
        _say(str(error))
        return None
    except ValueError as error:
        _unreadable(name, str(error))
        return None
    show(formatted.diagnostics, (formatted.source,))
    return None if formatted.text is None else formatted.text.encode()


def _unreadable(name: str, reason: str) -> None:
    problem = Diagnostic("TDS106", f"{name} cannot be read: {reason}", Span(0, 1))
    show((problem,), (Source.from_text(name, ""),))


def _say(error: str) -> None:
    """Print one sentence about what is wrong, and go on."""
    click.echo(f"{click.style('error', fg='red', bold=True)}: {error}", err=True)


def _tell(name: str, before: bytes, after: bytes, mode: Mode) -> None:
    if mode == "diff":
        click.echo("".join(_difference(name, _lines(before), _lines(after))), nl=False)
    else:
        click.echo(name if mode == "check" else f"laid out {name}")


def _lines(content: bytes) -> list[str]:
    return list(io.StringIO(content.decode("utf-8"), newline="\n"))


def _difference(name: str, before: list[str], after: list[str]) -> Iterator[str]:
    for line in difflib.unified_diff(before, after, name, f"{name} (canonical)"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def replace_file(path: Path, content: bytes) -> None:
    """Give a file another content at one blow, its permissions kept. Raises `OSError`."""
    target = path.resolve()  # a symbolic link stays one
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is write-protected")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(content)
        shutil.copymode(target, name)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
