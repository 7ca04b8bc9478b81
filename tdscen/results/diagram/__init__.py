"""The federation of a plan as a drawing: what stands in it, as SVG, as Mermaid text."""

from tdscen.results.diagram.federation import Federation, federation
from tdscen.results.diagram.mermaid import mermaid
from tdscen.results.diagram.svg import embedded, standalone, style

__all__ = ["Federation", "embedded", "federation", "mermaid", "standalone", "style"]
