"use strict";

// Beginning, the choices of the reader, and drawing what they ask for.

// Take over new numbers, and keep the choices of the reader as far as they still mean something.
function adopt(fresh) {
  const before = content ? new Set(content.scenarios.map((scenario) => scenario.name)) : new Set();
  content = fresh;
  texts = fresh.texts;
  const names = content.scenarios.map((scenario) => scenario.name);
  const kept = names.filter((name) => choice.chosen.has(name) || !before.has(name));
  choice.baseline = names.includes(choice.baseline) ? choice.baseline : names[0];
  choice.chosen = new Set([choice.baseline, ...kept]);
  const known = (dimension) => content.scenarios.flatMap((scenario) => scenario.parts.map((part) => part[dimension] || ""));
  if (!known("region").includes(choice.region)) choice.region = "";
  if (!known("group").includes(choice.group)) choice.group = "";
}

function fillControls() {
  const list = emptied("scenario-list");
  for (const scenario of content.scenarios) {
    const box = node("input", { type: "checkbox", value: scenario.name });
    box.checked = choice.chosen.has(scenario.name);
    box.disabled = scenario.name === choice.baseline;
    const name = labelOf(scenario) === scenario.name && scenario.name !== scenario.title ? scenario.name : "";
    list.append(node("label", {}, box, sample(scenario), node("span", {}, scenario.title, node("small", {}, name))));
  }
  fillSelect("baseline", content.scenarios.map((scenario) => [scenario.name, labelOf(scenario)]), choice.baseline);
  document.getElementById("baseline-choice").hidden = content.scenarios.length < 2;
  document.getElementById("scenarios").hidden = content.scenarios.length < 2;
  for (const dimension of ["region", "group"]) {
    const labels = [...new Set(content.scenarios.flatMap((scenario) => scenario.parts.map((part) => part[dimension])))];
    const all = dimension === "region" ? say("all regions") : say("all groups");
    const options = labels.map((label) => [label || "", label ? labelInWords(label) : all]);
    fillSelect(dimension, options, choice[dimension]);
    document.getElementById(`${dimension}-choice`).hidden = labels.length < 2;
  }
}

function fillSelect(id, options, chosen) {
  const select = emptied(id);
  for (const [value, text] of options) select.append(node("option", { value }, text));
  select.value = chosen;
}

function fillYears() {
  const years = allYears(chosenScenarios());
  const slider = document.getElementById("year");
  if (!years.includes(choice.year)) {
    const wanted = choice.year === null ? lastCommonYear(chosenScenarios()) : choice.year;
    choice.year = years.reduce((best, year) => (Math.abs(year - wanted) < Math.abs(best - wanted) ? year : best));
  }
  slider.min = 0;
  slider.max = years.length - 1;
  slider.value = years.indexOf(choice.year);
  slider.dataset.years = JSON.stringify(years);
  sayYear();
}

function sayYear() {
  document.getElementById("year-shown").textContent = choice.year;
  document.getElementById("year").setAttribute("aria-valuetext", String(choice.year));
  for (const element of document.querySelectorAll(".year-told")) element.textContent = choice.year;
}

function sayHead() {
  const [scenarios, several] = [content.scenarios, content.scenarios.length > 1];
  document.getElementById("heading").textContent = several ? say("Population projections compared") : scenarios[0].title;
  const titles = scenarios.map((scenario) => scenario.title).join(" \u00b7 ");
  const subject = document.getElementById("subject");
  subject.textContent = several ? titles : scenarios[0].name;
  subject.className = several ? "print-only" : "";
  document.title = several ? say("Population projections compared") : scenarios[0].title;
  const remarks = emptied("remarks");
  for (const { say: sentence, values } of content.remarks) remarks.append(node("p", { class: "message" }, say(sentence, values)));
  const absent = chosenScenarios().filter((scenario) => !partOf(scenario)).map(labelOf);
  const part = partInWords();
  for (const element of document.querySelectorAll(".part-told")) {
    const missing = absent.length ? ` (${say("not told apart by: {names}", { names: absent.join(", ") })})` : "";
    element.textContent = part ? part[0].toUpperCase() + part.slice(1) + missing : "";
  }
}

let turn = 0;

// The pyramids at once; the rest part by part, so that the page answers meanwhile, unless all is wanted at once.
async function drawAll(atOnce) {
  turn += 1;
  const own = turn;
  const main = document.getElementById("main");
  main.setAttribute("aria-busy", "true");
  sayStatic();
  sayHead();
  fillControls();
  fillYears();
  drawSources();
  drawPyramids();
  const tables = [drawTable, drawExplanation, drawYearly, drawStated, drawPublished, drawProvenance];
  for (const drawing of [drawPopulation, drawIndicators, drawComponents, ...tables]) {
    if (!atOnce) await new Promise((resolve) => setTimeout(resolve));
    if (own !== turn) return;
    drawing();
  }
  main.setAttribute("aria-busy", "false");
}

let waiting = 0;

// The slider moves the pyramids at once; what else depends on the year follows with the next picture.
function moveTo(year) {
  choice.year = year;
  sayYear();
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(() => {
    drawPyramids();
    markYear();
    drawTable();
    drawExplanation();
  });
}

function listen() {
  const on = (id, kind, act) => document.getElementById(id).addEventListener(kind, act);
  on("choices", "submit", (event) => event.preventDefault());
  on("year", "input", (event) => moveTo(JSON.parse(event.target.dataset.years)[Number(event.target.value)]));
  on("scenario-list", "change", (event) => {
    choice.chosen[event.target.checked ? "add" : "delete"](event.target.value);
    redrawn();
  });
  on("all", "click", () => {
    choice.chosen = new Set(content.scenarios.map((scenario) => scenario.name));
    redrawn();
  });
  on("none", "click", () => {
    choice.chosen = new Set([choice.baseline]);
    redrawn();
  });
  on("baseline", "change", (event) => {
    choice.baseline = event.target.value;
    choice.chosen.add(choice.baseline);
    redrawn();
  });
  for (const dimension of ["region", "group"]) {
    on(dimension, "change", (event) => {
      choice[dimension] = event.target.value;
      redrawn();
    });
  }
  on("views", "change", (event) => {
    choice.view = event.target.value;
    drawPyramids();
  });
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      language = button.dataset.language;
      redrawn();
    });
  }
}

// Draw again, and leave the keyboard where it was.
function redrawn() {
  const active = document.activeElement;
  const value = active && active.type === "checkbox" ? active.value : null;
  if (content) drawAll();
  else sayStatic();
  if (value === null) return;
  for (const box of document.querySelectorAll("#scenario-list input")) if (box.value === value) box.focus();
}

// On paper charts are as wide as the page, whatever the screen.
function listenToPaper() {
  const print = (on) => {
    document.body.classList.toggle("paper", on);
    for (const details of document.querySelectorAll("details")) details.open = on;
    if (content) drawAll(true);
  };
  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));
  let width = window.innerWidth;
  let later = 0;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(later);
    later = setTimeout(() => content && drawAll(), 150);
  });
}

async function loadLibrary() {
  const script = document.createElement("script");
  script.textContent = new TextDecoder().decode(await unpacked(document.getElementById("library").textContent));
  document.head.append(script);
}

async function show(text) {
  const fresh = await readContent(text);
  adopt(fresh);
  document.getElementById("loading").hidden = true;
  document.getElementById("main").hidden = false;
  drawAll();
}

async function begin() {
  sayStatic();
  listen();
  listenToPaper();
  try {
    await loadLibrary();
    if (document.body.dataset.live === "yes") await follow();
    else await show(document.getElementById("data").textContent);
  } catch (error) {
    const loading = document.getElementById("loading");
    loading.hidden = false;
    loading.textContent = error.message;
    throw error;
  }
}

begin();
