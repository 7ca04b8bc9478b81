"""What differs between two studies: plans in, changes out.

Pure: nothing here reads a file, runs a simulator or prints.
"""

from tdscen.compare.change import Change
from tdscen.compare.comparison import compare, compare_trees
from tdscen.compare.render import render_json, render_text

__all__ = ["Change", "compare", "compare_trees", "render_json", "render_text"]
