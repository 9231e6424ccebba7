// The demo seed's mail from everywhere: many languages, scripts, charsets and kinds of message, each right in its own
// way, so that somebody who looks around in the demo sees that they all work.
import { jpeg, landscape, pdf } from './assets.mjs';
import { attachment, html, multipart, text } from './mime.mjs';

const vcard = Buffer.from('BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Petra Jansen\r\nORG:Ingenieurbüro Krähenwald\r\nEMAIL:jansen@kraehenwald.example\r\nTEL:+49 000 555 0142\r\nEND:VCARD\r\n');

function invitation(at, { days, summary, uid, method = 'REQUEST', organizer }) {
  const stamp = (date) => date.toISOString().replace(/[-:]|\.\d+/g, '');
  const start = new Date(at.getTime() + days * 86400000);
  start.setUTCHours(13, 0, 0, 0);
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Posthorn//Demo//DE', `METHOD:${method}`, 'BEGIN:VEVENT', `UID:${uid}`, `DTSTAMP:${stamp(at)}`, `DTSTART:${stamp(start)}`, 'DURATION:PT1H30M', `SUMMARY:${summary}`, 'LOCATION:Büro\\, großer Tisch', `ORGANIZER:mailto:${organizer}`, 'ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:demo@posthorn.example', 'BEGIN:VALARM', 'ACTION:DISPLAY', 'TRIGGER:-PT15M', 'END:VALARM', 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
}

const invite = (options) => (at) => {
  const ics = invitation(at, options);
  return multipart('mixed', [multipart('alternative', [text(`Einladung: ${options.summary}`), html(`<p>Einladung: <b>${options.summary}</b></p>`), text(ics, { subtype: 'calendar', params: `; method=${options.method ?? 'REQUEST'}` })]), attachment('application/ics', Buffer.from(ics), 'einladung.ics')]);
};

const bounce = (at) => ({
  headers: [['Content-Type', 'multipart/report; report-type=delivery-status; boundary="=_bounce"']],
  body: Buffer.from(['--=_bounce', 'Content-Description: Notification', 'Content-Type: text/plain; charset=us-ascii', '', 'This is the mail system at host mail.posthorn.example.', '', "I'm sorry to have to inform you that your message could not be delivered.", '', '<karl.niemand@kraehenwald.example>: host mx.kraehenwald.example said: 550 5.1.1', '    User unknown (in reply to RCPT TO command)', '', '--=_bounce', 'Content-Description: Delivery report', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mail.posthorn.example', `Arrival-Date: ${at.toUTCString()}`, '', 'Final-Recipient: rfc822; karl.niemand@kraehenwald.example', 'Action: failed', 'Status: 5.1.1', 'Diagnostic-Code: smtp; 550 5.1.1 User unknown', '', '--=_bounce', 'Content-Description: Undelivered Message', 'Content-Type: message/rfc822', '', 'From: Lena Vogt <demo@posthorn.example>', 'To: karl.niemand@kraehenwald.example', 'Subject: Lastannahmen', '', 'Guten Tag Herr Niemand,', '', 'anbei die Lastannahmen.', '', '--=_bounce--', ''].join('\n')),
});

const signed = {
  headers: [['Content-Type', 'multipart/signed; micalg=pgp-sha256; protocol="application/pgp-signature"; boundary="=_signed"']],
  body: Buffer.from(['--=_signed', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '', 'Der Schlüssel liegt unter der Matte. Diese Mail ist unterschrieben,', 'jedenfalls sieht sie so aus.', '', '--=_signed', 'Content-Type: application/pgp-signature; name="signature.asc"', 'Content-Description: OpenPGP digital signature', 'Content-Disposition: attachment; filename="signature.asc"', '', '-----BEGIN PGP SIGNATURE-----', '', 'iHUEABYKAB0WIQTdemoOnlyNotARealSignatureAtAllButItLooksLikeOne0000', '=DEMO', '-----END PGP SIGNATURE-----', '', '--=_signed--', ''].join('\n')),
};

export function worldMails(me) {
  const friends = ['anna@posthorn.example', 'jonas@posthorn.example', 'maria@zweite.example'];
  const japan = (ago, subject, body, more = {}) => ({ folder: '日本', ago, from: '山田太郎 <yamada@kenchiku.example>', subject, charset: 'iso-2022-jp', how: 'B', part: text(body, { charset: 'iso-2022-jp', encoding: '7bit' }), ...more });
  return [
    japan(65, '木造建築の展覧会について', 'フォークト様\n\nいつもお世話になっております。\n来月の展覧会の件ですが、会場が決まりました。\n図面を添付いたしますので、ご確認ください。\n\n山田', { flags: ['seen', 'flagged'] }),
    japan(64, 'Re: 木造建築の展覧会について', '早速のお返事ありがとうございます。\nそれでは、その予定で進めます。\n\n山田'),
    japan(30, '写真をお送りします', 'フォークト様\n\n京の町家の写真です。', { charset: 'utf-8', part: multipart('mixed', [text('フォークト様\n\n京の町家の写真です。ご査収ください。📷\n'), attachment('image/png', landscape(320, 200, 2), '町家の写真.png')]) }),
    { ago: 1.4, flags: [], from: '山田太郎 <yamada@kenchiku.example>', subject: '来週の打ち合わせ', part: text('フォークト様\n\n来週の火曜日、日本時間の17時はいかがでしょうか。\n\n山田', { encoding: 'base64' }) },
    { ago: 13, from: 'Ирина Соколова <irina@masterskaya.example>', subject: 'Чертежи и вопросы', charset: 'koi8-r', part: text('Здравствуйте, Лена!\n\nСпасибо за чертежи. У меня два вопроса по лестнице и один по окнам.\nМожем созвониться в четверг?\n\nС уважением,\nИрина', { charset: 'koi8-r' }) },
    { ago: 18, from: 'ليلى منصور <layla@riwaq.example>', subject: 'دعوة إلى ورشة العمل', part: text('عزيزتي لينا،\n\nيسعدنا دعوتك إلى ورشة العمل حول العمارة الطينية في الشهر القادم.\nسنرسل البرنامج قريبًا.\n\nمع التحية،\nليلى') },
    { ago: 19, from: 'נועה לוי <noa@merhav.example>', subject: 'שלום מתל גבעה', part: text('שלום לנה,\n\nהגענו בשלום. הדגם נראה נהדר! 42 תמונות בדרך.\n\nנועה') },
    { ago: 22, from: '陈晓明 <chen@yunqi.example>', subject: '竹结构的样品', charset: 'gb2312', how: 'B', part: text('您好，\n\n样品已经寄出，大约两个星期后到达。\n\n陈晓明', { charset: 'gb2312', encoding: 'base64' }) },
    { ago: 25, from: 'Łukasz Źródłowski <lukasz@zrodlo.example>', subject: 'Zażółć gęślą jaźń', charset: 'iso-8859-2', part: text('Cześć Lena,\n\nśliczne zdjęcia! Do zobaczenia w październiku.\n\nŁukasz', { charset: 'iso-8859-2' }) },
    { ago: 26, from: 'Γιώργος Παππάς <giorgos@thalassa.example>', subject: 'Το σπίτι στο νησί', charset: 'iso-8859-7', part: text('Καλημέρα Λένα,\n\nτο σπίτι είναι έτοιμο. Σε περιμένουμε το καλοκαίρι.\n\nΓιώργος', { charset: 'iso-8859-7' }) },
    { ago: 28, from: 'สมชาย ใจดี <somchai@baanmai.example>', subject: 'ขอบคุณสำหรับแบบบ้าน', part: text('สวัสดีครับคุณเลน่า\n\nขอบคุณสำหรับแบบบ้านครับ สวยมาก\n\nสมชาย', { encoding: 'base64' }) },
    { ago: 31, from: 'José Núñez <jose@taller-nunez.example>', subject: '¿Cómo va la obra?', charset: 'windows-1252', part: text('Hola Lena:\n\n¿Cómo va la obra? Aquí todo bien – “casi” terminado… El presupuesto: 1.200 €.\n\nUn abrazo,\nJosé', { charset: 'windows-1252' }) },
    { ago: 33, from: 'Claire Fontanel <claire@atelier-fontanel.example>', subject: 'Café à la gare', charset: 'iso-8859-1', part: text('Salut !\n\nRendez-vous au café de la gare, côté fenêtre. J’arrive à 9 h.\n'.replace('’', "'"), { charset: 'iso-8859-1' }) },
    { ago: 0.2, flags: ['new'], from: 'Aylin Demir <a.demir@vogt-sommer.example>', to: [me, 'Tom Sommer <t.sommer@vogt-sommer.example>'], subject: 'Einladung: Projektrunde Neubau Süd', part: invite({ days: 3, summary: 'Projektrunde Neubau Süd', uid: 'runde-1@vogt-sommer.example', organizer: 'a.demir@vogt-sommer.example' }) },
    { ago: 8, from: "Sam O'Reilly <sam@harbourlight.example>", subject: 'Cancelled: site visit', part: invite({ days: 2, summary: 'Site visit', uid: 'visit-7@harbourlight.example', method: 'CANCEL', organizer: 'sam@harbourlight.example' }) },
    { ago: 3.4, from: 'Mail Delivery System <MAILER-DAEMON@mail.posthorn.example>', subject: 'Undelivered Mail Returned to Sender', headers: [['Auto-Submitted', 'auto-replied']], part: bounce },
    { ago: 5.5, flags: ['seen', 'flagged'], from: 'Maria Lindqvist <maria@zweite.example>', subject: 'Schlüssel', part: signed },
    { ago: 2.6, flags: ['new'], from: 'helga@familie-vogt.example', part: text('Lena ruf mal an\n') },
    { ago: 3.8, from: 'kfz-werkstatt@zylinderkopf.example', subject: 'Ihr Wagen ist fertig', part: text('Abholung bis 18 Uhr.') },
    { ago: 17, from: 'Jonas Weiß <jonas@posthorn.example>', subject: '(leer, siehe Betreff)', part: { headers: [], body: Buffer.alloc(0) } },
    { ago: 10.5, from: 'Anna Berger <anna@posthorn.example>', to: [me, ...friends, ...Array.from({ length: 24 }, (_, i) => `Gast ${i + 1} <gast${i + 1}@fest.example>`)], cc: ['Helga Vogt <helga@familie-vogt.example>'], subject: 'Sommerfest: wer bringt was mit?', part: text('Ihr Lieben,\n\nbitte tragt euch ein: Salate (3), Kuchen (2), Getränke (viele).\n\n  * Anna: Zelt, Lampions\n  * Jonas: Musik, leider\n\nBis bald!\nAnna') },
    { ago: 11.5, from: 'Petra Jansen <jansen@kraehenwald.example>', subject: 'Kontaktdaten und Prüfbericht', part: multipart('mixed', [text('Guten Tag Frau Vogt,\n\nanbei der Prüfbericht und meine Karte.\n'), attachment('application/pdf', pdf(['Pruefbericht', 'Decke ueber EG: 22 cm, in Ordnung']), 'Prüfbericht Decke über EG – endgültige Fassung nach Rücksprache.pdf', { style: 'split' }), attachment('text/vcard', vcard, 'Petra Jansen.vcf'), attachment('image/jpeg', jpeg, 'Stempel.jpg')]) },
    { ago: 4.2, from: 'Tom Sommer <t.sommer@vogt-sommer.example>', subject: 'Aw: Aw: Aw: Farbe der Haustür', part: text('Grün. Ende.\n\n> Am Montag schrieb Aylin Demir:\n>\n> > Am Montag schrieb Tom Sommer:\n> >\n> > > Am Sonntag schrieb Lena Vogt:\n> > >\n> > > > Ich wäre für Blau, ein dunkles, wie der Fluss im Winter.\n> > > > Oder ist das zu ernst?\n> > >\n> > > Viel zu ernst. Gelb!\n> >\n> > Gelb? An einer Stiftung? Grün!\n>\n> Können wir abstimmen?\n') },
    { ago: 36, from: 'Wetterdienst Wiesenau <warnung@wetter-wiesenau.example>', subject: '⛈️ Warnung vor Gewitter', part: text('⛈️ Ab 16 Uhr Gewitter mit Sturmböen.\n🌡️ 24 °C → 16 °C\n', { encoding: 'base64' }) },
    { ago: 47, from: 'Der Konditor <torten@kontor-krume.example>', subject: 'Nur HTML, ohne Text', part: html('<p style="font-size:18px">Ihre Torte für den Zwölften ist vorgemerkt:</p><ol><li>Nuss (<s>ja</s> nein)</li><li>Sahne <b>ja</b></li></ol><table border="1" cellpadding="6"><thead><tr><th>Größe</th><th>Preis</th></tr></thead><tbody><tr><td>26 cm</td><td>38 €</td></tr><tr><td>32 cm</td><td>52 €</td></tr></tbody></table>') },
    { ago: 52, folder: 'Archive', from: "Sam O'Reilly <sam@harbourlight.example>", subject: 'Long read, flowed', part: text('This is a paragraph in format=flowed, which means that its lines end in a \nsingle space wherever the program has broken them, and that a reader may \njoin them again to fit the width of the window.\n\n> A quoted paragraph may flow as well, and it should \n> keep its mark when it is joined.\n\nThat is all.\n\n-- \nSam', { params: '; format=flowed; delsp=no' }) },
  ];
}
