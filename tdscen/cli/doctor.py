"""`tdscen doctor`."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from tdscen.cli.options import BAD_INPUT, examples

PACKAGES = ("helics", "andes", "dss-python", "opendssdirect.py", "lark", "jinja2", "numpy", "pandas", "pyarrow")


class Finding(NamedTuple):
    """One line of the doctor: what was looked at, what was found, and the mend where it is not well."""

    what: str
    found: str
    mend: str = ""


@click.command(epilog=examples("tdscen doctor", "tdscen doctor --prepare"))
@click.option("--prepare", is_flag=True, help="Generate ANDES's code now, if it is not ready.")
def command(prepare: bool) -> None:
    """Check that this machine can compile and run scenarios; every fault comes with its mend.

    Exit status 0: all is well; 1: something is to be mended.
    """
    if prepare:
        from tdscen.simulators.andes import pycode

        if not pycode.ready():
            click.echo("generating ANDES's code (some seconds, once) ...", err=True)
            pycode.prepare()
    well = True
    for finding in findings():
        mark = click.style("✗", fg="red") if finding.mend else click.style("✓", fg="green")
        click.echo(f"{mark} {finding.what}: {finding.found}")
        if finding.mend:
            well = False
            click.echo(f"    mend: {finding.mend}")
    if not well:
        sys.exit(BAD_INPUT)


def findings() -> Iterator[Finding]:
    """Everything that is looked at, in the order of a run."""
    yield _python()
    for package in PACKAGES:
        yield _package(package)
    yield _helics_command()
    yield _python_on_path()
    yield _andes_code()
    yield _cache_folder()
    yield _port()


def _python() -> Finding:
    version = platform.python_version()
    old = sys.version_info < (3, 11)
    return Finding("Python", f"{version} ({sys.executable})", "install Python 3.11 or newer" if old else "")


def _package(name: str) -> Finding:
    try:
        return Finding(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "not installed", f"pip install {name}")


def _helics_command() -> Finding:
    found = shutil.which("helics") or shutil.which("helics", path=str(Path(sys.executable).parent))
    if found is None:
        return Finding("helics command", "not found", "pip install helics; then activate the environment")
    return Finding("helics command", found)


def _python_on_path() -> Finding:
    """The runner file says `python`: plain `helics run` takes the first one on PATH."""
    found = shutil.which("python")
    if found is None:
        return Finding("python on PATH", "none", "activate the environment (source .venv/bin/activate)")
    probe = [found, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('tdscen') is None)"]
    if subprocess.run(probe, capture_output=True, check=False, cwd="/").returncode:
        mend = "activate the environment, or use `tdscen run`, which puts its own Python first"
        return Finding("python on PATH", f"{found} has no tdscen", mend)
    return Finding("python on PATH", found)


def _andes_code() -> Finding:
    from tdscen.simulators.andes import pycode

    if pycode.ready():
        return Finding("ANDES's generated code", "ready")
    return Finding("ANDES's generated code", "not ready", "tdscen doctor --prepare (else the first check does it)")


def _cache_folder() -> Finding:
    from tdscen.cache import cache_folder, cache_path

    folder = cache_path()
    try:
        folder = cache_folder()
        probe = folder / f".doctor-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        mend = "make it writable, or set TDSCEN_CACHE to a folder that is"
        return Finding("cache folder", f"{folder}: {error.strerror or error}", mend)
    return Finding("cache folder", str(folder))


def _port() -> Finding:
    try:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            one.listen()
            with socket.create_connection(one.getsockname(), timeout=5):
                return Finding("loopback port", f"127.0.0.1:{one.getsockname()[1]} answers")
    except OSError as error:
        return Finding("loopback port", str(error), "allow connections on 127.0.0.1 (firewall, container settings)")
