"""The command line: one file a command, loaded when it is called, so that `--help` costs nothing."""

from __future__ import annotations

import importlib

import click

from tdscen import __version__

COMMANDS = {
    "new": "Make a study to start from, which runs as it is.",
    "check": "Check a scenario against the language and its models.",
    "fmt": "Lay scenario files out in the canonical way.",
    "compile": "Turn a scenario into a HELICS runner file and federate scripts.",
    "lock": "Write down what a study rests on: model files, scales, seeds, versions.",
    "plan": "Print what a scenario means: every default filled in, every scale resolved.",
    "lsp": "Serve editors over the Language Server Protocol.",
    "graph": "Draw the federation of a scenario: Mermaid text or SVG.",
    "diff": "Say what differs between two studies.",
    "git-setup": "Show studies, not text, in `git diff` of this repository.",
    "run": "Compile a scenario, run it, show progress and a summary.",
    "sweep": "Run every point of a study over parameters, into one table.",
    "verify-coupling": "Say what serial, parallel and iterative coupling differ by in a study.",
    "info": "Print the facts of a scenario's models: buses, loads, generators, feeders.",
    "results": "Print the results of a run.",
    "verify": "Run a run again and say whether every number comes out the same.",
    "export": "Write a run for other programs: CSV, Excel, NetCDF, MATLAB, ANDES.",
    "plot": "Draw figures of a run, of two, or of a sweep.",
    "report": "Write a run as one HTML page with interactive charts.",
    "compare": "Say which quantities of two runs differ, and by how much.",
    "explain": "Explain a diagnostic code.",
    "doctor": "Check that this machine can compile and run scenarios.",
}


class _Commands(click.Group):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"tdscen.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


EPILOG = """\b
Exit status: 0 done; 1 the scenario or the input is wrong; 2 the command was called wrongly;
3 a federate failed or died; 4 a requirement is violated; 5 the run could not start; 130 interrupted.

\b
Example:
  tdscen check scenarios/ieee14_ieee34.tds
  tdscen run scenarios/ieee14_ieee34.tds
"""


@click.group(cls=_Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tdscen")
def main() -> None:
    """Scenario files for transmission-distribution co-simulation (ANDES, OpenDSS, HELICS)."""
