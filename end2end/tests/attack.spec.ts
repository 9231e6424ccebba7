// Some of the attacks of `make attack`, a few of every kind: nothing runs, nothing is asked of others, nothing lies over
// the page. All of them, and how it is found out: end2end/attack.
import { attack, store } from '../attack/run.ts';
import { sample } from '../attack/vectors/index.ts';
import { expect, test } from '../support/fixtures.ts';

const COUNT = 60;

for (const half of [0, 1]) {
  test(`hostile mails do nothing, half ${half + 1}`, async ({ browser, people, mailbox, baseURL, scripted }) => {
    test.setTimeout(120_000);
    const list = sample(COUNT).filter((_, index) => index % 2 === half);
    const places = await store(mailbox, list);
    const shown = await browser.newContext({ javaScriptEnabled: scripted });
    // The body without its policy: there, scripts are on.
    const bare = await browser.newContext({ javaScriptEnabled: true });
    const findings = await attack({ shown, bare }, { baseURL: baseURL ?? '', images: false }, people.me, places);
    await shown.close();
    await bare.close();
    expect(findings).toEqual([]);
  });
}
