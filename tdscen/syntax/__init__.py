"""Text to tree: grammar, nodes, recovery after errors."""

from tdscen.syntax.parser import Parsed, parse

__all__ = ["Parsed", "parse"]
