"use strict";

// Tables: indicators, assumptions, published figures, sources, provenance.

function headRow(cells) {
  return node("thead", {}, node("tr", {}, ...cells.map((text) => node("th", { scope: "col" }, text))));
}

function groupRow(text, width) {
  return node("tr", { class: "group" }, node("th", { scope: "rowgroup", colspan: width }, text));
}

function toldYears(years) {
  return [...new Set([...roundYears(years), choice.year])].sort((one, other) => one - other);
}

function drawTable() {
  const table = emptied("indicator-table");
  const scenarios = chosenScenarios();
  const years = toldYears(allYears(scenarios));
  table.append(headRow([say("Scenario"), ...years.map(String)]));
  const row = (scenario, series, decimals, sign) => node(
    "tr", { "data-of": scenario.name }, node("th", { scope: "row" }, labelOf(scenario)),
    ...years.map((year) => node("td", { "data-year": year }, written(valueIn(series, year), decimals, sign))),
  );
  for (const [name, { words, unit, decimals }] of Object.entries(content.indicators)) {
    const found = seriesOfAll(scenarios, (scenario) => seriesOf(scenario, name));
    if (!found.length) continue;
    const heading = unit === "persons" ? say(words) : `${say(words)}, ${say(unit)}`;
    const rows = found.map(({ scenario, series }) => row(scenario, series, decimals));
    table.append(node("tbody", { "data-indicator": name }, groupRow(heading, years.length + 1), ...rows));
    if (name === "population") table.append(...differenceRows(scenarios, row, years.length + 1));
  }
  markColumn(table, years);
}

function differenceRows(scenarios, row, width) {
  const found = seriesOfAll(scenarios.slice(1), differenceOf);
  if (!found.length) return [];
  const heading = say("Population, difference from {title}", { title: labelOf(scenarioNamed(choice.baseline)) });
  const rows = found.map(({ scenario, series }) => row(scenario, series, 0, true));
  return [node("tbody", { "data-indicator": "difference" }, groupRow(heading, width), ...rows)];
}

function markColumn(table, years) {
  const place = years.indexOf(choice.year) + 2;
  for (const cell of table.querySelectorAll(`thead th:nth-child(${place}), td:nth-child(${place})`)) {
    cell.classList.add("now");
  }
}

// A cell of a scenario that differs from the baseline is marked, not by colour alone.
function compared(text, baseline, first) {
  const differs = !first && text !== baseline;
  return differs
    ? node("td", { class: "differs" }, unequal(), text)
    : node("td", {}, text);
}

function unequal() {
  return node("span", { title: say("differs from the baseline") }, "\u2260\u00a0");
}

function drawYearly() {
  const table = emptied("yearly-table");
  const scenarios = chosenScenarios();
  const calendar = [...new Set(scenarios.flatMap((scenario) => yearsOf(scenario, "births")))].sort((one, other) => one - other);
  const years = roundYears(calendar);
  table.append(headRow([say("Scenario"), ...years.map(String)]));
  const words = [...new Set(scenarios.flatMap((scenario) => scenario.yearly.map((entry) => entry.words)))];
  for (const word of words) {
    const body = node("tbody", {}, groupRow(say(word), years.length + 1));
    scenarios.forEach((scenario, place) => {
      for (const entry of scenario.yearly.filter((other) => other.words === word)) {
        const cells = yearlyText(scenario, entry, years);
        const name = entry.state ? `${labelOf(scenario)}, ${labelInWords(entry.state)}` : labelOf(scenario);
        const alike = scenarios[0].yearly.filter((other) => other.words === word);
        const like = alike.find((other) => other.state === entry.state) || alike.find((other) => !other.state);
        const base = yearlyText(scenarios[0], like, years);
        const known = (text, column) => text !== NOTHING && base[column] !== NOTHING;
        const shown = cells.map((text, column) => compared(text, known(text, column) ? base[column] : text, !place));
        body.append(node("tr", { "data-of": scenario.name }, node("th", { scope: "row" }, name), ...shown));
      }
    });
    table.append(body);
  }
}

function yearlyText(scenario, entry, years) {
  const series = entry && { years: yearsOf(scenario, "births"), values: valuesOf(content, entry.values) };
  return years.map((year) => written(valueIn(series, year), entry ? entry.decimals : 0));
}

// What the scenarios state, key by key: what differs, and what is the same in all.
function drawStated() {
  const scenarios = chosenScenarios();
  const keys = [...new Set(scenarios.flatMap((scenario) => Object.keys(scenario.stated)))].sort();
  const alone = scenarios.length === 1;
  const bodies = keys.map((name) => ({ name, kinds: kindsOf(scenarios, name) }));
  const text = (scenario, name) => (scenario.stated[name] || { text: NOTHING }).text;
  const alike = alone ? [] : bodies.filter(({ name }) => new Set(scenarios.map((one) => text(one, name))).size === 1);
  const different = bodies.filter((body) => !alike.includes(body));
  const [table, same] = [emptied("stated-table"), emptied("same-table")];
  for (const { name, kinds } of different) table.append(statedBody(name, kinds, !alone));
  for (const { name, kinds } of alike) same.append(statedBody(name, kinds, kinds.length > 1));
  document.getElementById("same").hidden = !alike.length;
  const note = document.getElementById("assumption-note");
  note.hidden = alone;
  note.textContent = say("Marked with ≠: what differs from {title}.", { title: labelOf(scenarios[0]) });
}

// What is stated under a key, each once with the scenarios that state it, the baseline's first.
function kindsOf(scenarios, name) {
  const kinds = new Map();
  for (const scenario of scenarios) {
    const text = JSON.stringify(scenario.stated[name] || null);
    kinds.set(text, [...(kinds.get(text) || []), scenario]);
  }
  return [...kinds.values()];
}

function statedBody(name, kinds, named) {
  const body = node("tbody", { "data-key": name }, groupRow(name, 2));
  const entryOf = (scenarios) => scenarios[0].stated[name] || { text: NOTHING };
  for (const scenarios of kinds) {
    const names = named ? scenarios.map(labelOf).join(", ") : "";
    const cell = statedCell(entryOf(scenarios), entryOf(scenarios).text === entryOf(kinds[0]).text);
    body.append(node("tr", {}, node("th", { scope: "row" }, names), cell));
  }
  return body;
}

function statedCell(entry, same) {
  const cell = node("td", same ? {} : { class: "differs" }, ...(same ? [] : [unequal()]), entry.text);
  const told = { source: say("source"), assumption: say("assumption"), note: say("note") };
  for (const word of Object.keys(told)) {
    if (entry[word]) cell.append(node("small", {}, `${told[word]}: ${called(entry[word])}`));
  }
  return cell;
}

const FIRST_YEAR = "first_year_of_natural_decrease";

function drawPublished() {
  const scenarios = chosenScenarios().filter((scenario) => scenario.gaps.length);
  document.getElementById("published").hidden = !scenarios.length;
  const table = emptied("published-table");
  table.append(headRow([say("Indicator"), say("Year"), say("Projected"), say("Published"), say("Gap"), say("Rounding"), say("Source")]));
  for (const scenario of scenarios) {
    const rows = scenario.gaps.map((gap) => {
      const decimals = decimalsOfGap(gap);
      const name = [say(gap.words), gap.of.split(", ").map(labelInWords).join(", ")].filter(Boolean).join(", ");
      const value = (number) => (gap.indicator === FIRST_YEAR && number !== null ? String(number) : written(number, decimals));
      const cells = [
        gap.period, value(gap.projected), value(gap.published), written(gap.gap, decimals, true),
        gap.rounding === null ? "" : `\u00b1${written(gap.rounding, decimals)}`,
      ];
      const source = node("td", { class: "words" }, called(scenario.documents[gap.source] || gap.source));
      return node("tr", {}, node("th", { scope: "row" }, name), ...cells.map((text) => node("td", {}, text)), source);
    });
    table.append(node("tbody", { "data-of": scenario.name }, groupRow(scenario.title, 7), ...rows));
  }
}

function decimalsOfGap(gap) {
  if (gap.indicator === FIRST_YEAR) return 0;
  return Math.abs(gap.published) >= 1000 ? 0 : Math.abs(gap.published) >= 2 ? 1 : 3;
}

function drawSources() {
  const list = emptied("source-list");
  const { population, observed, documents } = content.sources;
  for (const text of population) list.append(node("li", {}, say("Population at the start: {source}", { source: called(text) })));
  if (observed.length) list.append(node("li", {}, say("Observed figures: {source}", { source: observed.map(called).join(", ") })));
  for (const [name, text] of documents) {
    list.append(node("li", {}, node("b", {}, name), `: ${text}`));
  }
  const titles = [...new Set(chosenScenarios().map((scenario) => scenario.sweep || scenario.title))];
  const projections = titles.length > MOST_TITLES
    ? say("projections computed with saldo")
    : say("projections computed with saldo: {titles}", { titles: titles.join("; ") });
  const line = say("Source: {sources}.", { sources: [...new Set([...population.map(called), projections].join("; ").split("; "))].join("; ").replace(/\.$/, "") });
  for (const element of document.querySelectorAll(".source")) element.textContent = line;
}

function drawProvenance() {
  const table = emptied("provenance-table");
  table.append(headRow([say("Scenario"), "", ""]));
  for (const scenario of chosenScenarios()) {
    const { convention, scenario_sha256: hash, changes, inputs, versions, warnings, comment } = scenario.provenance;
    const rows = [
      [say("Name"), scenario.name], [say("Title"), scenario.title], [say("Part of the sweep"), scenario.sweep],
      [say("Years"), `${scenario.years[0]}\u2013${scenario.years[scenario.years.length - 1]}`],
      [say("Step convention"), convention], [say("Changed from outside its file"), changes], [say("Note"), comment],
      [say("Sha256 of the scenario"), hash], ...Object.entries(inputs).map(([name, digest]) => [`sha256: ${name}`, digest]),
      [say("Versions"), Object.entries(versions).map((pair) => pair.join(" ")).join(", ")],
      ...warnings.map((text) => [say("Warning"), text]),
    ].filter(([, text]) => text);
    const cells = rows.map(([name, text]) => node("tr", {}, node("th", { scope: "row" }, name), node("td", { class: "words", colspan: 2 }, text)));
    table.append(node("tbody", { "data-of": scenario.name }, groupRow(labelOf(scenario), 3), ...cells));
  }
}
