"""Bytes of a file to text."""

from __future__ import annotations


def decode(content: bytes) -> str:
    """The text of a scenario file, its byte order mark left out. Raises `ValueError` saying why it is no text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from None
    if "\0" in text:
        raise ValueError("it contains NUL characters; it is no text file")
    return text
