"use strict";

// Sentences and numbers in the language of the moment.

const LOCALES = { en: "en-GB", nl: "nl-BE", fr: "fr-BE" };
const MINUS = "\u2212";
const NOTHING = "\u2013";
let language = document.documentElement.lang;
let texts = {};

function say(sentence, values) {
  const said = (texts[language] && texts[language].said[sentence]) || sentence;
  return said.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? String(values[name]) : whole));
}

const formats = new Map();

function formatOf(decimals, sign) {
  const known = `${language} ${decimals} ${sign}`;
  if (!formats.has(known)) {
    formats.set(known, new Intl.NumberFormat(LOCALES[language], {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      signDisplay: sign ? "exceptZero" : "negative",
      useGrouping: true,
    }));
  }
  return formats.get(known);
}

function written(value, decimals, sign) {
  if (value === null || value === undefined || Number.isNaN(value)) return NOTHING;
  return formatOf(decimals, Boolean(sign)).format(value).replace("-", MINUS);
}

// Unit in which persons are shown.
function scaleFor(largest) {
  if (largest >= 1e6) return { divisor: 1e6, unit: "million", decimals: 2 };
  if (largest >= 1e4) return { divisor: 1e3, unit: "thousand", decimals: largest < 1e5 ? 1 : 0 };
  return { divisor: 1, unit: "", decimals: 0 };
}

function scaleWords(scale) {
  const words = { million: say("Million persons"), thousand: say("Thousand persons") };
  return words[scale.unit] || say("Persons");
}

function separators() {
  const parts = new Intl.NumberFormat(LOCALES[language]).formatToParts(12345.6);
  const part = (kind) => parts.find((found) => found.type === kind).value;
  return part("decimal") + part("group");
}

// What the language calls something that a scenario or a dataset names; what is the user's own stays as it is.
function called(text) {
  return (texts[language] && texts[language].called[text]) || text;
}

// A label of a region or group as it is written in a figure.
function labelInWords(label) {
  return called(label === "eu_free_movement" ? "EU free movement" : label.replaceAll("_", " "));
}

// A text that a figure shows as it stands, whatever markup is in it.
function plain(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function sayStatic() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-say-label]")) {
    element.setAttribute("aria-label", say(element.dataset.sayLabel));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  document.title = say("Population projections");
}
