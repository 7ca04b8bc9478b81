"""Plan to files: `emit` makes them in memory, `write` puts them into the generated folder."""

from tdscen.emit.artifacts import Artifact, emit
from tdscen.emit.support import unsupported
from tdscen.emit.writing import WriteError, Written, write

__all__ = ["Artifact", "WriteError", "Written", "emit", "unsupported", "write"]
