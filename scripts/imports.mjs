// Shortens the names by which the WebAssembly asks its JavaScript for functions. wasm-bindgen ends each in sixteen digits
// of a hash, which stand in both files and cannot be compressed.

/** Reads an unsigned number (LEB128): it and where it ends. */
function number(octets, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const octet = octets[at];
    if (octet === undefined || shift > 28) throw new Error('no number in the WebAssembly where one should be');
    at += 1;
    value += (octet & 127) * 2 ** shift;
    if (octet < 128) return [value, at];
  }
}

function written(value) {
  const out = [];
  do {
    const rest = Math.floor(value / 128);
    out.push((value % 128) + (rest > 0 ? 128 : 0));
    value = rest;
  } while (value > 0);
  return Buffer.from(out);
}

const named = (text) => Buffer.concat([written(Buffer.byteLength(text)), Buffer.from(text)]);

/** Where the description of an import ends that begins at `at` (WebAssembly 2.0, section 5.5.5). */
function past(octets, at) {
  const limits = (from) => {
    let [, end] = number(octets, from + 1);
    if (octets[from] & 1) [, end] = number(octets, end);
    return end;
  };
  switch (octets[at]) {
    case 0: return number(octets, at + 1)[1];
    case 1: return limits(at + 2);
    case 2: return limits(at + 1);
    case 3: return at + 3;
    default: throw new Error(`an import of an unknown kind: ${octets[at]}`);
  }
}

/** The WebAssembly with short names for what it imports from its JavaScript, and that JavaScript with the same ones. */
export function shortened(wasm, script) {
  const short = new Map();
  const pieces = [wasm.subarray(0, 8)];
  for (let at = 8; at < wasm.length;) {
    const [size, start] = number(wasm, at + 1);
    const end = start + size;
    if (wasm[at] === 2) {
      let [count, from] = number(wasm, start);
      const imports = [written(count)];
      for (; count > 0; count -= 1) {
        const names = [];
        for (let part = 0; part < 2; part += 1) {
          const [length, begin] = number(wasm, from);
          from = begin + length;
          names.push(wasm.toString('utf8', begin, from));
        }
        const [module, name] = names;
        // Only of these it is known where they stand in the JavaScript.
        if (/^__(wbg|wbindgen)_\w+$/.test(name) && !short.has(name)) short.set(name, `$${short.size.toString(36)}`);
        const over = past(wasm, from);
        imports.push(named(module), named(short.get(name) ?? name), wasm.subarray(from, over));
        from = over;
      }
      const section = Buffer.concat(imports);
      pieces.push(Buffer.from([2]), written(section.length), section);
    } else {
      pieces.push(wasm.subarray(at, end));
    }
    at = end;
  }
  const found = new Set();
  const renamed = script.replace(/(?<![\w$.])__(?:wbg|wbindgen)_\w+(?=[:(])/g, (name) => {
    if (!short.has(name)) return name;
    if (found.has(name)) throw new Error(`${name} stands twice in the JavaScript`);
    found.add(name);
    return short.get(name);
  });
  for (const name of short.keys()) {
    if (!found.has(name)) throw new Error(`${name} is not in the JavaScript`);
  }
  return [Buffer.concat(pieces), renamed];
}
