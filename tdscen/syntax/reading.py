"""Bytes of a file to text."""

from __future__ import annotations

import re

_STRANGE = re.compile("[\x01-\x08\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""Escapes that act on a terminal, and marks that turn the direction of writing ("Trojan source", CVE-2021-42574)."""


def decode(content: bytes) -> str:
    """The text of a scenario file, its byte order mark left out. Raises `ValueError` saying why it is no text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from None
    if "\0" in text:
        raise ValueError("it contains NUL characters; it is no text file")
    strange = _STRANGE.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        raise ValueError(
            f"line {line} holds the invisible character U+{ord(strange[0]):04X}, which makes it look other than it is"
        )
    return text
