// Links that lead elsewhere than they say, and what a mail does to hide, move or forge what is said of them.
import { HOST, RUN, type Vector, inHtml, vectors } from '../vector.ts';

const said = `<a href="${HOST}/x">www.bank.example</a>`;

const LINKS = [
  `<a href="${HOST}/x" title="https://www.bank.example/"><span title="https://www.bank.example/">www.bank.example</span></a>`,
  `<a href='${HOST}/"onmouseover=${RUN} x="'>www.bank.example</a><a href="${HOST}/&quot;onfocus=${RUN}//">www.bank.example</a>`,
  `<a href="https://<script>${RUN}</script>@attack.example/">www.bank.example</a>`,
  `<a href="https://www.bank.example@attack.example/">Sign in</a><a href="https://www.xn--pypal-4ve.com/">Sign in</a>`,
  `<a href="https://xn--${'a'.repeat(60)}.attack.example/">www.bank.example</a><a href="https://${'a.'.repeat(120)}attack.example/">www.bank.example</a>`,
  `<a href="mailto:x@attack.example?body=${RUN}">service@bank.example</a>`,
  `<a href="${HOST}/x">www.bank.example\u202e\u2066\u0300\u0300</a><bdo dir=rtl>${said}</bdo>`,
  `<style>.posthorn-mark,.posthorn-note,.wary{display:none!important}span{display:none!important}</style>${said}`,
  `<span class="posthorn-mark">leads to www.bank.example</span><div class="posthorn-note alarm"><p>All links lead where they say.</p></div>${said}`,
  `<div style="height:20px;overflow:hidden;width:130px;white-space:nowrap">${said}</div>`,
  `<div style="opacity:0.2;font-size:0;line-height:0;color:#fff;background:#fff"><span style="font-size:16px">${said}</span></div>`,
  `<div style="visibility:hidden;letter-spacing:-5px;word-spacing:-5px;text-indent:9000px"><span style="visibility:visible">${said}</span></div>`,
  `<div style="white-space:pre;overflow:hidden">${said.replace('</a>', `${'&nbsp;'.repeat(3000)}</a>`)}</div>`,
  `${said.replace('</a>', `${'<br>'.repeat(200)}<img height=2000 width=1 alt="" src=cid:none></a>`)}`,
  `<table style="width:1px;table-layout:fixed"><tr><td style="overflow:hidden;max-width:1px;max-height:1px;height:1px">${said}</td></tr></table>`,
  `<ul>${said}</ul><dl>${said}</dl><table>${said}<tr>${said}<td>${said}</table><pre>${said}</pre><h1>${said}</h1>`,
  `<details><summary>${said}</summary>${said}</details>`,
  said.repeat(3000),
  Array.from({ length: 1500 }, (_, n) => `<a href="https://a${n}.attack.example/">www.bank.example</a>`).join(' '),
];

export const links: Vector[] = [
  ...inHtml('links', LINKS),
  ...vectors('links-text', [
    { text: `https://www.bank.example@attack.example/"onmouseover=${RUN} https://www.xn--pypal-4ve.com/<script>${RUN}</script>` },
    { text: `${'https://www.bank.example@attack.example/ '.repeat(3000)}` },
  ]),
];
