// The whole run: every vector in Posthorn, as `make attack` does it. A test is a category's vectors, or some of them.
import { expect, test } from '../support/fixtures.ts';
import { attack, seen, store } from './run.ts';
import { HOST, RUN } from './vector.ts';
import { all, cheatsheet, own } from './vectors/index.ts';

const PIECE = 25;
const only = process.env.POSTHORN_ATTACK_ONLY;
const images = process.env.POSTHORN_ATTACK_IMAGES === 'show';

const wanted = all.filter((vector) => only === undefined || only.split(",").some((name) => [vector.id, vector.category].includes(name)));
const pieces = new Map<string, typeof all>();
for (const category of new Set(wanted.map((vector) => vector.category))) {
  const list = wanted.filter((vector) => vector.category === category);
  for (let at = 0; at < list.length; at += PIECE) pieces.set(`${category} from ${at + 1} of ${list.length}`, list.slice(at, at + PIECE));
}

test.describe.configure({ mode: 'parallel' });

test('there are vectors enough, each with a name of its own', () => {
  test.skip(only !== undefined);
  console.log(`${own.length} vectors of our own, ${all.length - own.length} of ${cheatsheet.there ? cheatsheet.file : 'the cheatsheet, which is not there'}`);
  expect(new Set(all.map((vector) => vector.id)).size).toBe(all.length);
  expect(own.length).toBeGreaterThan(400);
});

test('what runs, loads, leaves or lies over is told of', async ({ browser, baseURL }) => {
  const context = await browser.newContext();
  const marks: [string, RegExp][] = [
    [`<script>${RUN}</script>`, /dialog: 1/],
    [`<script>${RUN}</script>`, /console: .*posthorn-attack/],
    [`<script>window.__pwned=1</script>`, /a script has run/],
    [`<img src=x: onerror=${RUN}>`, /dialog: 1/],
    [`<p onmousemove=${RUN} style="height:500px">p</p>`, /dialog: 1/],
    [`<p onclick=${RUN} style="height:500px">p</p>`, /dialog: 1/],
    [`<a href="${HOST}/x" onfocus=${RUN}>a</a>`, /dialog: 1/],
    [`<img src=${HOST}/i>`, /request: GET https:\/\/attack\.example\/i/],
    [`<p style="background:url(${HOST}/css)">p</p>`, /request: GET .*css/],
    [`<style>@import url(${HOST}/css)</style>`, /request: GET .*css/],
    [`<link rel=preload as=image href=${HOST}/link>`, /request: GET .*link/],
    [`<video src=${HOST}/v></video>`, /request: GET .*\/v/],
    ['<img src=/login>', /request of the bare body: \/login/],
    [`<meta http-equiv=refresh content="0;url=/login">`, /bare body/],
    [`<p style="position:fixed">p</p>`, /position fixed/],
    [`<a href="javascript:${RUN}" style="display:block;height:500px">a</a>`, /dialog: 1|href javascript/],
    [`<form action=/login><button style="width:900px;height:500px">b</button></form>`, /bare body/],
    ['<p id=x>p</p>', /attribute id/],
  ];
  const told = await seen(context, { baseURL: baseURL ?? '', images: false }, marks.map(([piece]) => piece));
  await context.close();
  marks.forEach(([piece, mark], index) => expect(told[index]?.join('\n'), piece).toMatch(mark));
});

for (const [title, list] of pieces) {
  test(title, async ({ browser, people, mailbox, baseURL }) => {
    test.setTimeout(180_000);
    const places = await store(mailbox, list);
    const shown = await browser.newContext();
    const bare = await browser.newContext();
    const findings = await attack({ shown, bare }, { baseURL: baseURL ?? '', images }, people.me, places);
    await shown.close();
    await bare.close();
    expect(findings, title).toEqual([]);
  });
}
