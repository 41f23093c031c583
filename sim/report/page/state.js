"use strict";

// What is shown, and what the reader has chosen.

let content = null;
const choice = { chosen: new Set(), baseline: null, year: null, region: "", group: "", view: "overlay" };
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
const LONGEST_TITLE = 40;
const MOST_TITLES = 3;

function scenarioNamed(name) {
  return content.scenarios.find((scenario) => scenario.name === name);
}

function chosenScenarios() {
  const chosen = content.scenarios.filter((scenario) => choice.chosen.has(scenario.name));
  return chosen.sort((one, other) => (other.name === choice.baseline) - (one.name === choice.baseline));
}

// Its title, or its name where the title is long or not its own.
function labelOf(scenario) {
  const same = content.scenarios.filter((other) => other.title === scenario.title).length;
  return same === 1 && scenario.title.length <= LONGEST_TITLE ? scenario.title : scenario.name;
}

function colorOf(scenario) {
  if (scenario.name === choice.baseline) return content.colors.baseline;
  return content.colors.scenarios[orderOf(scenario) % content.colors.scenarios.length];
}

function dashOf(scenario) {
  return scenario.name === choice.baseline ? "solid" : DASHES[orderOf(scenario) % DASHES.length];
}

function orderOf(scenario) {
  return content.scenarios.filter((other) => other.name !== choice.baseline).indexOf(scenario);
}

// The chosen region and group of a scenario; nothing where it does not tell them apart.
function partOf(scenario) {
  return scenario.parts.find(
    (part) => (part.region || "") === choice.region && (part.group || "") === choice.group,
  );
}

function isStock(name) {
  return ["population", "mean_age", "young", "working", "old", "old_age_dependency"].includes(name);
}

function yearsOf(scenario, name) {
  if (isStock(name)) return scenario.years;
  const [first, last] = [scenario.years[0], scenario.years[scenario.years.length - 1]];
  return Array.from({ length: last - first }, (_, place) => first + place);
}

// Years and values of an indicator; nothing where the scenario has none.
function seriesOf(scenario, name) {
  const part = partOf(scenario);
  if (!part || !(name in part.series)) return null;
  return { years: yearsOf(scenario, name), values: valuesOf(content, part.series[name]) };
}

function valueIn(series, year) {
  const place = series ? series.years.indexOf(year) : -1;
  return place < 0 ? null : series.values[place];
}

// Whether two scenarios are, as far as they say, of the same area and regions.
function comparable(one, other) {
  return ["area", "regions"].every((key) => !one[key] || !other[key] || String(one[key]) === String(other[key]));
}

// Difference of the population from the baseline in the years that both have.
function differenceOf(scenario) {
  const baseline = scenarioNamed(choice.baseline);
  const [own, other] = [seriesOf(scenario, "population"), seriesOf(baseline, "population")];
  if (!own || !other || !comparable(scenario, baseline)) return null;
  const years = own.years.filter((year) => other.years.includes(year));
  return { years, values: years.map((year) => valueIn(own, year) - valueIn(other, year)) };
}

// Persons by age of a year, {female: [], male: []}, with the sums of both; nothing where the scenario has no such year.
function agesOf(scenario, year) {
  const part = partOf(scenario);
  const place = scenario.years.indexOf(year);
  if (!part || place < 0) return null;
  const [, , ages] = part.ages.shape;
  const values = valuesOf(content, part.ages);
  const row = (sex) => Array.from(values.subarray((2 * place + sex) * ages, (2 * place + sex + 1) * ages));
  const [women, men] = valuesOf(content, part.sexes).subarray(2 * place, 2 * place + 2);
  return { female: row(0), male: row(1), women, men };
}

function allYears(scenarios) {
  return [...new Set(scenarios.flatMap((scenario) => scenario.years))].sort((one, other) => one - other);
}

// The last year that all have; of none, the last of all.
function lastCommonYear(scenarios) {
  const common = allYears(scenarios).filter((year) => scenarios.every((scenario) => scenario.years.includes(year)));
  const years = common.length ? common : allYears(scenarios);
  return years[years.length - 1];
}

// The first year, the last, and the first of every decade between them.
function roundYears(years) {
  const firsts = new Map();
  for (const year of years) {
    const decade = Math.floor(year / 10);
    if (!firsts.has(decade)) firsts.set(decade, year);
  }
  return [...new Set([...firsts.values(), years[years.length - 1]])].sort((one, other) => one - other);
}

function partInWords() {
  const parts = [];
  if (choice.region) parts.push(say("region {label}", { label: labelInWords(choice.region) }));
  if (choice.group) parts.push(say("group {label}", { label: labelInWords(choice.group) }));
  return parts.join(", ");
}
