// A stand-in for the module `vscode` in which the real language client runs: documents, and what is registered.
"use strict";

const fs = require("node:fs");

/** An event: listeners that `fire` calls, one after the other. */
function event() {
  const listeners = [];
  const subscribe = (listener, self) => {
    listeners.push(self === undefined ? listener : listener.bind(self));
    return { dispose() {} };
  };
  return { subscribe, fire: (data) => Promise.all(listeners.map((listener) => listener(data))) };
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(...given) {
    const [a, b, c, d] = given;
    const [start, end] = given.length === 4 ? [new Position(a, b), new Position(c, d)] : given;
    Object.assign(this, { start, end });
  }
}

class Uri {
  constructor(fsPath) {
    Object.assign(this, { scheme: "file", fsPath, path: fsPath });
  }
  toString() {
    return `file://${this.fsPath}`;
  }
  static file(fsPath) {
    return new Uri(fsPath);
  }
  static parse(text) {
    return new Uri(decodeURIComponent(text.replace("file://", "")));
  }
}

/** A class that keeps what it was made of, under the names given. */
const record = (...names) =>
  class {
    constructor(...given) {
      names.forEach((name, i) => (this[name] = given[i]));
    }
  };

class CodeActionKind {
  constructor(value) {
    this.value = value;
  }
  append(part) {
    return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  }
}
CodeActionKind.Empty = new CodeActionKind("");
for (const name of ["QuickFix", "Refactor", "Source"]) CodeActionKind[name] = new CodeActionKind(name.toLowerCase());

/** An open document whose text `replace` changes as typing does. */
class Document {
  constructor(file, languageId, text) {
    Object.assign(this, { uri: Uri.file(file), languageId, text, version: 1, fileName: file, isDirty: true });
  }
  getText() {
    return this.text;
  }
  at(offset) {
    const before = this.text.slice(0, offset).split("\n");
    return new Position(before.length - 1, before.at(-1).length);
  }
}

/** The module, and what the extension did with it: `registered` providers, `diagnostics` by file. */
function editor(folder, setting) {
  const opened = event();
  const changed = event();
  const done = { registered: {}, diagnostics: {}, said: [], commands: {}, published: event() };
  const silent = event().subscribe;
  const disposable = { dispose() {} };
  const never = { isCancellationRequested: false, onCancellationRequested: silent };
  const known = {
    Position,
    Range,
    Uri,
    CodeActionKind,
    version: "1.99.0",
    env: { appName: "a stand-in", language: "en" },
    extensions: { getExtension: () => undefined, all: [] },
    CancellationError: Error,
    CancellationTokenSource: class {
      token = never;
      cancel() {}
      dispose() {}
    },
    Disposable: class {
      static from = () => disposable;
      constructor(dispose) {
        this.dispose = dispose;
      }
    },
    EventEmitter: class {
      #event = event();
      event = this.#event.subscribe;
      fire = this.#event.fire;
      dispose() {}
    },
    MarkdownString: class {
      constructor(value = "") {
        this.value = value;
      }
      appendMarkdown(more) {
        this.value += more;
        return this;
      }
      appendCodeblock(more) {
        return this.appendMarkdown(more);
      }
    },
    Diagnostic: record("range", "message", "severity"),
    DiagnosticRelatedInformation: record("location", "message"),
    Location: record("uri", "range"),
    CompletionItem: record("label", "kind"),
    CompletionList: record("items", "isIncomplete"),
    SnippetString: record("value"),
    Hover: record("contents", "range"),
    TextEdit: record("range", "newText"),
    CodeAction: record("title", "kind"),
    CodeLens: record("range"),
    DocumentLink: record("range"),
    DocumentSymbol: record("name", "detail", "kind", "range", "selectionRange"),
    FoldingRange: record("start", "end", "kind"),
    CallHierarchyItem: record("kind"),
    TypeHierarchyItem: record("kind"),
    SymbolInformation: record("name"),
    InlayHint: record("position"),
    WorkspaceEdit: class {
      edits = [];
      set(uri, edits) {
        this.edits.push([uri, edits]);
      }
      replace(uri, range, newText) {
        this.edits.push([uri, [{ range, newText }]]);
      }
    },
    commands: {
      registerCommand: (name, act) => ((done.commands[name] = act), disposable),
      executeCommand: async () => undefined,
    },
    tasks: { registerTaskProvider: () => disposable },
    window: {
      createOutputChannel: () => new Proxy({}, { get: () => () => undefined }),
      showErrorMessage: async (sentence) => void done.said.push(sentence),
      withProgress: async (_, task) => task({ report() {} }, never),
      visibleTextEditors: [],
      tabGroups: { all: [], onDidChangeTabs: silent, onDidChangeTabGroups: silent },
      onDidChangeActiveTextEditor: silent,
      onDidChangeVisibleTextEditors: silent,
    },
    languages: new Proxy(
      {
        match: (selector, document) => (selector.language ?? selector[0]?.language) === document.languageId ? 10 : 0,
        createDiagnosticCollection: () => ({
          set: (uri, found) => ((done.diagnostics[uri.fsPath] = found), done.published.fire(found)),
          clear() {},
          dispose() {},
        }),
      },
      { get: (own, name) => own[name] ?? ((_, provider) => ((done.registered[name] = provider), disposable)) },
    ),
    workspace: new Proxy(
      {
        isTrusted: true,
        workspaceFolders: [{ uri: Uri.file(folder), name: "study", index: 0 }],
        textDocuments: [],
        notebookDocuments: [],
        getWorkspaceFolder: () => ({ uri: Uri.file(folder) }),
        getConfiguration: () => ({ get: (name) => (name === "command" ? setting : undefined) }),
        createFileSystemWatcher: () => ({ ...disposable, onDidCreate: silent, onDidChange: silent, onDidDelete: silent }),
        onDidOpenTextDocument: opened.subscribe,
        onDidChangeTextDocument: changed.subscribe,
      },
      { get: (own, name) => own[name] ?? (name.startsWith("on") ? silent : undefined) },
    ),
  };
  const words = new Proxy({}, { get: (_, word) => word });
  for (const name of ["CompletionItemKind", "CompletionItemTag", "DiagnosticTag", "SymbolKind", "SymbolTag"]) {
    known[name] = words;
  }
  known.DiagnosticSeverity = { Error: 0, Warning: 1, Information: 2, Hint: 3 };
  const vscode = new Proxy(known, { get: (own, name) => own[name] ?? record() });

  /** Open a file of the folder with another text than it has on the disk. */
  async function open(file, written) {
    const document = new Document(file, "tds", written ?? fs.readFileSync(file, "utf8"));
    vscode.workspace.textDocuments.push(document);
    await opened.fire(document);
    return document;
  }

  /** Type `written` in the place of `old`. */
  async function replace(document, old, written) {
    const start = document.text.indexOf(old);
    const range = new Range(document.at(start), document.at(start + old.length));
    document.text = document.text.replace(old, written);
    document.version += 1;
    const change = { range, rangeOffset: start, rangeLength: old.length, text: written };
    await changed.fire({ document, contentChanges: [change], reason: undefined });
  }

  return { vscode, done, open, replace, never };
}

module.exports = { editor };
