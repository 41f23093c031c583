"use strict";

// A live view: the server says when there is something new, and the page fetches it.

let version = "";

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
  if (fresh.data && fresh.version !== version) {
    version = fresh.version;
    await show(fresh.data);
  }
  document.getElementById("loading").hidden = true;
  showFaults(fresh.faults);
  document.body.dataset.turn = fresh.turn;
}

async function follow() {
  const events = new EventSource("events");
  events.onmessage = () => fetchState();
  events.onerror = () => showFaults([say("The live view has ended, or does not answer.")]);
}
