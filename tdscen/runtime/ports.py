"""A block of ports for one federation, so that any number of them can run on a machine at the same time.

A zmq broker on port p takes p and p + 1, its cores p + 5, p + 6, ... (HELICS 3.6). Blocks are taken between 20000
and 32000, below the range from which systems give out ports by themselves: 0 of 150 runs met a taken port there,
3 of 150 in that range.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from tdscen.runtime.errors import NotStarted

FIRST, LAST = 20000, 32000
SPACING = 10
_CORES_FROM = 5


@dataclass(frozen=True, slots=True)
class Ports:
    """The broker's port, and what marks the block as taken: UDP sockets, which HELICS does not use, on all its ports.

    HELICS takes its ports only after the look, and only some of them. By the markers, of two runs that look at
    overlapping blocks in the same instant only one gets its block, whatever their widths.
    """

    port: int
    markers: tuple[socket.socket, ...]

    def release(self) -> None:
        """Give the block back; the end of the process does it too."""
        for marker in self.markers:
            marker.close()


def reserve(federates: int, fixed: int | None) -> Ports:
    """Take a free block for so many federates, at port `fixed` if it is given.

    The markers hold it until the process ends. Raises `NotStarted`.
    """
    width = SPACING * -(-(_CORES_FROM + federates + 1) // SPACING)
    if fixed is not None:
        taken = _take(fixed, width)
        if taken is None:
            raise NotStarted(
                f"the ports {fixed} to {fixed + width - 1} that federation.port asks for are not all free: is another "
                "run using them? Without federation.port a free block is taken"
            )
        return taken
    blocks = (LAST - FIRST) // width
    start = os.getpid() * 7919 % blocks  # runs that start together begin their search apart
    for i in range(blocks):
        taken = _take(FIRST + (start + i) % blocks * width, width)
        if taken is not None:
            return taken
    raise NotStarted(f"no {width} free ports in a row between {FIRST} and {LAST} on this machine")


def _take(port: int, width: int) -> Ports | None:
    markers: list[socket.socket] = []
    for number in range(port, port + width):
        marker = _bound(number, socket.SOCK_DGRAM)
        if marker is not None:
            markers.append(marker)
        probe = _bound(number, socket.SOCK_STREAM) if marker else None
        if probe is None:
            Ports(port, tuple(markers)).release()
            return None
        probe.close()
    return Ports(port, tuple(markers))


def _bound(port: int, kind: socket.SocketKind) -> socket.socket | None:
    sock = socket.socket(socket.AF_INET, kind)
    if kind == socket.SOCK_STREAM:
        # As zmq itself binds: a port on which only a finished run's connections linger is free.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        return None
    return sock
