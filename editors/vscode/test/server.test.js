// The extension with the real language client and the real server (TDSCEN names it), in a stand-in for VS Code.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { editor } = require("./editor");

const PROGRAM = process.env.TDSCEN;
const SCENARIOS = path.join(__dirname, "..", "..", "..", "scenarios");

const HOW = { skip: PROGRAM ? false : "TDSCEN names no program", timeout: 60_000 };

test("what the server answers arrives in the editor", HOW, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tdscen-vscode-"));
  fs.symlinkSync(path.join(SCENARIOS, "feeders"), path.join(folder, "feeders"));
  const written = fs.readFileSync(path.join(SCENARIOS, "ieee14_ieee34.tds"), "utf8");
  const file = path.join(folder, "study.tds");
  const { vscode, done, open, replace, never } = editor(folder, PROGRAM);
  const real = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? vscode : real(name, ...rest));
  const extension = require("../src/extension");
  try {
    const document = await open(file, written.replace("step = 1 s", "step = 1"));
    await extension.activate({ subscriptions: [] }).started;
    assert.deepEqual(done.said, []);

    const told = async (codes) => {
      while (String((done.diagnostics[file] ?? [{}]).map((d) => d.code)) !== String(codes)) {
        await new Promise((resolve) => done.published.subscribe(resolve));
      }
      return done.diagnostics[file];
    };
    const [problem] = await told(["TDS306"]);
    const ask = (kind, method, ...more) =>
      done.registered[`register${kind}Provider`][`provide${method}`](document, ...more);

    const about = { diagnostics: [problem], triggerKind: 1 };
    const actions = await ask("CodeActions", "CodeActions", problem.range, about, never);
    assert.equal(actions[0].title, "Change to 1 s");
    await replace(document, "step = 1\n", "step = 1 s\n");
    assert.deepEqual(await told([]), []);

    const at = (mark) => document.at(document.text.indexOf(mark) + mark.length);
    const offers = await ask("CompletionItem", "CompletionItems", at("ieee14.bus["), never, { triggerKind: 0 });
    const bus = offers.items.find((item) => (item.label.label ?? item.label) === "4");
    assert.match(bus.detail, /47\.8 MW/);
    const hover = await ask("Hover", "Hover", at("ieee14.bus[4"), never);
    assert.match([hover.contents].flat().map((each) => each.value).join(), /47\.8 MW/);
    const place = await ask("Definition", "Definition", at("= wob"), never);
    assert.deepEqual([place.range.start.line, place.uri.fsPath], [at("profile wob").line, file]);
    const renamed = await ask("Rename", "RenameEdits", at("= wob"), "gusts", never);
    assert.deepEqual(renamed.edits.map(([, edits]) => edits.length), [2]);
    const outline = await ask("DocumentSymbol", "DocumentSymbols", never);
    assert.ok(outline.some((symbol) => symbol.name === "bus4"));
    await replace(document, "step = 1 s", "step    = 1 s");
    const spaces = { tabSize: 2, insertSpaces: true };
    const [layout] = await ask("DocumentFormattingEdit", "DocumentFormattingEdits", spaces, never);
    assert.equal(layout.newText, written);
  } finally {
    await extension.deactivate();
    Module._load = real;
    fs.rmSync(folder, { recursive: true });
  }
});
