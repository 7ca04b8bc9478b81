// The extension against stand-ins for VS Code and the language client: what it starts, and what it says.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { test } = require("node:test");
const { argumentsFor, program } = require("../src/command");

const HERE = path.join(__dirname, "..");
const MANIFEST = JSON.parse(fs.readFileSync(path.join(HERE, "package.json"), "utf8"));

/** A fresh extension in an editor of stand-ins; `calls` is what it did. */
function fresh({ trusted = true, fails = false, document, setting = "tdscen" } = {}) {
  const calls = { clients: [], stopped: 0, said: [], tasks: [], commands: {}, executed: [], listeners: {} };
  const folder = { uri: { fsPath: "/study" } };
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
    constructor(id, name, server, options) {
      calls.clients.push({ server, options });
    }
    async start() {
      if (fails) throw new Error("spawn tdscen ENOENT");
    }
    async stop() {
      calls.stopped += 1;
    }
  }
  const client = { LanguageClient, RevealOutputChannelOn: { Never: 4 } };
  const standIns = { vscode, "vscode-languageclient/node": client };
  const real = Module._load;
  Module._load = (name, ...rest) => standIns[name] ?? real(name, ...rest);
  try {
    const file = require.resolve("../src/extension");
    delete require.cache[file];
    return { extension: require(file), calls, vscode };
  } finally {
    Module._load = real;
  }
}

function opened(fsPath, languageId = "tds") {
  return { languageId, uri: { scheme: "file", fsPath }, save: async () => true };
}

async function activated(options) {
  const made = fresh(options);
  await made.extension.activate({ subscriptions: [] });
  return made;
}

test("every command of the manifest is there, and no other", async () => {
  const { calls } = await activated();
  assert.deepEqual(Object.keys(calls.commands).sort(), MANIFEST.contributes.commands.map((c) => c.command).sort());
});

test("the language server is `tdscen lsp` over its standard streams", async () => {
  const { calls, extension } = await activated({ setting: "${workspaceFolder}/.venv/bin/tdscen" });
  assert.equal(calls.clients.length, 1);
  assert.deepEqual(calls.clients[0].server, { command: "/study/.venv/bin/tdscen", args: ["lsp"] });
  assert.deepEqual(calls.clients[0].options.documentSelector, [{ scheme: "file", language: "tds" }]);
  await extension.deactivate();
  assert.equal(calls.stopped, 1);
});

test("a server that does not start is said once, with the mend", async () => {
  const { calls, extension } = await activated({ fails: true });
  assert.equal(calls.said.length, 1);
  assert.match(calls.said[0], /^tdscen lsp does not start \(spawn tdscen ENOENT\): pip install 'tdscen\[editor\]'/);
  assert.deepEqual(calls.executed, [["workbench.action.openSettings", "tdscen.command"]]);
  await extension.deactivate();
  assert.equal(calls.stopped, 0);
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
    assert.equal(client.RevealOutputChannelOn.Never, 4);
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
  const files = [main, contributes.languages[0].configuration, contributes.grammars[0].path, contributes.snippets[0].path];
  for (const file of files) assert.ok(fs.existsSync(path.join(HERE, file)), file);
  assert.equal(contributes.grammars[0].scopeName, JSON.parse(fs.readFileSync(path.join(HERE, files[2]), "utf8")).scopeName);
});
