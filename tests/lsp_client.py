"""A client of the language server: `tdscen lsp` as a process, spoken to over its standard streams."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any


class Client:
    """Requests wait for their answer; notifications of the server are kept until they are asked for."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        command = [sys.executable, "-c", "from tdscen.cli import main; main()", "lsp"]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
        )
        self.incoming: queue.Queue[dict[str, Any]] = queue.Queue()
        self.kept: list[dict[str, Any]] = []
        self.number = 0
        threading.Thread(target=self._read, daemon=True).start()
        capabilities = {"window": {"workDoneProgress": True}}
        self.capabilities = self.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities=capabilities)
        self.tell("initialized")

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline().strip():
                pass
            self.incoming.put(json.loads(stream.read(length)))

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self.process.stdin.flush()

    def _next(self, until: float) -> dict[str, Any]:
        message = self.incoming.get(timeout=max(0.01, until - time.monotonic()))
        if "id" in message and "method" in message:  # the server asks: progress, registrations
            self._send({"id": message["id"], "result": None})
        return message

    def tell(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def exchange(self, method: str, **params: Any) -> dict[str, Any]:
        """The whole answer to a request, with its `error` where there is one."""
        self.number += 1
        self._send(
            {"id": self.number, "method": method, "params": params} if params else {"id": self.number, "method": method}
        )
        until = time.monotonic() + 60
        while True:
            message = self._next(until)
            if message.get("id") == self.number and "method" not in message:
                return message
            self.kept.append(message)

    def ask(self, method: str, **params: Any) -> Any:
        answer = self.exchange(method, **params)
        assert "error" not in answer, answer
        return answer["result"]

    def wait(self, method: str, wanted: Any = lambda params: True) -> Any:
        """The parameters of the next notification of that kind that is `wanted`."""
        until = time.monotonic() + 90
        while True:
            message = self.kept.pop(0) if self.kept else self._next(until)
            if message.get("method") == method and wanted(message["params"]):
                return message["params"]

    def open(self, path: Path, text: str) -> dict[str, Any]:
        """Open a document; returns how requests name it."""
        document = {"uri": path.as_uri(), "languageId": "tds", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)
        return {"uri": path.as_uri()}

    def change(self, document: dict[str, Any], version: int, text: str) -> None:
        """The document's text is another one now."""
        self.tell(
            "textDocument/didChange", textDocument={**document, "version": version}, contentChanges=[{"text": text}]
        )

    def diagnostics(self, document: dict[str, Any], version: int) -> list[dict[str, Any]]:
        """What is published of a version of a document."""
        uri = document["uri"]
        wanted = self.wait(
            "textDocument/publishDiagnostics", lambda p: p["uri"] == uri and (p.get("version") or 0) >= version
        )
        return list(wanted["diagnostics"])

    def leave(self) -> int:
        """Shut the server down properly; its exit status."""
        self.ask("shutdown")
        self.tell("exit")
        return self.process.wait(30)


def at(text: str, mark: str, after: bool = True) -> dict[str, int]:
    """The place behind (or before) the first `mark` of a text, in UTF-16 code units."""
    offset = text.index(mark) + (len(mark) if after else 0)
    line = text.count("\n", 0, offset)
    column = text[text.rfind("\n", 0, offset) + 1 : offset]
    return {"line": line, "character": len(column.encode("utf-16-le")) // 2}
