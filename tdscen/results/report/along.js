"use strict";
// Voltages along a feeder: its tree drawn over the distance from the source, a colour for each phase.
class Along {
  constructor(given, parent, tools) {
    Object.assign(this, { given, tools, on: [true, true, true], from: null });
    const { make } = tools, frame = make("figure", parent);
    make("figcaption", frame, "Feeder voltage (pu)");
    this.select = make("select", frame);
    for (const each of given.feeders) make("option", this.select, each.name);
    this.select.hidden = given.feeders.length < 2;
    this.select.addEventListener("change", () => { this.choose(); this.draw(); });
    this.canvas = make("canvas", frame);
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "Feeder voltage over distance");
    this.reading = make("div", frame, "", "reading");
    this.legend = make("div", frame, "", "traces");
    this.choose();
    this.listen();
    this.name();
  }

  choose() {
    const feeder = this.given.feeders[this.select.selectedIndex], model = this.given.models[feeder.model];
    const values = this.tools.numbers(feeder.values), n = model.nodes.length;
    this.model = model;
    this.distance = this.tools.numbers(model.distance);
    [this.lowest, this.highest, this.last] = [0, 1, 2].map((k) => values.subarray(k * n, (k + 1) * n));
    this.whole = [0, this.distance.reduce((most, each) => (each > most ? each : most), 1e-6)];
    this.range = this.whole.slice();
  }

  name() {
    this.legend.replaceChildren();
    ["a", "b", "c"].forEach((phase, k) => {
      const button = this.tools.make("button", this.legend, "", this.on[k] ? "" : "off");
      button.type = "button";
      this.tools.make("span", button, "", "swatch").style.borderColor = this.tools.colour("t" + k);
      button.append("phase " + phase);
      button.setAttribute("aria-pressed", String(this.on[k]));
      button.addEventListener("click", () => { this.on[k] = !this.on[k]; this.name(); this.draw(); });
    });
  }

  at(event) { return this.range[0] + (event.offsetX - this.tools.EDGE.left) / this.inner * (this.range[1] - this.range[0]); }

  listen() {
    this.canvas.addEventListener("pointerdown", (event) => { this.from = this.at(event); this.canvas.setPointerCapture(event.pointerId); });
    this.canvas.addEventListener("pointermove", (event) => this.read(event));
    this.canvas.addEventListener("pointerup", (event) => {
      const ends = [this.from, this.at(event)].sort((a, b) => a - b);
      this.from = null;
      const low = Math.max(ends[0], this.whole[0]), high = Math.min(ends[1], this.whole[1]);
      if (high - low > 0.02 * (this.range[1] - this.range[0])) this.range = [low, high];
      this.draw();
    });
    this.canvas.addEventListener("pointerleave", () => { this.reading.textContent = ""; });
    this.canvas.addEventListener("dblclick", () => { this.range = this.whole.slice(); this.draw(); });
  }

  read(event) {
    const { short } = this.tools;
    let best = -1, least = Infinity;
    this.model.nodes.forEach((_, i) => {
      if (!this.shown(i)) return;
      const away = (this.x(this.distance[i]) - event.offsetX) ** 2 + (this.y(this.middle(i)) - event.offsetY) ** 2;
      if (away < least) { least = away; best = i; }
    });
    if (best < 0) return;
    const unit = this.model.unit ? " " + this.model.unit : "";
    const last = Number.isFinite(this.last[best]) ? ", at last " + short(this.last[best]) : ", without supply at last";
    this.reading.textContent = this.model.nodes[best] + " at " + short(this.distance[best]) + unit + ": "
      + short(this.lowest[best]) + " to " + short(this.highest[best]) + " pu" + last;
  }

  middle(i) { return Number.isFinite(this.last[i]) ? this.last[i] : (this.lowest[i] + this.highest[i]) / 2; }

  shown(i) { return this.on[this.model.phase[i] - 1] && Number.isFinite(this.distance[i]) && Number.isFinite(this.lowest[i]); }

  x(distance) { return this.tools.EDGE.left + (distance - this.range[0]) / (this.range[1] - this.range[0]) * this.inner; }

  y(v) { return this.tools.EDGE.top + (this.high - v) / (this.high - this.low) * this.tall; }

  draw() {
    const { EDGE, colour, short, ticks } = this.tools;
    const width = this.canvas.clientWidth, height = this.canvas.clientHeight, sharp = this.tools.sharpness();
    this.canvas.width = width * sharp;
    this.canvas.height = height * sharp;
    this.inner = width - EDGE.left - EDGE.right;
    this.tall = height - EDGE.top - EDGE.bottom;
    const pen = this.canvas.getContext("2d");
    pen.scale(sharp, sharp);
    pen.font = "11px system-ui, sans-serif";
    const places = this.model.nodes.map((_, i) => i).filter((i) => this.shown(i));
    this.low = Infinity; this.high = -Infinity;
    for (const i of places) if (this.distance[i] >= this.range[0] && this.distance[i] <= this.range[1]) {
      this.low = Math.min(this.low, this.lowest[i]);
      this.high = Math.max(this.high, this.highest[i]);
    }
    if (!(this.low <= this.high)) { this.low = 0.9; this.high = 1.1; }
    const margin = Math.max(0.06 * (this.high - this.low), 1e-4);
    this.low -= margin; this.high += margin;
    pen.strokeStyle = colour("line");
    pen.fillStyle = colour("faint");
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const value of ticks(this.low, this.high, 6)) {
      pen.beginPath(); pen.moveTo(EDGE.left, this.y(value)); pen.lineTo(width - EDGE.right, this.y(value)); pen.stroke();
      pen.fillText(short(value), EDGE.left - 6, this.y(value));
    }
    pen.textAlign = "center";
    pen.textBaseline = "top";
    const unit = this.model.unit ? " " + this.model.unit : "";
    for (const value of ticks(...this.range, 8)) pen.fillText(short(value) + unit, Math.min(this.x(value), width - 20), height - EDGE.bottom + 6);
    pen.save();
    pen.beginPath(); pen.rect(EDGE.left, EDGE.top, this.inner, this.tall); pen.clip();
    for (const [k, name] of ["t0", "t1", "t2"].entries()) this.phase(pen, places.filter((i) => this.model.phase[i] === k + 1), colour(name));
    pen.restore();
  }

  phase(pen, places, ink) {
    pen.strokeStyle = pen.fillStyle = ink;
    const band = (i, j) => {
      pen.moveTo(this.x(this.distance[j]), this.y(this.lowest[j]));
      pen.lineTo(this.x(this.distance[i]), this.y(this.lowest[i]));
      pen.lineTo(this.x(this.distance[i]), this.y(this.highest[i]));
      pen.lineTo(this.x(this.distance[j]), this.y(this.highest[j]));
      pen.closePath();
    };
    const before = (i) => { const j = this.model.before[i]; return j >= 0 && this.shown(j) ? j : -1; };
    pen.globalAlpha = 0.16;
    pen.beginPath(); // all of a phase at once: where branches lie over each other the band is no darker
    for (const i of places) if (before(i) >= 0) band(i, before(i));
    pen.fill();
    pen.globalAlpha = 1;
    pen.lineWidth = 1.4;
    for (const i of places) {
      const j = before(i);
      if (j >= 0 && Number.isFinite(this.last[i]) && Number.isFinite(this.last[j])) {
        pen.beginPath(); pen.moveTo(this.x(this.distance[j]), this.y(this.last[j])); pen.lineTo(this.x(this.distance[i]), this.y(this.last[i])); pen.stroke();
      }
    }
    if (places.length < 400) for (const i of places) if (Number.isFinite(this.last[i])) {
      pen.beginPath(); pen.arc(this.x(this.distance[i]), this.y(this.last[i]), 1.8, 0, 7); pen.fill();
    }
  }
}
