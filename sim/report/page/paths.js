"use strict";

// Lines over the years: the population, other indicators, components of change; and what explains a difference.

const PATH_HEIGHT = 360;
const SMALL_HEIGHT = 240;

function line(scenario, series, divisor, decimals, sign) {
  const digits = `${sign ? "+" : ""},.${decimals}f`;
  return {
    x: series.years, y: series.values.map((value) => value / divisor), type: "scatter",
    mode: scenario.step > 1 ? "lines+markers" : "lines", marker: { size: 4 },
    line: { color: colorOf(scenario), width: scenario.name === choice.baseline ? 2.8 : 1.8, dash: dashOf(scenario) }, name: plain(labelOf(scenario)),
    customdata: Array.from(series.values), hovertemplate: `%{customdata:${digits}}`, connectgaps: false,
  };
}

function finite(values) {
  return values.filter((value) => Number.isFinite(value));
}

function seriesOfAll(scenarios, of) {
  return scenarios.map((scenario) => ({ scenario, series: of(scenario) })).filter(({ series }) => series);
}

// One line a scenario, named at its end where there is room.
function drawPaths(chart, found, options) {
  const { height, label, decimals, unit, zero, sign, extra = [], size = FONT.size, most = 7 } = options;
  const width = roomOf(chart);
  const values = finite([...found.flatMap(({ series }) => Array.from(series.values)), ...extra.flatMap((trace) => trace.values)]);
  if (zero) values.push(0);
  const largest = Math.max(...values.map(Math.abs), 0);
  const scale = unit === "persons" ? scaleFor(largest) : { divisor: 1, unit: "", decimals };
  const ends = found.map(({ scenario, series }) => endOf(scenario, series, scale, sign));
  const named = options.named && width >= NARROW / (height < PATH_HEIGHT ? 2 : 1);
  const layout = baseLayout(height, { r: named ? Math.ceil(widestOf(ends, size)) + 14 : 14 });
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => value / scale.divisor);
  layout.yaxis = valueAxis(layout.yaxis, low, high, most, sign);
  const years = [...found.flatMap(({ series }) => series.years), ...extra.flatMap((trace) => trace.x)];
  layout.xaxis = yearAxis(layout.xaxis, Math.min(...years), Math.max(...years), width);
  layout.hoverdistance = reachOf(layout, width);
  layout.shapes = zeroLine(layout.yaxis);
  if (options.title) layout.annotations.push(...chartTitle(layout, options.title, unitWords(unit, scale), width));
  const inside = height - layout.margin.t - layout.margin.b;
  if (named) layout.annotations.push(...endLabels(ends, layout.yaxis, inside, size));
  const traces = extra.map(({ values: persons, ...trace }) => ({
    ...trace, y: persons.map((value) => value / scale.divisor), customdata: persons, hovertemplate: "%{customdata:,.0f}",
  }));
  traces.push(...found.map(({ scenario, series }) => line(scenario, series, scale.divisor, decimals, sign)));
  draw(chart, traces, layout, label);
  return { named, scale };
}

function endOf(scenario, series, scale, sign) {
  const last = series.values.length - 1;
  const value = series.values[last] / scale.divisor;
  return { value, text: `${written(value, scale.decimals, sign)} ${labelOf(scenario)}`, color: colorOf(scenario) };
}

function unitWords(unit, scale) {
  return unit === "persons" ? scaleWords(scale) : say(unit);
}

// Title of a small chart, and its unit below it.
function chartTitle(layout, title, unit, width) {
  const lines = wrapped(title, 13, width - 20);
  layout.margin.t = 24 + 16 * lines.length;
  layout.margin.l = 56;
  const text = `<b>${lines.map(plain).join("<br>")}</b><br><span style="font-size:11px">${plain(unit)}</span>`;
  return [{
    xref: "paper", yref: "paper", x: 0, xshift: -50, y: 1, yshift: 6, yanchor: "bottom", xanchor: "left", align: "left",
    showarrow: false, text, font: { ...FONT, size: 13 },
  }];
}

// What was observed, by year: once of scenarios that tell the same of the years that they share.
function observedOf(scenarios) {
  const found = [];
  for (const { observed: [years, values] } of scenarios.filter((scenario) => scenario.observed[0].length)) {
    const own = new Map(years.map((year, place) => [year, values[place]]));
    const shared = (other) => years.filter((year) => other.has(year));
    const like = found.find((other) => shared(other).length && shared(other).every((year) => other.get(year) === own.get(year)));
    if (like) own.forEach((value, year) => like.set(year, value));
    else found.push(own);
  }
  return found;
}

function known() {
  if (choice.region || choice.group) return [];
  const [scenarios, traces] = [chosenScenarios(), []];
  const line = { color: content.colors.neutral, width: 1.6 };
  for (const values of observedOf(scenarios)) {
    const x = [...values.keys()].sort((one, other) => one - other);
    traces.push({ x, values: x.map((year) => values.get(year)), type: "scatter", mode: "lines", line, name: say("observed") });
  }
  for (const scenario of scenarios.filter((other) => other.published.length)) {
    traces.push({
      x: scenario.published.map(([year]) => year), values: scenario.published.map(([, value]) => value), type: "scatter",
      mode: "markers", cliponaxis: false, name: `${say("published")}: ${plain(labelOf(scenario))}`,
      marker: { symbol: "diamond", size: 8, color: "white", line: { color: colorOf(scenario), width: 1.6 } },
    });
  }
  return traces;
}

function drawPopulation() {
  const scenarios = chosenScenarios();
  const found = seriesOfAll(scenarios, (scenario) => seriesOf(scenario, "population"));
  const chart = divisions(document.getElementById("population-chart"), found.length ? ["population"] : [])[0];
  const label = say("Population on 1 January");
  let named = false;
  if (chart) {
    const options = { height: PATH_HEIGHT, label, title: " ", decimals: 0, unit: "persons", named: true };
    named = drawPaths(chart, found, { ...options, extra: known() }).named;
    markYear();
  }
  drawDifference(scenarios);
  sayKnown(scenarios);
  const keys = document.querySelector("#paths .key");
  keys.replaceChildren(...(named ? [] : key(scenarios)));
}

// What the marks beside the lines are.
function sayKnown(scenarios) {
  const traces = known();
  const said = [];
  if (traces.some((trace) => trace.mode === "lines")) said.push(say("Grey line: observed."));
  if (traces.some((trace) => trace.mode === "markers")) said.push(say("Diamonds: published figures."));
  if (scenarios.some((scenario) => scenario.step > 1)) said.push(say("Dots: years computed, with straight lines between."));
  document.getElementById("known-note").textContent = said.join(" ");
}

function drawDifference(scenarios) {
  const found = seriesOfAll(scenarios.slice(1), differenceOf).filter(({ series }) => series.years.length);
  const title = say("Difference from {title}", { title: labelOf(scenarioNamed(choice.baseline)) });
  document.getElementById("difference-block").hidden = !found.length;
  document.getElementById("difference-heading").textContent = title;
  const chart = divisions(document.getElementById("difference-chart"), found.length ? ["difference"] : [])[0];
  if (!chart) return;
  const options = { height: PATH_HEIGHT - 60, label: title, decimals: 0, unit: "persons", named: true };
  drawPaths(chart, found, { ...options, title: " ", zero: true, sign: true });
}

// A line at the year of the slider.
function markYear() {
  const chart = document.querySelector("#population-chart .chart");
  if (!chart || !chart.layout) return;
  const look = { color: content.colors.neutral, width: 1, dash: "dot" };
  const mark = { type: "line", yref: "paper", y0: 0, y1: 1, x0: choice.year, x1: choice.year, line: look };
  Plotly.relayout(chart, { shapes: [mark] });
}

function drawIndicators() {
  const scenarios = chosenScenarios();
  const names = Object.keys(content.indicators).filter(
    (name) => name !== "population" && scenarios.some((scenario) => seriesOf(scenario, name)),
  );
  const charts = divisions(document.getElementById("indicator-charts"), names);
  names.forEach((name, place) => {
    const { words, unit, decimals } = content.indicators[name];
    const found = seriesOfAll(scenarios, (scenario) => seriesOf(scenario, name));
    const signed = ["natural_balance", "net_migration", "moves", "changes"].includes(name);
    const options = { height: SMALL_HEIGHT, label: say(words), title: say(words), decimals, unit, most: 5 };
    drawPaths(charts[place], found, { ...options, zero: signed, size: 11 });
  });
  document.querySelector("#indicators .key").replaceChildren(...(scenarios.length > 1 ? key(scenarios) : []));
}

const FLOW_LINES = ["births", "deaths", "moves", "changes"];

function drawComponents() {
  const scenarios = chosenScenarios().filter((scenario) => seriesOf(scenario, "births"));
  const all = scenarios.flatMap((scenario) => ["net_migration", ...FLOW_LINES].flatMap((name) => {
    const series = seriesOf(scenario, name);
    return series ? Array.from(series.values) : [];
  }));
  const charts = divisions(document.getElementById("component-charts"), scenarios.map((scenario) => scenario.name));
  const range = [Math.min(0, ...finite(all)), Math.max(0, ...finite(all))];
  scenarios.forEach((scenario, place) => drawFlows(charts[place], scenario, range));
}

function drawFlows(chart, scenario, [low, high]) {
  const width = roomOf(chart);
  const scale = scaleFor(Math.max(high, -low));
  const names = [...FLOW_LINES, "net_migration"].filter((name) => seriesOf(scenario, name));
  const ends = names.map((name) => {
    const { values } = seriesOf(scenario, name);
    return { value: values[values.length - 1] / scale.divisor, text: say(content.indicators[name].words), color: content.colors[name] };
  });
  const layout = baseLayout(SMALL_HEIGHT + 30, { r: Math.ceil(Math.min(widestOf(ends, 11), WIDEST_LABEL)) + 14 });
  layout.yaxis = valueAxis(layout.yaxis, low / scale.divisor, high / scale.divisor, 6);
  const { years } = seriesOf(scenario, "births");
  layout.xaxis = yearAxis(layout.xaxis, years[0] - 0.5, years[years.length - 1] + 0.5, width - 100);
  layout.hoverdistance = reachOf(layout, width);
  layout.shapes = zeroLine(layout.yaxis);
  layout.bargap = 0.25;
  layout.annotations.push(...chartTitle(layout, labelOf(scenario), scaleWords(scale), width));
  layout.annotations.push(...endLabels(ends, layout.yaxis, SMALL_HEIGHT + 30 - layout.margin.t - layout.margin.b, 11));
  draw(chart, flowTraces(scenario, scale.divisor), layout, say("Components of change: {title}", { title: labelOf(scenario) }));
}

function flowTraces(scenario, divisor) {
  const trace = (name) => {
    const series = seriesOf(scenario, name);
    return series && {
      x: series.years, y: series.values.map((value) => value / divisor), customdata: Array.from(series.values),
      hovertemplate: "%{customdata:,.0f}", name: say(content.indicators[name].words), type: "scatter", mode: "lines",
      line: { color: content.colors[name], width: 2, dash: { births: "solid", deaths: "dash" }[name] || "dot" },
    };
  };
  const bars = { ...trace("net_migration"), type: "bar", marker: { color: `${content.colors.net_migration}99` } };
  const [births, deaths] = [trace("births"), trace("deaths")];
  const shaded = { ...deaths, fill: "tonexty", fillcolor: "rgba(110,110,110,0.16)" };
  return [bars, births, shaded, trace("moves"), trace("changes")].filter(Boolean);
}

// Parts of each difference; of the year of the slider, or else of the last year that is explained.
function drawExplanation() {
  const { notes } = content.explanation;
  const shown = new Set(chosenScenarios().map((scenario) => scenario.name));
  const parts = content.explanation.parts.filter((part) => shown.has(part.scenario) && shown.has(part.baseline));
  document.getElementById("explanation").hidden = !parts.length && !notes.length;
  emptied("explanation-notes").append(...notes.map((note) => node("li", {}, note)));
  const container = document.getElementById("explanation-parts");
  const pairs = [...new Map(parts.map((part) => [JSON.stringify([part.scenario, part.baseline]), part])).keys()];
  const charts = divisions(container, pairs);
  pairs.forEach((pair, place) => {
    const [scenario, baseline] = JSON.parse(pair);
    const own = parts.filter((part) => part.scenario === scenario && part.baseline === baseline);
    const years = own.map((part) => part.year);
    const year = years.includes(choice.year) ? choice.year : Math.max(...years);
    drawParts(charts[place], own.filter((part) => part.year === year), { scenario, baseline, year });
  });
}

function drawParts(chart, parts, { scenario, baseline, year }) {
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  const rows = [...parts.map((part) => [say(part.block), part.value]), [say("Together"), total]].reverse();
  const scale = scaleFor(Math.max(...rows.map(([, value]) => Math.abs(value))));
  const values = rows.map(([, value]) => value / scale.divisor);
  const title = say("{scenario} less {baseline}, population on 1 January {year}", {
    scenario: labelOf(scenarioNamed(scenario)), baseline: labelOf(scenarioNamed(baseline)), year,
  });
  const layout = baseLayout(70 + 28 * rows.length, { l: 180, r: 90 });
  layout.annotations.push(...chartTitle(layout, title, scaleWords(scale), roomOf(chart)));
  layout.annotations[0].xshift = -174;
  layout.margin.l = 180;
  const [lowest, highest] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = 0.2 * (highest - lowest); // for the numbers beside the bars
  const [low, high] = [lowest && lowest - room, highest && highest + room];
  layout.xaxis = { ...valueAxis(layout.xaxis, low, high, 5, true), showgrid: true, gridcolor: content.colors.grid };
  layout.hovermode = false;
  const bars = {
    type: "bar", orientation: "h", x: values, y: rows.map(([name]) => plain(name)), cliponaxis: false,
    text: rows.map(([, value]) => written(value, 0, true)), textposition: "outside",
    marker: { color: rows.map(([, value], place) => (place ? (value < 0 ? content.colors.deaths : content.colors.births) : content.colors.neutral)) },
  };
  draw(chart, [bars], layout, title);
}
