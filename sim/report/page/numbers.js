"use strict";

// Reading the numbers of the page: what sim/report/packed.py wrote.

async function unpacked(text) {
  if (typeof DecompressionStream === "undefined") {
    throw new Error(say("This browser is too old for this page."));
  }
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function readContent(text) {
  const bytes = await unpacked(text);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const content = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  content.numbers = bytes.subarray(8 + length);
  return content;
}

// Values of an array, flat; NaN where there is none.
function valuesOf(content, entry) {
  if (entry.read) return entry.read;
  const [years, rows, ages] = entry.shape;
  const size = rows * ages;
  const values = new Float64Array(years * size);
  let place = entry.at;
  for (let index = 0; index < values.length; index += 1) {
    let number = 0;
    let factor = 1;
    let byte;
    do {
      byte = content.numbers[place];
      place += 1;
      number += (byte & 127) * factor;
      factor *= 128;
    } while (byte & 128);
    const rest = number % 2 ? -(number + 1) / 2 : number / 2;
    values[index] = rest + predicted(values, index, size, ages, entry.shift);
  }
  const divisor = 10 ** entry.decimals;
  const read = values.map((value) => value / divisor);
  for (const gap of entry.missing || []) read[gap] = NaN;
  Object.defineProperty(entry, "read", { value: read });
  return read;
}

function predicted(values, index, size, ages, shift) {
  const age = index % ages;
  if (index < size) return age ? values[index - 1] : 0;
  return values[index - size - (age >= shift ? shift : 0)];
}
