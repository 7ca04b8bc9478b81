"""`tdscen lsp`."""

from __future__ import annotations

import importlib.util
import sys

import click

from tdscen.cli.options import examples, fail


@click.command(epilog=examples("tdscen lsp"))
@click.option("--stdio", is_flag=True, help="Speak over the standard streams, which it does anyway.")
def command(stdio: bool) -> None:
    """Serve editors: diagnostics, completion, hover, definitions, renaming, formatting, mends.

    Started by an editor, never by hand; speaks the Language Server Protocol over standard input and output. Models are
    looked at once, in the background. Needs the extra tdscen[editor]. Exit status 0: the editor took its leave
    properly; 1: it did not, or pygls is not installed.
    """
    if importlib.util.find_spec("pygls") is None:
        fail("the language server needs pygls: `pip install 'tdscen[editor]'`")
    from tdscen.editor.server import serve

    sys.exit(serve())
