// Colours files with the engine that VS Code uses: `node test/tokens.js FILE...` prints, for each file, its tokens
// as [start, end, innermost scope] in UTF-16 units of the whole text, as one JSON object.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const HERE = path.join(__dirname, "..");
const GRAMMAR = path.join(HERE, "syntaxes", "tds.tmLanguage.json");

async function load() {
  const wasm = fs.readFileSync(path.join(path.dirname(require.resolve("vscode-oniguruma")), "onig.wasm"));
  await oniguruma.loadWASM(wasm);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(GRAMMAR, "utf8"), GRAMMAR),
  });
  return registry.loadGrammar("source.tds");
}

function tokens(grammar, text) {
  const found = [];
  let stack = textmate.INITIAL;
  let start = 0;
  for (const line of text.split("\n")) {
    const read = grammar.tokenizeLine(line, stack);
    stack = read.ruleStack;
    for (const token of read.tokens) {
      const end = Math.min(token.endIndex, line.length);
      if (token.startIndex < end) found.push([start + token.startIndex, start + end, token.scopes.at(-1)]);
    }
    start += line.length + 1;
  }
  return found;
}

async function main(files) {
  const grammar = await load();
  const read = files.map((file) => [file, tokens(grammar, fs.readFileSync(file, "utf8"))]);
  process.stdout.write(JSON.stringify(Object.fromEntries(read)));
}

main(process.argv.slice(2));
