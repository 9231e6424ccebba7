// The demo seed's personal mail: threads with friends, family, colleagues and the rowing club, with the answers in
// Sent, correct References, and quotes as mail programs write them.
import { landscape } from './assets.mjs';
import { attachment, html, multipart, text } from './mime.mjs';

const people = {
  anna: 'Anna Berger <anna@posthorn.example>',
  jonas: 'Jonas Weiß <jonas@posthorn.example>',
  maria: 'Maria Lindqvist <maria@zweite.example>',
  mama: 'Helga Vogt <helga@familie-vogt.example>',
  tom: 'Tom Sommer <t.sommer@vogt-sommer.example>',
  aylin: 'Aylin Demir <a.demir@vogt-sommer.example>',
  bauherr: 'Dr. Friedrich Osterloh <osterloh@osterloh-stiftung.example>',
  statik: 'Ingenieurbüro Krähenwald, Petra Jansen <jansen@kraehenwald.example>',
  club: 'Ruderclub Wiesenau <vorstand@ruderclub-wiesenau.example>',
  piet: 'Piet van Houten <piet@houten-boten.example>',
  claire: 'Claire Fontanel <claire@atelier-fontanel.example>',
  sam: "Sam O'Reilly <sam@harbourlight.example>",
};

const sign = '\n-- \nLena Vogt\nVogt & Sommer Architektur, Wiesenau\n';

const wrote = { window: 'wrote', expo: 'a écrit', boten: 'schreef' };

// One conversation: [days ago, who ("me" goes to Sent), text, options] each; every answer quotes the one before.
function thread(me, folder, subject, key, turns) {
  const refs = [];
  let last = null;
  return turns.map(([ago, who, body, more = {}], i) => {
    const from = who === 'me' ? me : people[who];
    const id = `${key}.${i + 1}@${/@([^>]+)/.exec(from)[1]}`;
    const others = turns.map((turn) => turn[1]).filter((name) => name !== 'me' && name !== who);
    const to = who === 'me' ? people[last?.who === undefined || last.who === 'me' ? (others[0] ?? who) : last.who] : me;
    const quoted = last && more.quote !== false ? `\n\n${last.from.replace(/ <.*/, '')} ${wrote[key] ?? 'schrieb'}:\n${last.body.split('\n').map((line) => (line.startsWith('>') ? '>' : '> ') + line).join('\n')}` : '';
    const full = body + (who === 'me' ? sign : '') + quoted;
    const mail = {
      folder: who === 'me' ? 'Sent' : folder, ago, flags: who === 'me' ? ['seen'] : more.flags ?? ['seen', ...(turns[i + 1]?.[1] === 'me' ? ['answered'] : [])],
      from, to, cc: more.cc?.map((name) => people[name]), id, subject: i === 0 ? subject : `${more.prefix ?? 'Re'}: ${subject}`,
      inReplyTo: refs.at(-1), references: [...refs], headers: more.headers,
      part: more.part ? more.part(full) : text(full, { params: more.flowed ? '; format=flowed' : '', encoding: more.encoding, charset: more.charset }),
    };
    refs.push(id);
    last = { who, from, body };
    return mail;
  });
}

const photos = (names) => (body) => multipart('mixed', [text(body), ...names.map((name, i) => attachment('image/png', landscape(640, 400, i), name, { disposition: i ? 'inline' : 'attachment' }))]);

export function letters(me) {
  const t = (folder, subject, key, turns) => thread(me, folder, subject, key, turns);
  return [
    ...t('INBOX', 'Samstag am See?', 'see', [
      [2.3, 'anna', 'Hallo Lena,\n\nam Samstag soll es noch einmal richtig warm werden. Wollen wir mit den Rädern raus zum See?\nJonas hat gefragt, ob er das Faltboot mitbringen soll.\n\nLiebe Grüße\nAnna'],
      [2.1, 'me', 'Au ja! Ich bringe Kuchen mit. Treffpunkt um zehn an der alten Schleuse?'],
      [1.9, 'anna', 'Perfekt, zehn Uhr an der Schleuse. Jonas kommt mit Boot und schlechter Laune, weil es so früh ist.'],
      [0.12, 'jonas', 'Ich habe KEINE schlechte Laune. Zehn Uhr ist nur sehr, sehr früh.\n\nDas Boot ist geflickt, ich bringe zwei Paddel und drei Schwimmwesten mit.', { flags: ['new'] }],
    ]),
    ...t('INBOX', 'Fotos vom Wochenende', 'fotos', [
      [9, 'jonas', 'Hier die drei besten. Das dritte ist überbelichtet, aber du lachst so schön.\n\nJonas', { part: photos(['Morgen am Fluss.png', 'Über der Brücke.png', 'Lena lacht.png']), flags: ['seen', 'flagged', 'answered'] }],
      [8.8, 'me', 'Das dritte hänge ich mir an die Wand. Danke!'],
    ]),
    ...t('INBOX', 'Papas Geburtstag', 'papa', [
      [16, 'mama', 'Liebe Lena,\n\nPapa wird ja am Zwölften siebzig. Ich habe den Saal im Alten Zollhaus reserviert, für vierzig Leute. Magst Du eine kleine Rede halten? Er tut immer so, als sei ihm das peinlich, aber freuen würde er sich doch.\n\nDeine Mama\n\nPS: Der Apfelbaum trägt wie verrückt, bring Kisten mit.', { flowed: true }],
      [15, 'me', 'Liebe Mama,\n\nnatürlich halte ich eine Rede. Drei Minuten, versprochen, und die Geschichte mit dem Rasenmäher kommt vor.\n\nKisten habe ich.'],
      [14.6, 'mama', 'Die Geschichte mit dem Rasenmäher BITTE NICHT, Tante Irmgard sitzt direkt daneben!', { flowed: true }],
      [14.4, 'me', 'Gerade deswegen.'],
      [0.9, 'mama', 'Kind, noch eine Frage: Verträgt Maria eigentlich Nüsse? Die Bäckerei will es bis morgen wissen.', { flags: ['new'], quote: false, flowed: true }],
    ]),
    ...t('Projekte/Neubau Süd', 'Neubau Süd: Grundriss Erdgeschoss, Stand 4', 'sued', [
      [34, 'tom', 'Moin Lena,\n\nanbei Stand 4. Die Treppe ist um 40 cm nach Norden gerückt, damit der Fluchtweg passt.\nBitte schau dir die Achse C an, da bin ich nicht glücklich.\n\nTom', { cc: ['aylin'] }],
      [33.5, 'me', 'Achse C: Wenn wir den Schacht drehen, gewinnen wir 25 cm und die Tür passt. Skizze folgt.'],
      [33, 'aylin', 'Der Schacht lässt sich drehen, aber dann muss die Lüftung neu gerechnet werden. Ich frage bei Frau Jansen nach.'],
      [31, 'statik', 'Guten Tag Frau Vogt,\n\naus statischer Sicht spricht nichts gegen das Drehen des Schachts. Die Decke über dem EG bleibt bei 22 cm.\n\nMit freundlichen Grüßen\nPetra Jansen\nIngenieurbüro Krähenwald', { charset: 'iso-8859-1' }],
      [30.8, 'me', 'Wunderbar, dann machen wir das so. Tom, bitte in Stand 5 übernehmen.'],
      [29, 'tom', 'Ist drin. Stand 5 liegt auf dem Server.', { prefix: 'AW' }],
    ]),
    ...t('Projekte/Neubau Süd', 'Baustelle: Termin mit der Gemeinde', 'gemeinde', [
      [21, 'bauherr', 'Sehr geehrte Frau Vogt,\n\ndie Gemeinde schlägt den kommenden Dienstag, 14 Uhr, für die Begehung vor. Könnten Sie und Herr Sommer das einrichten?\n\nMit besten Grüßen\nFriedrich Osterloh'],
      [20.7, 'me', 'Sehr geehrter Herr Dr. Osterloh,\n\nDienstag, 14 Uhr, passt uns beiden. Wir bringen den Stand 5 und die Materialmuster mit.'],
      [20.2, 'bauherr', 'Ausgezeichnet. Festes Schuhwerk wird empfohlen.'],
      [1.2, 'bauherr', 'Sehr geehrte Frau Vogt,\n\nder Stiftungsrat hat gestern zugestimmt, einstimmig. Wir bauen.\n\nIch gratuliere uns allen herzlich.\nF. Osterloh', { flags: ['new', 'flagged'], quote: false }],
    ]),
    ...t('INBOX', 'Kitchen window, the tall one', 'window', [
      [5, 'sam', 'Hi Lena,\n\nthe glazier says the tall window can be done in oak, but not before the end of next month. Larch would be three weeks quicker and a tenth cheaper.\n\nWhat shall I tell him?\n\nSam', { flags: ['seen', 'answered'] }],
      [4.8, 'me', 'Hi Sam,\n\noak, please. We have waited a year for this house, a month more will not hurt.'],
      [4.7, 'sam', 'Oak it is. He sounded relieved, I think he likes oak.'],
      [0.3, 'sam', 'One more thing: he would like to know which way it opens. Inwards, I said, because of the swing seat. Shout if that is wrong!', { flags: ['new'] }],
    ]),
    ...t('INBOX', 'Exposition à Lyonville', 'expo', [
      [12, 'claire', 'Chère Lena,\n\nle vernissage aura lieu le premier vendredi du mois, à dix-huit heures. J’espère que tu pourras venir : tes maquettes seront dans la deuxième salle, juste à côté de la fenêtre.\n\nJe t’embrasse,\nClaire', { flags: ['seen', 'answered'] }],
      [11, 'me', 'Chère Claire,\n\nj’y serai ! Et j’apporte une troisième maquette, si la place le permet.'],
      [10.8, 'claire', 'Il y a toujours de la place pour tes maquettes. À bientôt !'],
    ]),
    ...t('Verein', 'Arbeitsdienst am Bootshaus', 'boot', [
      [44, 'club', 'Liebe Mitglieder,\n\nam letzten Samstag des Monats streichen wir das Bootshaus. Bitte bringt alte Kleidung und gute Laune mit, für Suppe ist gesorgt.\n\nEuer Vorstand'],
      [43, 'me', 'Ich bin dabei und bringe zwei Leitern mit.'],
      [42.5, 'club', 'Zwei Leitern sind Gold wert. Danke, Lena!'],
    ]),
    ...t('INBOX', 'Boot te koop?', 'boten', [
      [27, 'piet', 'Dag Lena,\n\nde skiff waar je naar vroeg is nog te koop. Hij is uit 2009, één eigenaar, altijd binnen gelegen. Wil je hem zien?\n\nGroeten,\nPiet'],
      [26.5, 'me', 'Dag Piet,\n\ngraag! Volgende maand ben ik in de buurt.'],
    ]),
    ...t('Archive', 'Wohnung Lindenstraße', 'linde', [
      [180, 'maria', 'Hej Lena,\n\nder Vermieter hat zugesagt! Ich ziehe zum Ersten ein. Hilfst du mir mit dem Klavier?\n\nMaria'],
      [179, 'me', 'Klavier? Welches Stockwerk?'],
      [178.6, 'maria', 'Viertes. Ohne Aufzug. Es gibt Pizza.'],
      [178.5, 'me', 'Ich bringe Tom mit. Er schuldet mir etwas.'],
      [170, 'maria', 'Das Klavier steht, die Nachbarn sind begeistert (gelogen), und der Rücken wird wieder. Danke euch beiden!', { part: (body) => multipart('alternative', [text(body), html(`<p>Das Klavier steht, die Nachbarn sind <i>begeistert</i> (gelogen), und der Rücken wird wieder.</p><p><b>Danke euch beiden!</b> 🎹❤️</p>`)]) }],
    ]),
    ...t('Archive', 'Lesekreis: nächstes Buch', 'lese', [
      [150, 'anna', 'Ich schlage „Die Brücke von Tarnowitz“ vor. 600 Seiten, aber große Schrift.'],
      [149, 'jonas', 'Gibt es das auch als Film?'],
      [148.7, 'anna', 'Nein, Jonas.'],
      [148.5, 'me', 'Ich bin dafür. Jonas bekommt von mir die Zusammenfassung.'],
      [148.2, 'jonas', 'Lena ist die Beste.'],
    ]),
    ...t('R&D', 'Lehmputz: Versuchsreihe', 'lehm', [
      [70, 'aylin', 'Die erste Reihe ist trocken. Risse bei Mischung 2 und 5, Mischung 3 ist makellos. Fotos folgen.'],
      [69, 'me', 'Sehr gut. Bitte Mischung 3 noch einmal mit gröberem Sand.'],
      [55, 'aylin', 'Mit gröberem Sand hält es auch, sieht aber aus wie Streuselkuchen.'],
      [54, 'tom', 'Streuselkuchen ist doch eine Aussage.'],
    ]),
    ...t('Projekte/Angebote', 'Angebot Holzfenster', 'fenster', [
      [61, 'statik', 'Guten Tag,\n\nwie besprochen die Lasten für die großen Scheiben: 1,2 kN je Meter, ungünstigster Fall.\n\nP. Jansen', { charset: 'windows-1252' }],
      [60, 'me', 'Vielen Dank, das reicht uns für das Angebot.'],
    ]),
    ...t('Urlaub 🏖️', 'Hütte im Juni', 'huette', [
      [120, 'maria', 'Ich habe die Hütte für die zweite Juniwoche bekommen! Steg, Sauna, kein Netz. Wer kommt mit?', { flags: ['seen', 'flagged', 'answered'] }],
      [119, 'me', 'Kein Netz? Ich bin dabei.'],
      [118, 'jonas', 'Kein Netz? Ich überlege es mir.'],
    ]),
    { folder: 'Haus/Garten/Beete/Hochbeet/Sorten/Tomaten', ago: 90, from: people.mama, subject: 'Saatgut', part: text('Die gelben heißen „Wiesenauer Birne“, die roten „Großmutters Lust“. Ab Mai raus, nicht früher!\n') },
    { folder: 'Say "hi"', ago: 200, from: people.sam, subject: 'Hi', part: text('Hi!\n\nYou asked for a folder name that breaks things. Here is a mail to go in it.\n\nSam') },
    { folder: 'Back\\slash', ago: 201, from: people.sam, subject: 'C:\\Temp\\Plans', part: text('And one with a backslash.\n') },
    { folder: 'Drafts', ago: 0.05, flags: ['draft', 'seen'], from: me, to: people.mama, subject: 'Rede für Papa', part: text('Lieber Papa, liebe Gäste,\n\nsiebzig Jahre, und noch immer kein Rasenmäher, der') },
    { folder: 'Drafts', ago: 3, flags: ['draft', 'seen'], from: me, to: null, subject: '', part: text('Einkaufen: Eichenöl, Schleifpapier 240, Milch') },
    { ago: 0.02, flags: ['new'], from: people.tom, cc: [people.aylin], subject: 'Modellfoto für die Presse', part: multipart('related', [multipart('alternative', [text('Moin,\n\nhier das Foto für die Presse. Nehmen wir das?\n\nTom'), html('<p>Moin,</p><p>hier das Foto für die Presse. Nehmen wir das?</p><p><img src="cid:modell@vogt-sommer.example" alt="Modell im Abendlicht" width="480"></p><p>Tom</p>')]), attachment('image/png', landscape(480, 300, 1), 'modell.png', { disposition: 'inline', id: 'modell@vogt-sommer.example' })]) },
    { ago: 0.6, flags: ['seen', 'flagged'], from: people.aylin, to: [me, people.tom], subject: 'Mittagessen? 🍜', part: text('Der neue Nudelladen hat auf. 12:30? 🍜🥢😋') },
  ];
}
