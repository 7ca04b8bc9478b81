// The language client: one server, one sentence where it does not start, and no more than that on the screen.
"use strict";

const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { setTimeout: sleep } = require("node:timers/promises");
const { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn } = require("vscode-languageclient/node");

const MOST_CRASHES = 4;
const WITHIN_MS = 180_000;
const KEPT = 2000;
const PATIENCE_MS = 500;

/** Its own notifications (three of them where a server does not start) go to the output channel only. */
class QuietClient extends LanguageClient {
  error(message, data) {
    super.error(message, data, false);
  }
}

/** A running `tdscen lsp`, and why it did not come to that. */
class Server {
  /** `tell` is called with one sentence when a server that ran has crashed too often to be started again. */
  constructor(command, cwd, options, tell) {
    this.command = command;
    this.cwd = cwd;
    this.tell = tell;
    this.said = "";
    this.crashes = [];
    this.running = false;
    this.client = new QuietClient("tdscen", "tdscen", () => this.spawn(), {
      ...options,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
      errorHandler: { error: () => ({ action: ErrorAction.Continue, handled: true }), closed: () => this.closed() },
    });
  }

  /** Resolves when the server answers; rejects with the reason, in the server's own last words where it had any. */
  async start() {
    try {
      await this.client.start();
      // Where the server ends before it answers, the client only logs it.
      if (!this.client.isRunning()) throw new Error("it ended without a word");
      this.running = true;
    } catch (error) {
      await this.ended();
      const words = this.said.trim().split("\n").at(-1).trim();
      this.process?.kill();
      throw new Error(words || error.message);
    }
  }

  async stop() {
    this.running = false;
    // A server that has died cannot be stopped; that is what was wanted.
    await this.client.stop().catch(() => undefined);
    this.process?.kill();
  }

  /** Its last words come with its end, which the client may learn of before us. */
  async ended() {
    if (this.process === undefined || this.process.exitCode !== null) return;
    await Promise.race([once(this.process, "close"), sleep(PATIENCE_MS)]).catch(() => undefined);
  }

  spawn() {
    return new Promise((resolve, reject) => {
      this.said = "";
      this.process = spawn(this.command, ["lsp"], { cwd: this.cwd });
      this.process.once("error", reject);
      this.process.once("spawn", () => resolve(this.process));
      this.process.stderr.on("data", (words) => (this.said = (this.said + words).slice(-KEPT)));
    });
  }

  closed() {
    const givenUp = { action: CloseAction.DoNotRestart, handled: true };
    if (!this.running) return givenUp;
    const now = Date.now();
    this.crashes = [...this.crashes.filter((then) => now - then < WITHIN_MS), now];
    if (this.crashes.length <= MOST_CRASHES) return { action: CloseAction.Restart, handled: true };
    this.running = false;
    this.tell(`${this.command} lsp has ended ${this.crashes.length} times in three minutes and is not started again.`);
    return givenUp;
  }
}

module.exports = { Server };
