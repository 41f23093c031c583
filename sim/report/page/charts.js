"use strict";

// What all charts have in common: their look, axes, and names at the ends of lines.

const FONT = { family: '"DejaVu Sans", Verdana, Arial, sans-serif', size: 12 };
const LABEL_HEIGHT = 15;
const WIDEST_LABEL = 175;
const NARROW = 620;

function node(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function emptied(id) {
  const element = document.getElementById(id);
  element.replaceChildren();
  return element;
}

// As many divisions of a container as there are names; those that stay keep their charts.
function divisions(container, names) {
  const there = new Map([...container.children].map((child) => [child.dataset.of, child]));
  for (const [name, child] of there) {
    if (!names.includes(name)) {
      Plotly.purge(child);
      child.remove();
    }
  }
  return names.map((name) => {
    const child = there.get(name) || node("div", { "data-of": name, role: "img", class: "chart" });
    container.append(child);
    return child;
  });
}

function baseLayout(height, margin) {
  const axis = { linecolor: content.colors.neutral, linewidth: 1, tickcolor: content.colors.neutral, fixedrange: true };
  return {
    height,
    margin: { l: 52, r: 12, t: 12, b: 30, ...margin },
    font: { ...FONT, color: content.colors.ink },
    paper_bgcolor: "white",
    plot_bgcolor: "white",
    showlegend: false,
    separators: separators(),
    hovermode: "x unified",
    hoverlabel: { bgcolor: "white", bordercolor: content.colors.neutral, font: { ...FONT, size: 11 }, namelength: -1 },
    xaxis: { ...axis, showgrid: false, ticks: "outside", ticklen: 4, zeroline: false, showline: true },
    yaxis: { ...axis, gridcolor: content.colors.grid, zeroline: false, showline: false, ticks: "" },
    annotations: [],
    shapes: [],
  };
}

// Round numbers, evenly spaced, between the lowest and the highest.
function niceTicks(low, high, most) {
  const rough = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return { step, ticks: Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step) };
}

function decimalsOf(step) {
  for (let decimals = 0; decimals < 9; decimals += 1) {
    if (Math.abs(step - Number(step.toFixed(decimals))) < 1e-6 * step) return decimals;
  }
  return 9;
}

// An axis of values, which holds zero only where the values given do.
function valueAxis(axis, low, high, most, sign) {
  const room = 0.05 * (high - low || Math.abs(high) || 1);
  const range = [low ? low - room : low, high || high === low ? high + room : high];
  const { step, ticks } = niceTicks(range[0], range[1], most);
  const decimals = decimalsOf(step);
  const ticktext = ticks.map((tick) => written(Math.abs(tick) < step / 1e6 ? 0 : tick, decimals, sign));
  return { ...axis, range, tickmode: "array", tickvals: ticks, ticktext };
}

function yearAxis(axis, first, last, width) {
  const span = Math.max(last - first, 1);
  const most = width < 420 ? 4 : 8;
  const step = [1, 2, 5, 10, 20, 50, 100].find((size) => span / size <= most) || 200;
  const ticks = [];
  for (let year = Math.ceil(first / step) * step; year <= last; year += step) ticks.push(year);
  return { ...axis, range: [first, first + span], tickmode: "array", tickvals: ticks, ticktext: ticks.map(String) };
}

// What a pointer shows is of one year: it reaches half of the way to the next one.
function reachOf(layout, width) {
  const [first, last] = layout.xaxis.range;
  return Math.max(1, Math.floor((width - layout.margin.l - layout.margin.r) / (last - first) / 2));
}

function zeroLine(axis) {
  if (!(axis.range[0] < 0 && axis.range[1] >= 0)) return [];
  const line = { color: content.colors.neutral, width: 1 };
  return [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: 0, y1: 0, line, layer: "below" }];
}

let measuring = null;

function widthOf(text, size) {
  measuring = measuring || document.createElement("canvas").getContext("2d");
  measuring.font = `${size}px ${FONT.family}`;
  return measuring.measureText(text).width;
}

// Text in lines no wider than some pixels.
function wrapped(text, size, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = lines[lines.length - 1] ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines[lines.length - 1] && widthOf(longer, size) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

// Names at the ends of lines, moved apart so that none lies over another.
function endLabels(ends, axis, height, size) {
  const sorted = ends
    .filter((end) => Number.isFinite(end.value))
    .map((end) => ({ ...end, lines: wrapped(end.text, size, WIDEST_LABEL) }))
    .sort((one, other) => other.value - one.value);
  const [low, high] = axis.range;
  const pixel = (value) => ((high - value) / (high - low)) * height;
  for (const end of sorted) {
    end.room = end.lines.length * LABEL_HEIGHT;
    end.y = pixel(end.value);
  }
  spread(sorted, height);
  return sorted.map((end) => ({
    xref: "paper", yref: "paper", x: 1, y: 1 - end.y / height, xanchor: "left", yanchor: "middle", xshift: 6,
    showarrow: false, align: "left", text: end.lines.map(plain).join("<br>"), font: { ...FONT, size, color: end.color },
  }));
}

function spread(ends, height) {
  for (let turn = 0; turn < 200; turn += 1) {
    let moved = false;
    for (let place = 1; place < ends.length; place += 1) {
      const [above, below] = [ends[place - 1], ends[place]];
      const overlap = (above.room + below.room) / 2 - (below.y - above.y);
      if (overlap > 0.5) {
        above.y -= overlap / 2;
        below.y += overlap / 2;
        moved = true;
      }
    }
    if (!moved) break;
  }
  const last = ends[ends.length - 1];
  const over = last ? Math.max(0, last.y + last.room / 2 - height - 12) : 0;
  for (const end of ends) end.y -= over;
}

function widestOf(ends, size) {
  const widths = ends.flatMap((end) => wrapped(end.text, size, WIDEST_LABEL)).map((line) => widthOf(line, size));
  return Math.max(0, ...widths);
}

// Name and look of each line, where there is no room for names at their ends.
function key(scenarios) {
  return scenarios.map((scenario) => node("span", { class: "key-entry" }, sample(scenario), labelOf(scenario)));
}

const DASH_ARRAYS = { solid: "", dash: "8 4", dot: "2 3", dashdot: "8 3 2 3", longdash: "14 5", longdashdot: "14 4 2 4" };

function sample(scenario) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  for (const [name, value] of Object.entries({ width: 34, height: 10, "aria-hidden": "true", class: "sample" })) {
    picture.setAttribute(name, value);
  }
  const look = {
    x1: 1, x2: 33, y1: 5, y2: 5, stroke: colorOf(scenario), "stroke-width": 2.5,
    "stroke-dasharray": DASH_ARRAYS[dashOf(scenario)],
  };
  for (const [name, value] of Object.entries(look)) line.setAttribute(name, value);
  picture.append(line);
  return picture;
}

function draw(division, traces, layout, label) {
  division.setAttribute("aria-label", label);
  return Plotly.react(division, traces, { ...layout, width: roomOf(division) }, { displayModeBar: false, doubleClick: false, showTips: false });
}

function roomOf(element) {
  return Math.max(element.clientWidth || element.parentElement.clientWidth, 240);
}
