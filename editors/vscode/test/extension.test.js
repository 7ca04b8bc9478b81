// The extension against stand-ins for VS Code and the language client: what it starts, and what it says.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const { once } = require("node:events");
const { test } = require("node:test");
const { argumentsFor, program } = require("../src/command");

const HERE = path.join(__dirname, "..");
const MANIFEST = JSON.parse(fs.readFileSync(path.join(HERE, "package.json"), "utf8"));

/** A fresh extension in an editor of stand-ins; `calls` is what it did. */
function fresh({ trusted = true, server = false, document, setting = "tdscen", folder } = {}) {
  const calls = { clients: [], stopped: 0, said: [], tasks: [], commands: {}, executed: [], listeners: {} };
  folder = { uri: { fsPath: folder ?? "/study" } };
  const disposable = { dispose() {} };
  class Task {
    constructor(definition, scope, name, source, execution) {
      Object.assign(this, { definition, scope, name, source, execution });
    }
  }
  class ProcessExecution {
    constructor(process, args, options) {
      Object.assign(this, { process, args, options });
    }
  }
  const vscode = {
    Task,
    ProcessExecution,
    TaskScope: { Workspace: 2 },
    TaskRevealKind: { Always: 1 },
    Uri: { file: (fsPath) => ({ scheme: "file", fsPath }) },
    commands: {
      registerCommand: (name, act) => ((calls.commands[name] = act), disposable),
      executeCommand: async (...given) => calls.executed.push(given),
    },
    tasks: {
      registerTaskProvider: (type, provider) => ((calls.provider = provider), disposable),
      executeTask: async (task) => calls.tasks.push(task),
    },
    window: {
      activeTextEditor: document && { document },
      showErrorMessage: async (sentence, ...choices) => (calls.said.push(sentence), choices[0]),
    },
    workspace: {
      isTrusted: trusted,
      workspaceFolders: [folder],
      getWorkspaceFolder: (uri) => (uri.fsPath.startsWith("/study/") ? folder : undefined),
      getConfiguration: () => ({ get: () => setting }),
      createFileSystemWatcher: () => disposable,
      onDidChangeConfiguration: (listener) => ((calls.listeners.changed = listener), disposable),
      onDidGrantWorkspaceTrust: (listener) => ((calls.listeners.trusted = listener), disposable),
    },
  };
  class LanguageClient {
    constructor(id, name, spawn, options) {
      Object.assign(this, { spawn, options });
      calls.clients.push(this);
    }
    /** With `server`, a program is started; that it ends is not told by the real client either. */
    async start() {
      this.running = !server;
      if (server) await once((await this.spawn()).stdout, "close");
    }
    isRunning() {
      return this.running;
    }
    async stop() {
      calls.stopped += 1;
    }
  }
  const client = {
    LanguageClient,
    RevealOutputChannelOn: { Never: 4 },
    CloseAction: { DoNotRestart: 1, Restart: 2 },
    ErrorAction: { Continue: 1, Shutdown: 2 },
  };
  const standIns = { vscode, "vscode-languageclient/node": client };
  const real = Module._load;
  Module._load = (name, ...rest) => standIns[name] ?? real(name, ...rest);
  try {
    for (const file of ["../src/client", "../src/extension"]) delete require.cache[require.resolve(file)];
    return { extension: require("../src/extension"), calls, vscode };
  } finally {
    Module._load = real;
  }
}

function opened(fsPath, languageId = "tds") {
  return { languageId, uri: { scheme: "file", fsPath }, save: async () => true };
}

async function activated(options) {
  const made = fresh(options);
  await made.extension.activate({ subscriptions: [] }).started;
  return made;
}

test("every command of the manifest is there, and no other", async () => {
  const { calls } = await activated();
  assert.deepEqual(Object.keys(calls.commands).sort(), MANIFEST.contributes.commands.map((c) => c.command).sort());
});

/** A program that says what it was called with on its error output and ends. */
function aProgram(words, status = 1) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tdscen-extension-"));
  const file = path.join(folder, "tdscen");
  const say = words ? `echo "${words}" >&2\n` : "";
  fs.writeFileSync(file, `#!/bin/sh\necho "$@ in $PWD" >&2\n${say}exit ${status}\n`, { mode: 0o755 });
  return { folder, file };
}

test("the language server is `tdscen lsp` in the workspace's folder, for scenarios", async () => {
  const { folder, file } = aProgram("");
  const { calls } = await activated({ server: true, folder, setting: "${workspaceFolder}/tdscen" });
  assert.equal(calls.clients.length, 1);
  assert.deepEqual(calls.clients[0].options.documentSelector, [{ scheme: "file", language: "tds" }]);
  const words = `^${file} lsp does not start: lsp in ${fs.realpathSync(folder)}\\. Install it`;
  assert.match(calls.said[0], new RegExp(words));
});

test("a server that does not start is said once, in its own words, with the mend", async () => {
  const { folder } = aProgram("error: the language server needs pygls.");
  const { calls, extension } = await activated({ server: true, folder, setting: "${workspaceFolder}/tdscen" });
  assert.equal(calls.said.length, 1);
  assert.match(calls.said[0], /tdscen lsp does not start: error: the language server needs pygls\. Install it \(pip/);
  assert.deepEqual(calls.executed, [["workbench.action.openSettings", "tdscen.command"]]);
  assert.equal(calls.clients[0].options.initializationFailedHandler(), false);
  assert.equal(calls.clients[0].options.errorHandler.closed().action, 1);
  await extension.deactivate();
  assert.equal(calls.stopped, 0);
});

test("a program that is not there is said too", async () => {
  const { calls } = await activated({ server: true, folder: os.tmpdir(), setting: "/nowhere/tdscen" });
  assert.deepEqual(calls.said.length, 1);
  assert.match(calls.said[0], /^\/nowhere\/tdscen lsp does not start: spawn \/nowhere\/tdscen ENOENT\./);
});

test("a server that ends is started again, but not for ever", async () => {
  const { calls, extension } = await activated();
  const { closed } = calls.clients[0].options.errorHandler;
  const actions = [1, 2, 3, 4, 5].map(() => closed().action);
  assert.deepEqual(actions, [2, 2, 2, 2, 1]);
  assert.deepEqual(calls.said, ["tdscen lsp has ended 5 times in three minutes and is not started again."]);
  await extension.deactivate();
  assert.equal(calls.stopped, 1);
  assert.equal(closed().action, 1);
});

test("commands do not wait for the server", async () => {
  const { extension, calls } = fresh({ document: opened("/study/a.tds") });
  const activation = extension.activate({ subscriptions: [] });
  assert.equal(typeof activation.then, "undefined");
  await calls.commands["tdscen.run"]();
  assert.equal(calls.tasks.length, 1);
  await activation.started;
});

test("nothing is started in a workspace that is not trusted, until it is", async () => {
  const { calls, vscode } = await activated({ trusted: false });
  assert.equal(calls.clients.length, 0);
  vscode.workspace.isTrusted = true;
  await calls.listeners.trusted();
  assert.equal(calls.clients.length, 1);
});

test("another program in the settings starts another server", async () => {
  const { calls } = await activated();
  await calls.listeners.changed({ affectsConfiguration: (name) => name === "tdscen.command" });
  assert.equal(calls.stopped, 1);
  assert.equal(calls.clients.length, 2);
});

for (const action of ["check", "compile", "run"]) {
  test(`${action} saves the scenario and runs in the workspace's folder, without a shell`, async () => {
    const document = opened("/study/sub folder/it's; $x.tds");
    let saved = 0;
    document.save = async () => (saved += 1) > 0;
    const { calls } = await activated({ document });
    await calls.commands[`tdscen.${action}`]();
    assert.equal(saved, 1);
    const [{ execution, definition, name }] = calls.tasks;
    assert.deepEqual({ ...execution }, {
      process: "tdscen",
      args: [action, path.join("sub folder", "it's; $x.tds")],
      options: { cwd: "/study" },
    });
    assert.deepEqual(definition, { type: "tdscen", action, file: document.uri.fsPath });
    assert.equal(name, `${action} it's; $x.tds`);
    const [declared] = MANIFEST.contributes.taskDefinitions;
    assert.deepEqual(Object.keys(definition).sort(), ["type", ...declared.required].sort());
    assert.ok(declared.properties.action.enum.includes(action));
  });
}

test("only a scenario is run, and only a saved one", async () => {
  const other = await activated({ document: opened("/study/readme.md", "markdown") });
  await other.calls.commands["tdscen.run"]();
  assert.deepEqual(other.calls.said, ["Open a scenario (.tds) from a disk first."]);
  const unsaved = opened("/study/a.tds");
  unsaved.save = async () => false;
  const { calls } = await activated({ document: unsaved });
  await calls.commands["tdscen.run"]();
  assert.equal(calls.tasks.length + other.calls.tasks.length, 0);
});

test("a task of tasks.json keeps its definition", async () => {
  const { calls } = await activated();
  const definition = { type: "tdscen", action: "run", file: "${workspaceFolder}/a.tds" };
  const made = calls.provider.resolveTask({ definition });
  assert.equal(made.definition, definition);
  assert.deepEqual(made.execution.args, ["run", "a.tds"]);
});

test("the language client has what is taken from it", () => {
  // Its classes extend VS Code's, so a stand-in must give a class for any name.
  const anything = new Proxy(class {}, { get: (_, name) => (name === "prototype" ? {} : class {}) });
  const real = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? anything : real(name, ...rest));
  try {
    const client = require("vscode-languageclient/node");
    assert.equal(typeof client.LanguageClient.prototype.start, "function");
    assert.equal(typeof client.LanguageClient.prototype.stop, "function");
    assert.equal(typeof client.LanguageClient.prototype.error, "function");
    assert.equal(typeof client.LanguageClient.prototype.isRunning, "function");
    assert.deepEqual([client.RevealOutputChannelOn.Never, client.ErrorAction.Continue], [4, 1]);
    assert.deepEqual([client.CloseAction.DoNotRestart, client.CloseAction.Restart], [1, 2]);
  } finally {
    Module._load = real;
  }
});

test("programs and arguments", () => {
  assert.equal(program("", "/study", "/home/me"), "tdscen");
  assert.equal(program(undefined, undefined, "/home/me"), "tdscen");
  assert.equal(program("~/bin/tdscen", "/study", "/home/me"), "/home/me/bin/tdscen");
  assert.deepEqual(argumentsFor("check", "/a/b.tds", "/a"), ["check", "b.tds"]);
  assert.deepEqual(argumentsFor("check", "/b.tds", "/a"), ["check", "/b.tds"]);
  assert.deepEqual(argumentsFor("check", "/a/-x.tds", "/a"), ["check", "/a/-x.tds"]);
  assert.throws(() => argumentsFor("explode", "/a/b.tds", "/a"), /no action explode/);
});

test("what the manifest names is there", () => {
  const { contributes, main } = MANIFEST;
  const { languages, grammars, snippets } = contributes;
  for (const file of [main, languages[0].configuration, grammars[0].path, snippets[0].path]) {
    assert.ok(fs.existsSync(path.join(HERE, file)), file);
  }
  const grammar = JSON.parse(fs.readFileSync(path.join(HERE, grammars[0].path), "utf8"));
  assert.equal(grammars[0].scopeName, grammar.scopeName);
});
