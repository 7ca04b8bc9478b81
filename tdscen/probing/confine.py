"""Bounds around the process that looks at models: memory, size of files, and on Linux where it may write.

The kernel's Landlock (Linux 5.13 and later, no privilege needed) holds the process to its own temporary folder and the
cache, and from Linux 6.7 on to no network. Where the kernel has none, what a model's text may say is still checked
(`simulators/opendss/strangers`); `tdscen` is then no sandbox for a fault in a simulator itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

MEMORY_GB = 8
"""Address space: the largest cases that were tried need 2 GB of it, most of which is never touched."""

FILE_GB = 1

# linux/landlock.h; the numbers of the system calls are the same on all architectures since Linux 5.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_PATH_BENEATH, _VERSION, _NO_NEW_PRIVILEGES = 1, 1, 38
_WRITE_FILE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_MAKE_AND_REMOVE = sum(1 << bit for bit in range(4, 13))
_TCP = 0b11
_WRITABLE_DEVICES = (Path("/dev/null"),)


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def bound_resources() -> None:
    """Bound memory and the size of files that are written, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = ((resource.RLIMIT_AS, MEMORY_GB), (resource.RLIMIT_FSIZE, FILE_GB), (resource.RLIMIT_CORE, 0))
    for kind, most_gb in limits:
        _, hard = resource.getrlimit(kind)
        most = most_gb * 2**30
        with contextlib.suppress(ValueError, OSError):  # macOS has no bound on memory
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def write_only_below(folders: Sequence[Path]) -> bool:
    """From now on this thread, and all that it starts, write below `folders` only and use no TCP.

    Whether the kernel holds it to that; where it cannot, nothing changes.
    """
    if not sys.platform.startswith("linux"):
        return False
    call = ctypes.CDLL(None, use_errno=True).syscall
    version = call(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    writing = _WRITE_FILE | _MAKE_AND_REMOVE | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rules = _Ruleset(writing, _TCP if version >= 4 else 0)
    size = ctypes.sizeof(rules) if version >= 4 else 8
    ruleset = call(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for folder in (*folders, *_WRITABLE_DEVICES):
            _allow(call, ruleset, folder, writing if folder.is_dir() else writing & (_WRITE_FILE | _TRUNCATE))
        if ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            return False
        return bool(call(_RESTRICT, ruleset, 0) == 0)
    except OSError:
        return False
    finally:
        os.close(ruleset)


def _allow(call: Callable[..., int], ruleset: int, path: Path, rights: int) -> None:
    """Allow `rights` at a path and below. Raises `OSError` where the path cannot be opened or the rule not be added."""
    descriptor = os.open(path, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
    try:
        rule = _Beneath(rights, descriptor)
        if call(_ADD, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0) != 0:
            raise OSError(ctypes.get_errno(), "landlock_add_rule", str(path))
    finally:
        os.close(descriptor)
