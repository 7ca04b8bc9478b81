"""The language server: what editors ask over the protocol, answered by the other files of this folder (pygls).

One loop answers; models that are not remembered are probed in a thread that starts the confined probe process.
"""

from __future__ import annotations

import asyncio
import gc
import re
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from tdscen import __version__
from tdscen.diagnostics import Diagnostic
from tdscen.editor import actions, completion, hover, names, symbols
from tdscen.editor.analysis import Analysis, Memory, analyse_text
from tdscen.editor.pieces import Pieces
from tdscen.editor.places import Encoding, ends, offset
from tdscen.probing import ProbeRequest, probe_all
from tdscen.profiles import Constant, sample
from tdscen.source import Source, Span
from tdscen.syntax import parse
from tdscen.syntax.formatter import format_text

COLLECT_EVERY_S = 60.0
"""Seconds between two collections of garbage, each in a moment in which nothing is typed."""

QUIET_S = 0.15
"""Seconds without a keystroke after which diagnostics are published."""

_KINDS = {
    "keyword": lsp.CompletionItemKind.Keyword,
    "attribute": lsp.CompletionItemKind.Property,
    "name": lsp.CompletionItemKind.Variable,
    "function": lsp.CompletionItemKind.Function,
    "choice": lsp.CompletionItemKind.EnumMember,
    "device": lsp.CompletionItemKind.Value,
    "quantity": lsp.CompletionItemKind.Field,
    "unit": lsp.CompletionItemKind.Unit,
    "file": lsp.CompletionItemKind.File,
}
_SYMBOLS = {
    "scenario": lsp.SymbolKind.File,
    "include": lsp.SymbolKind.File,
    "transmission": lsp.SymbolKind.Module,
    "distribution": lsp.SymbolKind.Module,
    "profile": lsp.SymbolKind.Function,
    "parameter": lsp.SymbolKind.Constant,
    "interface": lsp.SymbolKind.Interface,
    "event": lsp.SymbolKind.Event,
}


class Server(LanguageServer):
    """Open documents, what was read of each version, and what is remembered of models."""

    def __init__(self) -> None:
        super().__init__("tdscen", __version__)
        self.memory = Memory()
        self.pieces: dict[str, Pieces] = {}
        self.read: dict[str, tuple[tuple[object, ...], Analysis]] = {}
        self.published: dict[str, set[str]] = {}
        self.shown: dict[str, dict[str, list[lsp.Diagnostic]]] = {}
        self.waiting: dict[str, asyncio.TimerHandle] = {}
        self.probing: set[ProbeRequest] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.facts_version = 0
        self.leaving = False
        self.collect_at = 0.0
        self.uris: dict[tuple[str, tuple[str, ...]], str] = {}

    @property
    def encoding(self) -> Encoding:
        """The units in which the client counts columns."""
        agreed = self.workspace.position_encoding
        return {"utf-8": "utf-8", "utf-32": "utf-32"}.get(str(getattr(agreed, "value", agreed)), "utf-16")  # type: ignore[return-value]

    def analysis(self, uri: str) -> Analysis:
        """The document as it stands, read once a version."""
        opened = {other: document for other, document in self.workspace.text_documents.items() if other != uri}
        document = self.workspace.get_text_document(uri)
        state = (document.version, self.facts_version, *sorted((o, d.version) for o, d in opened.items()))
        if uri not in self.read or self.read[uri][0] != state:
            path = path_of(uri)
            others = {path_of(other).resolve(): d.source for other, d in opened.items()}
            pieces = self.pieces.setdefault(uri, Pieces())
            self.read[uri] = (state, analyse_text(path, document.source, self.memory, pieces, others))
        return self.read[uri][1]

    def offset(self, source: Source, position: lsp.Position) -> int:
        """The character offset of a place of the protocol."""
        return offset(source, position.line, position.character, self.encoding)

    def range(self, source: Source, span: Span) -> lsp.Range:
        """A span in the places of the protocol."""
        (line, column), (end_line, end_column) = ends(source, span, self.encoding)
        return lsp.Range(lsp.Position(line, column), lsp.Position(end_line, end_column))

    def location(self, analysis: Analysis, span: Span) -> lsp.Location:
        """A span of any file of a study."""
        source = analysis.sources[span.file]
        return lsp.Location(self.uri(source.name), self.range(source, span))

    def uri(self, name: str) -> str:
        """The URI of a source: the client's own where it has the file open."""
        opened = tuple(self.workspace.text_documents)
        if (name, opened) not in self.uris:
            path = Path(name).resolve()
            own = (uri for uri in opened if path_of(uri).resolve() == path)
            self.uris = {k: v for k, v in self.uris.items() if k[1] == opened}
            self.uris[name, opened] = next(own, None) or from_fs_path(str(path)) or name
        return self.uris[name, opened]

    # diagnostics

    def soon(self, uri: str) -> None:
        """Publish diagnostics of a document once nothing has been typed for a moment."""
        if uri in self.waiting:
            self.waiting.pop(uri).cancel()
        loop = asyncio.get_running_loop()
        self.waiting[uri] = loop.call_later(QUIET_S, self.publish, uri)

    def soon_all(self) -> None:
        """The same for every document, after something that they may share has changed."""
        for uri in list(self.workspace.text_documents):
            self.soon(uri)

    def publish(self, uri: str) -> None:
        """Publish what is wrong with a document and the files it reads; probe models that are not known."""
        self.waiting.pop(uri, None)
        if uri not in self.workspace.text_documents:
            return
        analysis = self.analysis(uri)
        found: dict[str, list[lsp.Diagnostic]] = {uri: []}
        for problem in analysis.diagnostics:
            where = uri if problem.span.file == 0 else self.uri(analysis.sources[problem.span.file].name)
            found.setdefault(where, []).append(self.diagnostic(analysis, problem))
        self.show(uri, found)
        self.probe(tuple(r for r in analysis.missing if r not in self.probing))
        if time.monotonic() > self.collect_at:
            self.collect_at = time.monotonic() + COLLECT_EVERY_S
            gc.collect()

    def show(self, root: str, found: dict[str, list[lsp.Diagnostic]]) -> None:
        """Send what the document `root` says of files, together with what others say of them."""
        before = self.shown.get(root, {})
        self.shown[root] = found
        for uri in {**before, **found}:
            said = [d for told in self.shown.values() for d in told.get(uri, ())]
            distinct = list({(d.code, d.message, str(d.range)): d for d in said}.values())
            document = self.workspace.text_documents.get(uri)
            version = document.version if document else None
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, distinct, version))

    def diagnostic(self, analysis: Analysis, problem: Diagnostic) -> lsp.Diagnostic:
        """A problem as the protocol has it: sentence, words at the place, help; other places beside it."""
        source = analysis.sources[problem.span.file]
        text = problem.message + (f": {problem.at}" if problem.at else "")
        related = [
            lsp.DiagnosticRelatedInformation(self.location(analysis, label.span), label.text)
            for label in problem.labels
        ]
        severity = lsp.DiagnosticSeverity.Error if problem.severity == "error" else lsp.DiagnosticSeverity.Warning
        return lsp.Diagnostic(
            self.range(source, source.clamp(problem.span)),
            f"{text}\nhelp: {problem.help}" if problem.help else text,
            severity,
            problem.code,
            source="tdscen",
            related_information=related or None,
        )

    # models

    def probe(self, requests: tuple[ProbeRequest, ...]) -> None:
        """Look at models that are not remembered, beside the loop."""
        if requests:
            self.probing |= set(requests)
            task = asyncio.get_running_loop().create_task(self._probe(requests))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _probe(self, requests: tuple[ProbeRequest, ...]) -> None:
        token = await self._begin(", ".join(request.text for request in requests))
        try:
            answers = await asyncio.get_running_loop().run_in_executor(None, probe_all, requests)
            for request, answer in zip(requests, answers, strict=True):
                self.memory.learn(request, answer)
        finally:
            self.probing -= set(requests)
            if token is not None:
                self.work_done_progress.end(token, lsp.WorkDoneProgressEnd())
        self.facts_version += 1
        self.soon_all()

    async def _begin(self, models: str) -> str | None:
        """Show that something is under way, where the client can."""
        window = self.client_capabilities.window
        if window is None or not window.work_done_progress:
            return None
        token = f"tdscen-probe-{self.facts_version}-{len(self.tasks)}-{models}"
        await self.work_done_progress.create_async(token)
        self.work_done_progress.begin(token, lsp.WorkDoneProgressBegin("tdscen", message=f"looking at {models}"))
        return token

    def changed_on_disk(self) -> None:
        """Models, tables and includes may have changed."""
        self.memory.forget()
        self.facts_version += 1
        self.soon_all()


def path_of(uri: str) -> Path:
    """The file of a document; one that was never saved lies in the working directory."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return Path(path) if path else Path.cwd() / (re.sub(r"\W+", "_", uri) + ".tds")


def make_server() -> Server:
    """A server with everything it can do registered."""
    server = Server()
    _documents(server)
    _answers(server)
    _edits(server)
    return server


def _documents(server: Server) -> None:
    @server.feature(lsp.SHUTDOWN)
    def leaving(params: None) -> None:
        server.leaving = True

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.changed_on_disk()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        server.soon_all()  # another open document may include this one

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.changed_on_disk()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.show(uri, {})
        for kept in (server.shown, server.read, server.pieces):
            kept.pop(uri, None)
        server.soon_all()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: lsp.DidChangeWatchedFilesParams) -> None:
        server.changed_on_disk()


def _answers(server: Server) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", "[", '"', "=", "("]))
    def complete(params: lsp.CompletionParams) -> lsp.CompletionList:
        analysis = server.analysis(params.text_document.uri)
        end = server.offset(analysis.source, params.position)
        found = completion.complete(analysis, end)
        return lsp.CompletionList(False, [_item(server, analysis, o, end, i) for i, o in enumerate(found)])

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        analysis = server.analysis(params.text_document.uri)
        found = hover.hover(analysis, server.offset(analysis.source, params.position))
        if found is None:
            return None
        text = lsp.MarkupContent(lsp.MarkupKind.Markdown, found.text)
        return lsp.Hover(text, server.range(analysis.source, found.span))

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def defined(params: lsp.DefinitionParams) -> lsp.Location | None:
        analysis = server.analysis(params.text_document.uri)
        span = names.definition(analysis, server.offset(analysis.source, params.position))
        return server.location(analysis, span) if span is not None else None

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def referred(params: lsp.ReferenceParams) -> list[lsp.Location]:
        analysis = server.analysis(params.text_document.uri)
        found = names.references(analysis, server.offset(analysis.source, params.position))
        wanted = (o for o in found if params.context.include_declaration or not o.defines)
        return [server.location(analysis, o.span) for o in wanted]

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def highlighted(params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight]:
        analysis = server.analysis(params.text_document.uri)
        found = names.references(analysis, server.offset(analysis.source, params.position))
        return [lsp.DocumentHighlight(server.range(analysis.source, o.span)) for o in found if o.span.file == 0]

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outlined(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        analysis = server.analysis(params.text_document.uri)
        return [_symbol(server, analysis, symbol) for symbol in symbols.symbols(analysis)]

    @server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
    def folded(params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
        found = symbols.folds(server.analysis(params.text_document.uri))
        return [lsp.FoldingRange(first, last) for first, last in found]


def _edits(server: Server) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepared(params: lsp.PrepareRenameParams) -> lsp.Range | None:
        analysis = server.analysis(params.text_document.uri)
        found = names.at(analysis, server.offset(analysis.source, params.position))
        return server.range(analysis.source, found.span) if found is not None else None

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    def renamed(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        analysis = server.analysis(params.text_document.uri)
        where = server.offset(analysis.source, params.position)
        found = names.at(analysis, where)
        if found is None:
            raise JsonRpcInvalidParams("there is no name of this study here")
        reason = names.refuse(analysis, found.name, params.new_name)
        if reason:
            raise JsonRpcInvalidParams(reason)
        places = [o.span for o in names.references(analysis, where)]
        return _workspace_edit(server, analysis, ((span, params.new_name) for span in places))

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def formatted(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
        document = server.workspace.get_text_document(params.text_document.uri)
        source = Source.from_text("text", document.source)
        pieces = server.pieces.setdefault(params.text_document.uri, Pieces())
        laid_out = format_text(document.source, "text", pieces.parse).text
        server.read.pop(params.text_document.uri, None)  # its tree has moved to where the new layout has it
        if laid_out is None or laid_out == document.source:
            return []
        end = lsp.Position(len(source.line_starts), 0)
        return [lsp.TextEdit(lsp.Range(lsp.Position(0, 0), end), laid_out)]

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix]))
    def mended(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        analysis = server.analysis(params.text_document.uri)
        start, end = (server.offset(analysis.source, place) for place in (params.range.start, params.range.end))
        return [
            lsp.CodeAction(
                mend.title,
                lsp.CodeActionKind.QuickFix,
                [server.diagnostic(analysis, problem)],
                edit=_workspace_edit(server, analysis, [(mend.span, mend.text)]),
            )
            for problem, mend in actions.mends(analysis, start, end)
        ]


def _item(server: Server, analysis: Analysis, offer: completion.Completion, end: int, place: int) -> lsp.CompletionItem:
    end = end if offer.end is None else offer.end
    where = server.range(analysis.source, Span(offer.start, end))
    form = lsp.InsertTextFormat.Snippet if offer.snippet else lsp.InsertTextFormat.PlainText
    return lsp.CompletionItem(
        offer.label,
        kind=_KINDS[offer.kind],
        detail=offer.detail or None,
        documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, offer.help) if offer.help else None,
        sort_text=f"{place:05}",
        filter_text=analysis.source.text[offer.start : end] if offer.label == "*" else None,
        insert_text_format=form,
        text_edit=lsp.TextEdit(where, offer.insert),
    )


def _symbol(server: Server, analysis: Analysis, symbol: symbols.Symbol) -> lsp.DocumentSymbol:
    return lsp.DocumentSymbol(
        symbol.name,
        _SYMBOLS.get(symbol.kind, lsp.SymbolKind.Object),
        server.range(analysis.source, symbol.span),
        server.range(analysis.source, symbol.name_span),
        symbol.detail,
        children=[_symbol(server, analysis, inner) for inner in symbol.inner],
    )


def _workspace_edit(server: Server, analysis: Analysis, edits: Iterable[tuple[Span, str]]) -> lsp.WorkspaceEdit:
    changes: dict[str, list[lsp.TextEdit]] = {}
    for span, text in edits:
        there = server.location(analysis, span)
        changes.setdefault(there.uri, []).append(lsp.TextEdit(there.range, text))
    return lsp.WorkspaceEdit(changes)


def _warm() -> None:
    """What the first answers would wait for: the grammar's tables, numpy."""
    parse(Source("", "\n"))
    sample(Constant(1.0), [0.0])


def serve() -> int:
    """Serve over the standard streams until the client leaves; 0 where it has said so before (`shutdown`), else 1."""
    threading.Thread(target=_warm, daemon=True).start()
    server = make_server()
    gc.freeze()
    gc.disable()  # reading a document makes many objects and hardly a circle of them; see `publish`
    server.start_io()
    return 0 if server.leaving else 1
