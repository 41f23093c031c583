"use strict";

// A live view: the server says when there is something new, and the page fetches it.

let shown = "";

function showFaults(faults) {
  const place = emptied("faults");
  if (!faults.length) return;
  if (content) place.append(node("p", { class: "message" }, say("Shown is the last result without faults.")));
  for (const fault of faults) place.append(node("p", { class: "message fault" }, fault));
}

async function fetchState() {
  const answer = await fetch("state", { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = await answer.json();
  texts = fresh.texts;
  if (fresh.data && fresh.data !== shown) {
    shown = fresh.data;
    await show(fresh.data);
  }
  document.getElementById("loading").hidden = true;
  showFaults(fresh.faults);
}

// One after the other, so that what was fetched last is what is shown.
let fetching = Promise.resolve();

async function follow() {
  const events = new EventSource("events");
  const fetchNext = () => fetchState().catch((error) => showFaults([error.message]));
  events.onmessage = () => { fetching = fetching.then(fetchNext); };
  events.onerror = () => showFaults([say("The live view has ended, or does not answer.")]);
}
