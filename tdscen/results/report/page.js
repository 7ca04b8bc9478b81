"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const numbers = (text) => new Float32Array(bytes(text));
  const data = JSON.parse(document.getElementById("data").textContent);
  const time = new Float64Array(bytes(data.time_s)), last = time.length - 1;
  const whole = [time[0], last ? time[last] : time[0] + 1];
  let range = whole.slice(), printing = false;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const make = (kind, parent, text, name) => {
    const made = document.createElement(kind);
    if (text) made.textContent = text;
    if (name) made.className = name;
    parent.append(made);
    return made;
  };
  const short = (value) => String(Number(value.toPrecision(6)));
  const UNIT = data.hours ? { s: 3600, name: " h" } : { s: 1, name: " s" };
  const moment = (at_s) => short(at_s / UNIT.s) + UNIT.name;
  const EDGE = { left: 66, right: 10, top: 8, bottom: 24 };

  // Steps of 1, 2 or 5 times a power of ten, about `wanted` of them, none smaller than `least`.
  const ticks = (low, high, wanted, least = 0) => {
    const rough = Math.max((high - low) / wanted, least), power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
    return found;
  };

  const nearest = (at) => {
    let low = 0, high = last;
    while (high - low > 1) { const middle = (low + high) >> 1; if (time[middle] <= at) low = middle; else high = middle; }
    return at - time[low] <= time[high] - at ? low : high;
  };

  // Six colours; the next six traces have them again, dashed.
  const ink = (k) => ({ colour: colour("t" + (k % 6)), dashed: k % 12 >= 6 });

  class Chart {
    constructor(given, parent) {
      this.counts = given.counts;
      this.traces = given.traces.map(([name, text]) => ({ name, values: numbers(text), on: true }));
      const frame = make("figure", parent);
      make("figcaption", frame, given.title + (given.unit ? " (" + given.unit + ")" : ""));
      this.canvas = make("canvas", frame);
      this.canvas.setAttribute("role", "img");
      this.canvas.setAttribute("aria-label", given.title + " over time");
      this.reading = make("div", frame, "", "reading");
      this.legend = make("div", frame, "", "traces");
      this.listen();
      if (given.members.length) this.offer(given, frame);
      this.name();
    }

    // The single traces behind a spread are decoded when the first one is asked for.
    offer(given, frame) {
      if (given.detail === null) { make("div", frame, "The single traces are too many for this page.", "reading"); return; }
      const select = make("select", frame);
      make("option", select, "add one of " + given.members.length);
      for (const member of given.members) make("option", select, member);
      let all = null;
      select.addEventListener("change", () => {
        const k = select.selectedIndex - 1;
        if (k < 0) return;
        all = all || numbers(given.detail);
        this.traces.push({ name: given.members[k], values: all.subarray(k * time.length, (k + 1) * time.length), on: true });
        select.selectedIndex = 0;
        this.name();
        this.draw();
      });
    }

    name() {
      this.legend.replaceChildren();
      this.traces.forEach((trace, k) => {
        const button = make("button", this.legend, "", trace.on ? "" : "off");
        button.type = "button";
        make("span", button, "", ink(k).dashed ? "swatch dashed" : "swatch").style.borderColor = ink(k).colour;
        button.append(trace.name);
        button.setAttribute("aria-pressed", String(trace.on));
        button.addEventListener("click", () => { trace.on = !trace.on; this.name(); this.draw(); });
      });
    }

    at(event) { return range[0] + (event.offsetX - EDGE.left) / this.inner * (range[1] - range[0]); }

    listen() {
      let from = null;
      this.canvas.addEventListener("pointerdown", (event) => { from = this.at(event); this.canvas.setPointerCapture(event.pointerId); });
      this.canvas.addEventListener("pointermove", (event) => this.read(this.at(event), from, event.offsetX));
      this.canvas.addEventListener("pointerup", (event) => {
        const ends = [from, this.at(event)].sort((a, b) => a - b);
        from = null;
        const low = Math.max(ends[0], whole[0]), high = Math.min(ends[1], whole[1]);
        if (high - low > 0.02 * (range[1] - range[0])) { range = [low, high]; redraw(); } else this.draw();
      });
      this.canvas.addEventListener("pointerleave", () => { this.reading.textContent = ""; this.draw(); });
      this.canvas.addEventListener("dblclick", () => { range = whole.slice(); redraw(); });
    }

    read(at, from, x) {
      const row = nearest(at);
      const told = this.traces.filter((trace) => trace.on).slice(0, 8).map((trace) => trace.name + " " + short(trace.values[row]));
      this.reading.textContent = "t = " + moment(time[row]) + ": " + told.join(", ");
      this.draw();
      this.pen.fillStyle = this.pen.strokeStyle = colour("faint");
      this.pen.globalAlpha = from === null ? 0.6 : 0.2;
      const start = from === null ? x : this.x(from);
      this.pen.fillRect(Math.min(start, x), EDGE.top, Math.max(1, Math.abs(x - start)), this.high);
      this.pen.globalAlpha = 1;
    }

    x(at) { return EDGE.left + (at - range[0]) / (range[1] - range[0]) * this.inner; }

    draw() {
      const width = this.canvas.clientWidth, height = this.canvas.clientHeight, sharp = tools.sharpness();
      this.canvas.width = width * sharp;
      this.canvas.height = height * sharp;
      this.inner = width - EDGE.left - EDGE.right;
      this.high = height - EDGE.top - EDGE.bottom;
      const pen = this.pen = this.canvas.getContext("2d");
      pen.scale(sharp, sharp);
      pen.font = "11px system-ui, sans-serif";
      const first = Math.max(0, nearest(range[0]) - 1), until = Math.min(last, nearest(range[1]) + 1);
      let low = Infinity, high = -Infinity;
      for (const trace of this.traces) if (trace.on) for (let k = first; k <= until; k++) {
        const value = trace.values[k];
        if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
      }
      if (!(low <= high)) { low = 0; high = 1; }
      // At least so high that the six digits of neighbouring ticks differ, and counts have whole numbers.
      const least = this.counts ? 0.5 : 2e-5 * Math.max(Math.abs(low), Math.abs(high));
      const margin = Math.max(0.06 * (high - low), least);
      if (margin === 0) { low = -1; high = 1; }
      low -= margin; high += margin;
      const y = (value) => EDGE.top + (high - value) / (high - low) * this.high;
      this.axes(pen, low, high, y, width, height);
      pen.save();
      pen.beginPath();
      pen.rect(EDGE.left, EDGE.top, this.inner, this.high);
      pen.clip();
      this.events(pen);
      this.traces.forEach((trace, k) => { if (trace.on) this.line(pen, trace.values, ink(k), first, until, y); });
      pen.restore();
    }

    axes(pen, low, high, y, width, height) {
      pen.strokeStyle = colour("line");
      pen.fillStyle = colour("faint");
      pen.lineWidth = 1;
      pen.textAlign = "right";
      pen.textBaseline = "middle";
      for (const value of ticks(low, high, 5, this.counts ? 1 : 0)) {
        pen.beginPath(); pen.moveTo(EDGE.left, y(value)); pen.lineTo(width - EDGE.right, y(value)); pen.stroke();
        pen.fillText(short(value), EDGE.left - 6, y(value));
      }
      pen.textAlign = "center";
      pen.textBaseline = "top";
      for (const value of ticks(range[0] / UNIT.s, range[1] / UNIT.s, 6)) {
        pen.fillText(short(value) + UNIT.name, Math.min(this.x(value * UNIT.s), width - 20), height - EDGE.bottom + 6);
      }
    }

    // Each with its name, on the side where there is room, unless that lies over the name before.
    events(pen) {
      let free = EDGE.left;
      pen.textAlign = "left";
      pen.textBaseline = "top";
      for (const event of data.events) {
        pen.fillStyle = pen.strokeStyle = colour("event");
        const from = this.x(event.at_s);
        if (event.until_s !== null) { pen.globalAlpha = 0.15; pen.fillRect(from, EDGE.top, this.x(event.until_s) - from, this.high); pen.globalAlpha = 1; }
        pen.setLineDash([2, 3]);
        pen.beginPath(); pen.moveTo(from, EDGE.top); pen.lineTo(from, EDGE.top + this.high); pen.stroke();
        pen.setLineDash([]);
        const wide = pen.measureText(event.name).width, right = EDGE.left + this.inner;
        const start = from + 3 + wide > right ? from - 3 - wide : from + 3;
        if (start >= free && start + wide <= right) { pen.fillText(event.name, start, EDGE.top); free = start + wide + 6; }
      }
    }

    line(pen, values, ink, first, until, y) {
      pen.strokeStyle = pen.fillStyle = ink.colour;
      pen.setLineDash(ink.dashed ? [6, 3] : []);
      pen.lineWidth = 1.4;
      pen.beginPath();
      for (let k = first, down = false; k <= until; k++) {
        if (!Number.isFinite(values[k])) { down = false; continue; }
        // What counts is that of the step to a time: a tap moves at the time before.
        if (down && this.counts) pen.lineTo(this.x(time[k - 1]), y(values[k]));
        if (down) pen.lineTo(this.x(time[k]), y(values[k])); else pen.moveTo(this.x(time[k]), y(values[k]));
        down = true;
      }
      pen.stroke();
      pen.setLineDash([]);
      if (until - first < 60) for (let k = first; k <= until; k++) {
        if (Number.isFinite(values[k])) { pen.beginPath(); pen.arc(this.x(time[k]), y(values[k]), 2, 0, 7); pen.fill(); }
      }
    }
  }

  const place = document.getElementById("charts");
  const all = data.charts.map((given) => new Chart(given, place));
  const tools = { colour, make, numbers, short, ticks, EDGE, sharpness: () => (printing ? 3 : window.devicePixelRatio || 1) };
  if (data.along.feeders.length) all.push(new Along(data.along, document.getElementById("along"), tools));
  const redraw = () => all.forEach((chart) => chart.draw());
  const renew = () => all.forEach((chart) => { chart.name(); chart.draw(); });
  const root = document.documentElement, dark = window.matchMedia("(prefers-color-scheme: dark)");
  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    renew();
  });
  let before, closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const each of closed) each.open = true;
    before = root.dataset.theme;
    root.dataset.theme = "light";
    printing = true;
    renew();
  });
  window.addEventListener("afterprint", () => { for (const each of closed) each.open = false; printing = false; if (before) root.dataset.theme = before; else delete root.dataset.theme; renew(); });
  dark.addEventListener("change", renew);
  window.addEventListener("resize", redraw);
  redraw();
  root.dataset.charts = String(all.length);
})();
