// What is started: the tdscen program of the settings, with its arguments as a list. No shell reads them.
"use strict";

const path = require("node:path");

const ACTIONS = ["check", "compile", "run"];

/** The program of a setting: `${workspaceFolder}` and a leading `~/` stand for folders; an empty one is `tdscen`. */
function program(setting, workspaceFolder, home) {
  const written = (setting || "").trim() || "tdscen";
  const told = workspaceFolder ? written.replaceAll("${workspaceFolder}", workspaceFolder) : written;
  return told.startsWith("~/") && home ? home + told.slice(1) : told;
}

/**
 * The arguments for an action with a scenario, which is named from the folder `cwd` on where it lies there.
 * Throws for an action that there is not.
 */
function argumentsFor(action, file, cwd) {
  if (!ACTIONS.includes(action)) throw new Error(`tdscen has no action ${action} here: ${ACTIONS.join(", ")}`);
  const below = path.relative(cwd, file);
  const outside = below === "" || path.isAbsolute(below) || below.split(path.sep)[0] === "..";
  // A name that begins with a dash would be read as an option.
  return [action, outside || below.startsWith("-") ? file : below];
}

module.exports = { ACTIONS, argumentsFor, program };
