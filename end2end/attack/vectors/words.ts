// Attacks in what is text: the plain form with its links and quotes, and every field of the header that a page shows.
import { HOST, RUN, type Vector, vectors } from '../vector.ts';

const IMG = `<img src=x onerror=${RUN}>`;

const TEXTS = [
  `<script>${RUN}</script>`,
  IMG,
  `</div></body></html>${IMG}`,
  `</textarea>${IMG}`,
  `</script><script>${RUN}</script>`,
  `<!-- ${IMG} --> ]]> ${IMG}`,
  `https://attack.example/"onmouseover="${RUN}`,
  `https://attack.example/'onmouseover='${RUN}`,
  'https://attack.example/`onmouseover=`' + RUN,
  `https://attack.example/${IMG}`,
  `https://attack.example/><script>${RUN}</script>`,
  `https://attack.example/&quot;onmouseover=&quot;${RUN}`,
  `https://attack.example/&#34;onmouseover=&#34;${RUN}`,
  `https://attack.example/&lt;img src=x onerror=${RUN}&gt;`,
  `https://"${IMG}"`,
  `<https://attack.example/"${IMG}>`,
  `<a href="https://attack.example/" onclick="${RUN}">https://attack.example/</a>`,
  `http://attack.example/\u202e"onmouseover="${RUN}`,
  `http://attack.example/\u0000"onmouseover="${RUN}`,
  `http://attack.example/\t"onmouseover="${RUN}`,
  `javascript:${RUN}`,
  `javascript://attack.example/%0a${RUN}`,
  `JaVaScRiPt:${RUN} <javascript:${RUN}>`,
  `data:text/html,<script>${RUN}</script>`,
  `vbscript:x file:///etc/passwd blob:x chrome://x about:blank`,
  `www.attack.example/"onmouseover="${RUN} www."${IMG}`,
  `mailto:a@attack.example?subject="onmouseover="${RUN}`,
  `a"onmouseover="${RUN}"@attack.example "${IMG}"@attack.example a@attack.example${IMG}`,
  `mailto:${IMG}@attack.example <mailto:a@b"onclick="${RUN}>`,
  `https://user:${IMG}@attack.example/ https://attack.example:javascript:${RUN}`,
  `https://[::1]"onmouseover="${RUN} https://[${IMG}]/`,
  `https://attack.example/(${IMG}) [https://attack.example/"x]("${RUN})`,
  `https://https://attack.example/ hthttps://attack.example/ https://javascript:${RUN}`,
  `xhttps://attack.example/ -https://attack.example/ .https://attack.example/`,
  `> https://attack.example/"onmouseover="${RUN}\n>> ${IMG}\n>>> </blockquote>${IMG}`,
  `${'> '.repeat(2000)}${IMG}`,
  `-- \n${IMG}\n</div>${IMG}`,
  `-- \n-- \nhttps://attack.example/"onmouseover="${RUN}`,
  `\u2028<script>${RUN}</script>\u2029\u0085${IMG}`,
  `+ADw-script+AD4-${RUN}+ADw-/script+AD4-`,
  `{{constructor.constructor('${RUN}')()}} \${${RUN}} #{${RUN}} <%= ${RUN} %> [[${RUN}]]`,
  `\\u003cscript\\u003e${RUN}\\u003c/script\\u003e \\x3cscript\\x3e \\"};${RUN};//`,
  `[click](javascript:${RUN}) ![x](${HOST}/md.png) *bold* <${HOST}/x>`,
  `\u001b]8;;javascript:${RUN}\u0007click\u001b]8;;\u0007`,
  `${'https://attack.example/"onmouseover="'.repeat(500)}`,
  `${'<'.repeat(5000)}${IMG}`,
  `${'&lt;'.repeat(3000)}${IMG}`,
  `https://attack.example/${'a"'.repeat(3000)}`,
];

const NAMES = [
  `<script>${RUN}</script>`,
  IMG,
  `"><img src=x onerror=${RUN}>`,
  `'><img src=x onerror=${RUN}>`,
  `</title><script>${RUN}</script>`,
  `</textarea><script>${RUN}</script>`,
  `</script><script>${RUN}</script>`,
  `<!--<script>${RUN}</script>-->`,
  `</h1></main></body>${IMG}`,
  `" autofocus onfocus="${RUN}" x="`,
  `&lt;img src=x onerror=${RUN}&gt;`,
  `javascript:${RUN}`,
  `\u202eneddih\u202c \u2066x\u2069\u200b`,
  `{{constructor.constructor('${RUN}')()}}`,
  `\\u003c/script\\u003e\\u003cscript\\u003e${RUN}`,
  `${'W'.repeat(5000)}${IMG}`,
  `\u2028${RUN}\u2029</script>`,
  `a\u0000b${IMG}`,
  `%3Cscript%3E${RUN}%3C/script%3E/../../x?y#z`,
  '`${' + RUN + '}`',
];

/** As encoded words, or as it stands in UTF-8. */
const word = (text: string): string =>
  (text.match(/[^]{1,12}/gu) ?? []).map((piece) => `=?utf-8?B?${Buffer.from(piece).toString('base64')}?=`).join('\r\n ');
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/[\r\n\0]/g, '')}"`;
const bare = (text: string): string => text.replace(/[\r\n\0]/g, '');

/** The vector's file and its Content-ID are called so, too. */
const everywhere = (name: string): Omit<Vector, 'id' | 'category'> => ({
  fields: {
    From: `${word(name)} <mallory@attack.example>`,
    To: `${word(name)} <someone@posthorn.example>, ${quoted(name.slice(0, 300))} <b@attack.example>`,
    Cc: `${quoted(name.slice(0, 300))} <c@attack.example>`,
    'Reply-To': `${word(name)} <d@attack.example>`,
    Subject: word(name),
    'X-Attack': word(name),
    'List-Unsubscribe': `<javascript:${RUN}>, <${HOST}/unsubscribe"onclick="${RUN}>, <mailto:x@attack.example?subject=${encodeURIComponent(name.slice(0, 100))}>`,
    'List-Id': `${quoted(name.slice(0, 300))} <list.attack.example>`,
  },
  html: `<img src="cid:${encodeURIComponent(name.slice(0, 100))}" alt="image"><img src="cid:x"><p>Names.</p>`,
  text: name,
  files: [
    { name: `${name.slice(0, 200)}.html`, type: 'text/html', content: Buffer.from(`<script>${RUN}</script>`) },
    { name: name.slice(0, 200), type: `application/x-${encodeURIComponent(name.slice(0, 30))}`, content: Buffer.from('x') },
  ],
});

const raw = (name: string): Omit<Vector, 'id' | 'category'> => ({
  fields: {
    From: `${bare(name)} <mallory@attack.example>`,
    To: `<${bare(name)}@attack.example>, "${bare(name)}"@attack.example, (${bare(name)}) a@attack.example, ${bare(name)}: b@attack.example;`,
    Subject: bare(name),
    Date: bare(name).slice(0, 500),
    'Message-ID': `<${bare(name).replace(/\s/g, '').slice(0, 500)}@attack.example>`,
    References: `<${bare(name).slice(0, 500)}>`,
    [`X-<img-src=x-onerror=${RUN}>`]: bare(name),
    'X-Mailer': bare(name),
    'Authentication-Results': bare(name),
  },
  text: `In the header: ${name}`,
});

/** Calendars and cards, whose fields a page may come to show. */
const event = (name: string): Omit<Vector, 'id' | 'category'> => ({
  html: '<p>An invitation.</p>',
  files: [
    {
      name: 'invite.ics',
      type: 'text/calendar; method=REQUEST; charset=utf-8',
      content: Buffer.from(
        ['BEGIN:VCALENDAR', 'VERSION:2.0', 'METHOD:REQUEST', `X-WR-CALNAME:${bare(name)}`, 'BEGIN:VEVENT', 'UID:x', 'DTSTART:20261102T100000Z', `SUMMARY:${bare(name)}`, `LOCATION:${bare(name)}`, `DESCRIPTION:${bare(name)}`, `URL:javascript:${RUN}`, `ORGANIZER;CN="${bare(name)}":javascript:${RUN}`, `ATTENDEE;CN=${bare(name)}:mailto:x`, `ATTACH:${HOST}/ics`, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n'),
      ),
    },
    {
      name: 'card.vcf',
      type: 'text/vcard',
      content: Buffer.from(['BEGIN:VCARD', 'VERSION:4.0', `FN:${bare(name)}`, `URL:javascript:${RUN}`, `PHOTO:${HOST}/photo`, `EMAIL:${bare(name)}`, 'END:VCARD'].join('\r\n')),
    },
  ],
});

const FOLDERS = [`<img src=x onerror=${RUN}>`, `</title><script>${RUN}</script>`, `" onmouseover="${RUN}`, `javascript:${RUN}`, `\u202eredlof`, `%2e%2e%2fx`];

export const words: Vector[] = [
  ...vectors('text', TEXTS.map((text) => ({ text }))),
  ...vectors('name', NAMES.map(everywhere)),
  ...vectors('field', NAMES.map(raw)),
  ...vectors('event', NAMES.slice(0, 8).map(event)),
  ...vectors('folder', FOLDERS.map((folder) => ({ folder, text: 'In a folder with a name.' }))),
];
