// The demo seed's impersonal mail: newsletters in the HTML that such mails really use (tables, inline style, style
// blocks, remote pictures, counting pixels), invoices with PDF, parcels, notices, the club's circulars, spam.
import { logo, pdf, zip } from './assets.mjs';
import { attachedMessage, attachment, html, message, multipart, text } from './mime.mjs';

const shops = [
  { name: 'Papierboot Verlag', host: 'papierboot.example', colour: '#27496d', claim: 'Neue Bücher im Herbst', items: [['Die Brücke von Tarnowitz', '24,00 €'], ['Kleine Geschichte des Nagels', '18,50 €'], ['Vom Wohnen auf dem Wasser', '32,00 €']] },
  { name: 'Steinkauz Outdoor', host: 'steinkauz-outdoor.example', colour: '#2f6b3c', claim: 'Bereit für kalte Nächte', items: [['Schlafsack Dachs', '189,00 €'], ['Kocher Glühwurm', '64,90 €'], ['Regenjacke Auerhahn', '149,00 €']] },
  { name: 'Kontor & Krume', host: 'kontor-krume.example', colour: '#8a4b1f', claim: 'Brot der Woche: Walnuss', items: [['Walnusskruste', '4,80 €'], ['Butterhörnchen', '1,60 €'], ['Apfeltasche', '2,40 €']] },
  { name: 'Mondgarten Pflanzen', host: 'mondgarten.example', colour: '#5b3a8c', claim: 'Jetzt Zwiebeln setzen', items: [['Tulpe Nachtfalter', '6,90 €'], ['Krokus Frühlicht', '3,90 €'], ['Allium Kugelblitz', '8,50 €']] },
];

function newsletter(shop, issue) {
  const host = `https://img.${shop.host}`;
  const rows = shop.items.map(([what, price], i) => `<tr><td width="120" style="padding:8px"><img src="${host}/${issue}/item${i + 1}.jpg" width="120" height="90" alt="${what}" style="display:block;border:0"></td><td style="padding:8px;font-family:Arial,Helvetica,sans-serif;font-size:15px;color:#333333"><strong>${what}</strong><br><span style="color:${shop.colour}">${price}</span></td></tr>`).join('\n');
  return `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>${shop.claim}</title>
<style type="text/css">
  body { margin: 0; padding: 0; background: #f2f2f0; } a { color: ${shop.colour}; }
  .button a { background: ${shop.colour}; color: #ffffff; text-decoration: none; padding: 12px 24px; border-radius: 4px; display: inline-block; }
  @media only screen and (max-width: 620px) { .container { width: 100% !important; } .hide { display: none !important; } }
</style></head>
<body bgcolor="#f2f2f0"><div style="display:none;max-height:0;overflow:hidden">${shop.claim}, nur bis Sonntag.</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:24px 0">
<table role="presentation" class="container" width="600" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff" style="border:1px solid #dddddd">
<tr><td style="background-color:${shop.colour};padding:20px 24px"><img src="${host}/logo.png" width="160" height="40" alt="${shop.name}" style="color:#ffffff;font-family:Georgia,serif;font-size:22px"></td></tr>
<tr><td><img class="hide" src="${host}/${issue}/hero.jpg" width="600" height="220" alt="" style="display:block;width:100%"></td></tr>
<tr><td style="padding:24px;font-family:Georgia,'Times New Roman',serif;font-size:26px;color:#222222">${shop.claim}</td></tr>
<tr><td style="padding:0 24px 16px;font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:1.5;color:#444444">Guten Tag, Lena,<br><br>wir haben ausgesucht, was zur Jahreszeit passt. Ab 40&nbsp;€ liefern wir frei Haus.</td></tr>
<tr><td style="padding:0 16px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0">${rows}</table></td></tr>
<tr><td class="button" align="center" style="padding:24px"><a href="https://www.${shop.host}/angebote?nl=${issue}&amp;kunde=4711">Zu den Angeboten</a></td></tr>
<tr><td style="padding:16px 24px;background:#f7f7f5;font-family:Arial,sans-serif;font-size:12px;color:#888888">${shop.name}, Am Markt 3, 00000 Wiesenau &middot; <a href="https://www.${shop.host}/abmelden?u=4711">Abmelden</a></td></tr>
</table></td></tr></table><img src="https://zaehler.${shop.host}/o.gif?m=${issue}&amp;u=4711" width="1" height="1" alt=""></body></html>`;
}

function newsletters() {
  const list = [];
  shops.forEach((shop, s) => {
    for (let i = 0; i < 9; i += 1) {
      const issue = `2${s}${i}`;
      const body = newsletter({ ...shop, items: [...shop.items.slice(i % 3), ...shop.items.slice(0, i % 3)] }, issue);
      list.push({
        ago: 0.4 + s * 1.7 + i * 14, flags: i === 0 && s < 2 ? ['new'] : i === 2 ? [] : ['seen'], folder: i > 4 ? 'Archive' : 'INBOX',
        from: `${shop.name} <post@news.${shop.host}>`, replyTo: `service@${shop.host}`, subject: i === 0 ? shop.claim : `${shop.name}: ${['Unsere Auswahl', 'Nur noch drei Tage', 'Post für Sie', 'Was jetzt wichtig ist', 'Zuletzt angesehen', 'Ein Dankeschön', 'Frisch eingetroffen', 'Wir haben umgeräumt'][i - 1]}`,
        headers: [['List-Id', `<news.${shop.host}>`], ['List-Unsubscribe', `<https://www.${shop.host}/abmelden?u=4711>`], ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'], ['Precedence', 'bulk']],
        part: s === 3 ? html(body) : multipart('alternative', [text(`${shop.claim}\n\n${shop.items.map((item) => `* ${item.join(', ')}`).join('\n')}\n\nhttps://www.${shop.host}/angebote?nl=${issue}\n`), html(body, { encoding: s === 1 ? 'base64' : 'quoted-printable' })]),
      });
    }
  });
  return list;
}

function invoices() {
  const firms = [['Hellstrom Energie', 'hellstrom-energie.example', 'Abschlag Strom', '74,00'], ['Fernklang Telefon', 'fernklang.example', 'Ihre Rechnung', '29,95'], ['Wiesenauer Wasser', 'wasser-wiesenau.example', 'Wasserabrechnung', '41,20']];
  const list = [];
  firms.forEach(([name, host, what, amount], f) => {
    for (let month = 0; month < 9; month += 1) {
      const number = `${f + 3}0${month}${(f * 37 + month * 11) % 90 + 10}`;
      list.push({
        folder: 'Rechnungen', ago: 4 + f * 2 + month * 30, flags: month === 0 ? [] : ['seen'], from: `${name} <rechnung@${host}>`, subject: `${what} Nr. ${number}`,
        part: multipart('mixed', [text(`Guten Tag Frau Vogt,\n\nIhre Rechnung Nr. ${number} über ${amount} EUR finden Sie im Anhang. Der Betrag wird in den nächsten Tagen abgebucht.\n\nMit freundlichen Grüßen\n${name}`, { charset: f === 1 ? 'iso-8859-1' : 'utf-8' }), attachment('application/pdf', pdf([name, `Rechnung Nr. ${number}`, 'Lena Vogt, Lindenstraße 4, Wiesenau'.replace('ß', 'ss'), `Betrag: ${amount} EUR`]), f === 2 ? `Abrechnung für Lena Vogt, Zähler ${number}.pdf` : `Rechnung-${number}.pdf`, { style: f === 2 ? '2047' : '2231' })]),
      });
    }
  });
  return list;
}

function notices() {
  const list = [];
  const parcel = [['wurde angekündigt', 3.1], ['ist unterwegs', 2.2], ['kommt heute', 1.1], ['wurde zugestellt', 0.7]];
  parcel.forEach(([what, ago], i) => list.push({ ago, flags: i < 3 ? ['seen'] : ['new'], from: 'Schneckenpost Pakete <nicht-antworten@schneckenpost.example>', subject: `Ihr Paket ${what}`, headers: [['Auto-Submitted', 'auto-generated']], part: multipart('alternative', [text(`Ihre Sendung SP 0042 7719 ${what}.\n\nVerfolgen: https://schneckenpost.example/s?nr=00427719`), html(`<div style="font-family:sans-serif"><h2 style="color:#b8860b">Ihr Paket ${what}</h2><p>Sendung <b>SP 0042 7719</b></p><p><a href="https://schneckenpost.example/s?nr=00427719">Verfolgen</a></p></div>`)]) }));
  for (let i = 0; i < 16; i += 1) {
    list.push({ ago: 1.5 + i * 5, flags: i < 1 ? [] : ['seen'], folder: i < 4 ? 'INBOX' : 'Archive', from: 'Bauserver <bauserver@vogt-sommer.example>', subject: `[Neubau Süd] ${7 + i} Dateien geändert`, headers: [['Auto-Submitted', 'auto-generated'], ['X-Priority', i === 2 ? '1' : '3']], part: text(`Geändert seit gestern:\n\n${['EG_Grundriss.dwg', 'OG_Grundriss.dwg', 'Schnitt_A-A.dwg', 'Details_Fenster.pdf'].slice(0, 1 + (i % 4)).map((file, k) => `  ${file.padEnd(24)} ${(k + 1) * 137 + i * 11} kB   T. Sommer`).join('\n')}\n\nGesamt: ${7 + i} Dateien\n`) });
  }
  for (let i = 0; i < 10; i += 1) {
    list.push({ folder: 'Verein', ago: 20 + i * 30, from: 'Ruderclub Wiesenau <rundbrief@ruderclub-wiesenau.example>', to: 'Mitglieder <mitglieder@ruderclub-wiesenau.example>', subject: `Rundbrief ${['Oktober', 'September', 'August', 'Juli', 'Juni', 'Mai', 'April', 'März', 'Februar', 'Januar'][i]}`, headers: [['List-Id', 'Mitglieder <mitglieder.ruderclub-wiesenau.example>'], ['List-Post', '<mailto:mitglieder@ruderclub-wiesenau.example>']], part: multipart('mixed', [html(`<h1 style="color:#114488">Rundbrief</h1><p>Liebe Ruderinnen und Ruderer,</p><p>die Termine:</p><ul><li>Training <b>dienstags</b> und donnerstags, 18 Uhr</li><li>Herbstregatta in Brückenau</li><li>Bootstaufe der „Libelle ${i + 1}“</li></ul><blockquote>Wer rudert, sieht, wo er war.</blockquote><hr><p><small>Der Vorstand</small></p>`), attachment('text/csv', Buffer.from('Tag;Uhrzeit;Boot\nDi;18:00;Libelle\nDo;18:00;Biber\n'), 'Übersicht Termine.csv')]) });
  }
  return list;
}

function offers() {
  return [
    { folder: 'Projekte/Angebote', ago: 40, flags: ['seen', 'flagged'], from: 'Tischlerei Holzapfel <info@holzapfel-tischler.example>', subject: 'Angebot 2217: Innentüren Eiche', part: multipart('mixed', [text('Sehr geehrte Frau Vogt,\n\nanbei unser Angebot über 14 Innentüren. Die Zeichnungen liegen als ZIP bei.\n\nFreundliche Grüße\nTischlerei Holzapfel'), attachment('application/pdf', pdf(['Angebot 2217', '14 Innentueren Eiche', '18.340,00 EUR']), 'Angebot 2217.pdf'), attachment('application/zip', zip([['Tür A.txt', Buffer.from('88,5 x 211 cm\n')], ['Tür B.txt', Buffer.from('101 x 211 cm\n')]]), 'Zeichnungen Türen.zip')]) },
    { folder: 'Projekte/Angebote', ago: 38, from: 'Dachbau Schwalbe <kontakt@dachbau-schwalbe.example>', subject: 'Dachdeckung, zwei Varianten', part: multipart('mixed', [text('Guten Tag,\n\nVariante A (Schiefer) und Variante B (Tonziegel) wie besprochen als Tabelle.\n'), attachment('text/csv', Buffer.from('Variante;Fläche m²;Preis €\nA;312;48.900\nB;312;36.450\n'), 'Varianten.csv'), attachment('image/png', logo([150, 60, 40]), 'schwalbe-logo.png', { disposition: 'inline' })]) },
    { ago: 6, flags: ['seen', '$Forwarded'], from: 'Gemeinde Wiesenau, Bauamt <bauamt@gemeinde-wiesenau.example>', subject: 'Ihr Bauantrag Az. 63-1187: Nachforderung von Unterlagen gemäß Prüfvermerk vom Vormonat, hier: Standsicherheitsnachweis, Entwässerungsplan, Stellplatznachweis sowie Erklärung der Nachbarn zur Grenzbebauung im südlichen Grundstücksbereich', part: text('Sehr geehrte Frau Vogt,\n\nzu Ihrem Antrag fehlen noch die im Betreff genannten Unterlagen.\n\nBitte reichen Sie diese binnen vier Wochen nach.\n\nIm Auftrag\nKasimir Blech', { charset: 'iso-8859-1' }) },
    { ago: 7.5, flags: ['seen'], from: 'Jonas Weiß <jonas@posthorn.example>', subject: 'Fwd: Angebot Faltboot', part: multipart('mixed', [text('Wäre das nicht was für uns? Die ursprüngliche Mail hängt an.'), attachedMessage(message({ from: 'Bootsbörse <markt@bootsboerse.example>', to: 'jonas@posthorn.example', subject: 'Angebot Faltboot', date: new Date(Date.UTC(2024, 4, 2, 9, 30)), id: 'faltboot@bootsboerse.example' }, multipart('mixed', [text('Zweier, Baujahr 2015, wenig gefahren, 650 Euro.'), attachment('image/png', logo([30, 90, 160]), 'boot.png')])), 'Angebot Faltboot.eml')]) },
  ];
}

function spam() {
  const bait = [['Prinz Balduin von Ostmark', 'Vertrauliches Angebot 12.500.000 €'], ['Konto-Sicherheit', 'Ihr Konto wird gesperrt!!!'], ['Dr. Wunder', 'Wieder zwanzig in 7 Tagen'], ['GEWINNZENTRALE', '🎁 SIE HABEN GEWONNEN 🎁'], ['Lieferdienst', 'Paket konnte nicht zugestellt werden'], ['Crypto Karl', 'Reich ohne Arbeit']];
  return bait.map(([name, subject], i) => ({ folder: 'Junk', ago: 1.5 + i * 3, flags: i < 3 ? ['new'] : ['seen'], from: `${name} <${i}x@spam${i}.example>`, subject, headers: [['X-Spam-Flag', 'YES'], ['X-Spam-Score', String(8 + i)]], part: html(`<center><font size="7" color="red">${subject}</font><p><a href="http://spam${i}.example/klick?id=${i}">HIER KLICKEN</a></p><img src="http://spam${i}.example/p.gif" width="1" height="1"></center>`) }));
}

function trash() {
  return [1, 2, 3, 4, 5].map((n) => ({ folder: 'Trash', ago: 3 + n * 4, from: 'Umfrage-Institut Meinungsbild <umfrage@meinungsbild.example>', subject: `Erinnerung ${n}: Nur zwei Minuten Ihrer Zeit`, part: text('Bitte bewerten Sie Ihren letzten Einkauf.\n') }));
}

export function businessMails() {
  return [...newsletters(), ...invoices(), ...notices(), ...offers(), ...spam(), ...trash()];
}
