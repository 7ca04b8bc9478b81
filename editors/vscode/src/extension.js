// Starts `tdscen lsp` for scenario files, and runs check, compile and run of the open one as tasks in a terminal.
"use strict";

const os = require("node:os");
const path = require("node:path");
const vscode = require("vscode");
const { Server } = require("./client");
const { ACTIONS, argumentsFor, program } = require("./command");

const LANGUAGE = "tds";
const MEND = "Install it (pip install 'tdscen[editor]'), or name the program in the settings.";

let server;

/** Commands wait for this: nothing in here waits for the server. */
function activate(context) {
  for (const action of ACTIONS) {
    context.subscriptions.push(vscode.commands.registerCommand(`tdscen.${action}`, () => act(action)));
  }
  context.subscriptions.push(
    vscode.commands.registerCommand("tdscen.restart", restart),
    vscode.tasks.registerTaskProvider("tdscen", { provideTasks: () => [], resolveTask }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("tdscen.command")) return restart();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => restart()),
  );
  return { started: start() };
}

function deactivate() {
  return stop();
}

/** The program for a file: settings may differ from folder to folder. */
function tdscen(uri) {
  const folder = uri ? vscode.workspace.getWorkspaceFolder(uri) : vscode.workspace.workspaceFolders?.[0];
  const setting = vscode.workspace.getConfiguration("tdscen", uri).get("command");
  return program(setting, folder?.uri.fsPath, os.homedir());
}

async function start() {
  if (!vscode.workspace.isTrusted) return;
  const command = tdscen();
  const options = {
    documentSelector: [{ scheme: "file", language: LANGUAGE }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{tds,dss,csv}") },
  };
  const started = new Server(command, vscode.workspace.workspaceFolders?.[0]?.uri.fsPath, options, complain);
  server = started;
  try {
    await started.start();
  } catch (error) {
    if (server !== started) return; // another was started meanwhile
    server = undefined;
    await complain(`${command} lsp does not start: ${error.message.replace(/\.$/, "")}. ${MEND}`);
  }
}

async function complain(sentence) {
  const chosen = await vscode.window.showErrorMessage(sentence, "Open settings");
  if (chosen) await vscode.commands.executeCommand("workbench.action.openSettings", "tdscen.command");
}

async function stop() {
  const running = server;
  server = undefined;
  await running?.stop();
}

async function restart() {
  await stop();
  await start();
}

async function act(action) {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== LANGUAGE || document.uri.scheme !== "file") {
    await vscode.window.showErrorMessage("Open a scenario (.tds) from a disk first.");
    return undefined;
  }
  if (!(await document.save())) return undefined;
  const file = document.uri.fsPath;
  return vscode.tasks.executeTask(task({ type: "tdscen", action, file }, file));
}

/** The task that does what `definition` says with `file`, in the workspace's folder: there `generated/` arises. */
function task(definition, file) {
  const uri = vscode.Uri.file(file);
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const cwd = folder?.uri.fsPath ?? path.dirname(file);
  const execution = new vscode.ProcessExecution(tdscen(uri), argumentsFor(definition.action, file, cwd), { cwd });
  const name = `${definition.action} ${path.basename(file)}`;
  const made = new vscode.Task(definition, folder ?? vscode.TaskScope.Workspace, name, "tdscen", execution, []);
  made.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  return made;
}

/** A task written in tasks.json: its file may begin in the workspace's folder. */
function resolveTask(written) {
  const { definition } = written;
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  return task(definition, path.resolve(root, definition.file.replaceAll("${workspaceFolder}", root)));
}

module.exports = { activate, deactivate };
