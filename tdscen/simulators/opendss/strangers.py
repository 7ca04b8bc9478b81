"""What a line of a stranger's DSS text may not say, although OpenDSS would obey.

OpenDSS loads and executes any shared library that a property such as `UserModel` names, reads any file, and understands
values without names by their place. Lines that we could not read as OpenDSS does are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

QUOTED = r"""(?:"[^"]*"|'[^']*'|\([^)]*\)|\[[^\]]*\]|\{[^}]*\})"""
_TOKEN = re.compile(rf"[\s,]*(?:(?P<name>[^\s,=\"'(\[{{]+)\s*=\s*)?(?P<value>{QUOTED}|[^\s,=]+)?")
_NUMBERS = re.compile(r"""["'(\[{]?[-+.\deE,\s|]*["')\]}]?""")
_NAME_IN_QUOTES = re.compile(r"""["')\]}]\s*=""")
_CLASS = re.compile(r"""(?:object\s*=\s*)?["'(\[{]?\s*(?P<kind>[A-Za-z_]\w*)\.""", re.IGNORECASE)

LIBRARIES = ("usermodel", "userdata", "shaftmodel", "shaftdata", "dynadll", "dynadata")
"""Properties that make OpenDSS load and execute a shared library, and what is handed to it."""

_LOADING = {"generator", "storage", "pvsystem", "capcontrol"}
_SHAPES = {"loadshape", "tshape", "priceshape", "xycurve", "growthshape", "spectrum"}
_OTHER_NAMES = """
    circuit linecode tcc_curve wiredata cndata tsdata linespacing linegeometry xfmrcode line vsource isource vccs
    load transformer regcontrol capacitor reactor fault dynamicexp gendispatcher storagecontroller relay recloser
    fuse swtcontrol upfc upfccontrol espvlcontrol indmach012 gicsource autotrans invcontrol expcontrol gicline
    gictransformer vsconverter monitor energymeter sensor
"""

_OTHERS = set(_OTHER_NAMES.split())
_FILES = ("csvfile", "sngfile", "dblfile", "pqcsvfile")


@dataclass(frozen=True, slots=True)
class Subject:
    """What kind of element a line is about: the class as OpenDSS calls it, empty where it cannot be told."""

    kind: str = ""

    @property
    def may_load(self) -> bool:
        """Whether one of its properties may name a shared library."""
        return self.kind in _LOADING or not self.is_known

    @property
    def may_read(self) -> bool:
        """Whether one of its properties may name a file."""
        return self.kind in _SHAPES or not self.is_known

    @property
    def is_known(self) -> bool:
        """Whether it is one of OpenDSS's classes."""
        return self.kind in _LOADING or self.kind in _SHAPES or self.kind in _OTHERS


NOTHING = Subject()


def subject(text: str) -> Subject:
    """What `Load.x ...` (behind a command, or at the start of a line) is about."""
    found = _CLASS.match(text.strip())
    return Subject(found["kind"].lower()) if found else NOTHING


def objection(properties: str, about: Subject) -> str:
    """Why a list of properties is refused (empty: it is not). `properties` stand behind the element's name."""
    if _NAME_IN_QUOTES.search(properties):
        return "has a name in quotes before `=`: write the name without them"
    at = 0
    while at < len(properties):
        token = _TOKEN.match(properties, at)
        assert token is not None  # every part of it may be absent
        name, value = (token["name"] or "").lower().rsplit(".", 1)[-1], token["value"] or ""
        reason = _property(name, value, about)
        if reason:
            return reason
        at = max(token.end(), at + 1)
    return ""


def _property(name: str, value: str, about: Subject) -> str:
    if name and about.may_load and any(known.startswith(name) for known in LIBRARIES):
        return f"would make OpenDSS load a program library ({name}): models with code of their own are not executed"
    if name and about.may_read and name not in _FILES and any(known.startswith(name) for known in _SHORT.get(name, ())):
        return f"shortens the name of a property that names a file ({name}): write it in full"
    if not name and value and about.may_load:
        return "has a value without a name where one may name a program library: write `name=value`"
    if not name and value and about.may_read and not _NUMBERS.fullmatch(value) and "file" not in value.lower():
        return "has a value without a name where one may name a file: write `name=value`"
    return ""


_SHORT = {known[:n]: _FILES for known in _FILES for n in range(1, len(known)) if known[:n] not in ("p", "s")}
"""Shortened names of files; `p` and `s` mean other properties."""
