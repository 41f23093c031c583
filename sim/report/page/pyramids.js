"use strict";

// Pyramids: the baseline filled, other scenarios as lines over it, or each beside the others.

const SIDES = { male: -1, female: 1 };
const OVERLAY_HEIGHT = 470;
const BESIDE_HEIGHT = 300;

// Where ages begin and end; an open age after single ages is drawn up to the oldest, with the area of its persons.
function ageEdges() {
  const { ages } = content;
  const last = ages[ages.length - 1];
  const width = ages.length > 1 ? last - ages[ages.length - 2] : 1;
  return [...ages, last + (width === 1 ? Math.max(1, content.oldest - last) : width)];
}

function heights(persons) {
  const edges = ageEdges();
  return persons.map((value, place) => value / (edges[place + 1] - edges[place]) * (edges[1] - edges[0]));
}

// The outline of one side, as steps.
function steps(persons, side) {
  const edges = ageEdges();
  const [x, y] = [[0], [edges[0]]];
  heights(persons).forEach((height, place) => {
    x.push(side * height, side * height);
    y.push(edges[place], edges[place + 1]);
  });
  x.push(0);
  y.push(edges[edges.length - 1]);
  return { x, y };
}

function filledSide(people, sex, divisor) {
  const { x, y } = steps(people[sex], SIDES[sex]);
  return {
    x: x.map((value) => value / divisor), y, type: "scatter", mode: "lines", fill: "toself", hoverinfo: "skip",
    fillcolor: `${content.colors[sex]}99`, line: { width: 0, color: content.colors[sex] }, name: `filled ${sex}`,
  };
}

function outlineSide(people, sex, divisor, color, dash, name) {
  const { x, y } = steps(people[sex], SIDES[sex]);
  return {
    x: x.map((value) => value / divisor), y, type: "scatter", mode: "lines", hoverinfo: "skip",
    line: { width: 1.4, color, dash }, name: `${name} ${sex}`,
  };
}

// Bars that are not seen, over which the pointer finds the persons of an age.
function hoverBars(shown, largest) {
  const edges = ageEdges();
  const { ages } = content;
  const text = ages.map((age, place) => {
    const last = place === ages.length - 1;
    const width = edges[place + 1] - edges[place];
    const name = last ? `${age}+` : width === 1 ? String(age) : `${age}\u2013${age + width - 1}`;
    const lines = shown.map(({ scenario, people }) => say("{title}: men {men}, women {women}", {
      title: plain(labelOf(scenario)), men: written(people.male[place], 0), women: written(people.female[place], 0),
    }));
    return [`<b>${say("Age {age}", { age: name })}</b>`, ...lines].join("<br>");
  });
  return {
    type: "bar", orientation: "h", y: edges.slice(0, -1).map((edge, place) => (edge + edges[place + 1]) / 2),
    base: ages.map(() => -largest), x: ages.map(() => 2 * largest), text, textposition: "none",
    width: edges.slice(0, -1).map((edge, place) => edges[place + 1] - edge),
    marker: { color: "rgba(0,0,0,0)" }, hovertemplate: "%{text}<extra></extra>", name: "hover",
  };
}

function pyramidLayout(height, largest, divisor, width, heading) {
  const layout = baseLayout(height, { l: 44, r: 44, t: heading ? 40 : 26, b: 30 });
  const edges = ageEdges();
  const { step, ticks } = niceTicks(0, (1.05 * largest) / divisor, width < 420 ? 3 : 5);
  const decimals = decimalsOf(step);
  const values = [...ticks.slice(1).map((tick) => -tick).reverse(), ...ticks];
  layout.xaxis = {
    ...layout.xaxis, range: [(-1.05 * largest) / divisor, (1.05 * largest) / divisor], showgrid: true,
    gridcolor: content.colors.grid, tickmode: "array", tickvals: values,
    ticktext: values.map((tick) => written(Math.abs(tick), decimals)),
  };
  const { vals, names } = ageTicks(edges);
  layout.yaxis = { ...layout.yaxis, range: [edges[0], edges[edges.length - 1]], tickmode: "array", tickvals: vals, ticktext: names };
  layout.hovermode = "closest";
  layout.bargap = 0;
  const head = (sex, x, xanchor) => ({
    xref: "paper", yref: "paper", x, y: 1, yanchor: "bottom", xanchor, showarrow: false,
    text: `<b>${sex === "male" ? say("Men") : say("Women")}</b>`, font: { ...FONT, color: content.colors[sex] },
  });
  layout.annotations = [head("male", 0, "left"), head("female", 1, "right")];
  return layout;
}

function ageTicks(edges) {
  const { ages } = content;
  const last = ages[ages.length - 1];
  const width = ages.length > 1 ? ages[1] - ages[0] : 1;
  const every = width === 1 ? 10 : 2 * width;
  const told = ages.filter((age) => age % every === 0 && last - age > every / 2);
  const vals = [...told.map((age) => age + width / 2), (last + edges[edges.length - 1]) / 2];
  const names = told.map((age) => (width === 1 ? String(age) : `${age}\u2013${age + width - 1}`));
  return { vals, names: [...names, `${last}+`] };
}

// Persons of the largest sex and age in any year, so that the axis stays as the slider moves.
function largestAge(scenarios) {
  let largest = 0;
  const edges = ageEdges();
  for (const part of scenarios.map(partOf).filter(Boolean)) {
    const values = valuesOf(content, part.ages);
    const ages = part.ages.shape[2];
    values.forEach((value, place) => {
      const age = place % ages;
      largest = Math.max(largest, (value / (edges[age + 1] - edges[age])) * (edges[1] - edges[0]));
    });
  }
  return largest || 1;
}

function drawPyramids() {
  const container = document.getElementById("pyramid-charts");
  const scenarios = chosenScenarios();
  const shown = scenarios
    .map((scenario) => ({ scenario, people: agesOf(scenario, choice.year) }))
    .filter(({ people }) => people);
  const largest = largestAge(scenarios);
  const scale = scaleFor(largest);
  const beside = choice.view === "beside" && shown.length > 1;
  container.className = beside ? "grid" : "";
  document.getElementById("views").hidden = shown.length < 2;
  sayPyramidNote(shown, scale, beside);
  drawTotals(scenarios, shown);
  const panels = beside ? shown : shown.slice(0, 1);
  const charts = divisions(container, panels.map(({ scenario }) => (beside ? scenario.name : "overlay")));
  panels.forEach((panel, place) => {
    const others = beside ? shown.slice(0, 1).filter((first) => first !== panel) : shown.slice(1);
    drawPyramid(charts[place], panel, others, { largest, scale, beside });
  });
}

function drawPyramid(chart, panel, others, { largest, scale, beside }) {
  const { divisor } = scale;
  const width = roomOf(chart);
  const layout = pyramidLayout(beside ? BESIDE_HEIGHT : OVERLAY_HEIGHT, largest, divisor, width, beside);
  if (beside) {
    const title = wrapped(labelOf(panel.scenario), FONT.size, width - 110).slice(0, 2).map(plain).join("<br>");
    layout.annotations.push({
      xref: "paper", yref: "paper", x: 0.5, y: 1, yanchor: "bottom", xanchor: "center", showarrow: false,
      text: `<b>${title}</b>`, font: FONT,
    });
    layout.margin.t = 26 + 16 * (title.split("<br>").length - 1);
  }
  const traces = Object.keys(SIDES).map((sex) => filledSide(panel.people, sex, divisor));
  for (const { scenario, people } of others) {
    const color = colorOf(scenario);
    const name = scenario.name;
    traces.push(...Object.keys(SIDES).map((sex) => outlineSide(people, sex, divisor, color, dashOf(scenario), name)));
  }
  traces.push(hoverBars([panel, ...others], (1.05 * largest) / divisor));
  const label = say("Pyramid of {title}, 1 January {year}", { title: labelOf(panel.scenario), year: choice.year });
  draw(chart, traces, layout, label);
}

function sayPyramidNote(shown, scale, beside) {
  const { ages } = content;
  const unit = ages.length > 1 && ages[1] - ages[0] === 1 ? say("by single year of age") : say("by age group");
  const notes = [`${scaleWords(scale)} ${unit}`];
  if (shown.length > 1) {
    const title = labelOf(shown[0].scenario);
    notes.push(beside ? say("Filled: the scenario. Line: {title}", { title }) : say("Filled: {title}. Lines: the others", { title }));
  }
  document.getElementById("pyramid-note").textContent = `${notes.join(". ")}.`;
}

// Men, women and all of the year of the slider, which is also the key to the lines.
function drawTotals(scenarios, shown) {
  const table = emptied("totals");
  const heads = [say("Scenario"), say("Men"), say("Women"), say("Population"), say("Difference")];
  if (scenarios.length === 1) heads.pop();
  table.append(node("thead", {}, node("tr", {}, ...heads.map((text) => node("th", { scope: "col" }, text)))));
  const body = node("tbody");
  scenarios.forEach((scenario, place) => {
    const people = agesOf(scenario, choice.year);
    const total = valueIn(seriesOf(scenario, "population"), choice.year);
    const difference = place ? valueIn(differenceOf(scenario), choice.year) : null;
    const cells = people
      ? [written(people.men, 0), written(people.women, 0), written(total, 0), written(difference, 0, true)]
      : [NOTHING, NOTHING, NOTHING, NOTHING];
    const filled = shown.length && shown[0].scenario === scenario;
    const look = filled ? node("span", { class: "filled", "aria-hidden": "true" }) : sample(scenario);
    const name = node("th", { scope: "row" }, look, labelOf(scenario));
    if (scenarios.length === 1) cells.pop();
    body.append(node("tr", { "data-of": scenario.name }, name, ...cells.map((text) => node("td", {}, text))));
  });
  table.append(body);
}
