// Measures pages against the bare IMAP commands under them: one warm connection each, medians.
import http from "node:http";
import tls from "node:tls";

const base = new URL(process.argv[2]);
const imap = new URL(process.env.POSTHORN_IMAP_URL.replace("imaps:", "https:"));
const ROUNDS = 60;
const ITEMS =
  "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM TO SUBJECT CONTENT-TYPE " +
  "CONTENT-TRANSFER-ENCODING)] PREVIEW)";
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function timed(work) {
  const times = [];
  for (let round = 0; round < ROUNDS + 10; round++) {
    const start = process.hrtime.bigint();
    await work(round);
    if (round >= 10) times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return median(times);
}

/** A connection that sends a command and waits for its tagged answer. */
async function connect(user, password) {
  const socket = tls.connect({ host: imap.hostname, port: imap.port, servername: imap.hostname });
  let buffer = "";
  let wake = () => {};
  socket.setEncoding("latin1");
  socket.on("data", (data) => {
    buffer += data;
    wake();
  });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  let number = 0;
  const run = async (command) => {
    const tag = `a${++number}`;
    buffer = "";
    socket.write(`${tag} ${command}\r\n`);
    const end = new RegExp(`(^|\r\n)${tag} (OK|NO|BAD)[^\r]*\r\n$`);
    while (!end.test(buffer.slice(-4000))) await new Promise((resolve) => (wake = resolve));
    if (!end.exec(buffer.slice(-4000))[2].startsWith("OK")) throw new Error(buffer.slice(-300));
    return buffer;
  };
  await run(`LOGIN ${user} ${password}`);
  return { run, end: () => socket.destroy() };
}

function request(method, path, { cookie, body } = {}) {
  return new Promise((resolve, reject) => {
    const headers = { accept: "text/html", "sec-fetch-site": "same-origin", host: base.host };
    if (cookie) headers.cookie = cookie;
    if (body) headers["content-type"] = "application/x-www-form-urlencoded";
    const call = http.request({ host: base.hostname, port: base.port, method, path, headers, agent }, (answer) => {
      let octets = 0;
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (data) => {
        octets += data.length;
        text += data;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, octets, text }));
    });
    call.on("error", reject);
    call.end(body);
  });
}

async function signIn(address, password) {
  const body = new URLSearchParams({ address, password, next: "" }).toString();
  const answer = await request("POST", "/api/sign_in", { body });
  return answer.headers["set-cookie"].find((value) => value.startsWith("posthorn=")).split(";")[0];
}

async function mailbox(name, user, password) {
  const floor = await connect(user, password);
  const exists = Number(/\* (\d+) EXISTS/.exec(await floor.run("SELECT INBOX"))[1]);
  const range = `${Math.max(1, exists - 49)}:${exists}`;
  const list = await timed(() => floor.run(`FETCH ${range} ${ITEMS}`));
  const folders = await timed(() =>
    floor.run('LIST "" "*" RETURN (SPECIAL-USE SUBSCRIBED STATUS (MESSAGES UNSEEN))'),
  );
  const cookie = await signIn(user, password);
  const page = await timed(() => request("GET", "/mail/INBOX", { cookie }));
  const rows = [[`${name}: newest 50 of ${exists}`, list + folders, page]];
  if (exists > 50000) {
    const last = exists - 999 * 50;
    const deep = await timed(() => floor.run(`FETCH ${last - 49}:${last} ${ITEMS}`));
    const deepPage = await timed(() => request("GET", "/mail/INBOX?page=1000", { cookie }));
    rows.push([`${name}: page 1,000`, deep + folders, deepPage]);
  }
  const { text } = await request("GET", "/mail/INBOX", { cookie });
  const link = /href="(\/mail\/INBOX\/(\d+)\?v=\d+)"/.exec(text);
  const open = await timed(() =>
    floor.run(`UID FETCH ${link[2]} (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER] BODYSTRUCTURE)`),
  );
  const address = link[1].replace(/&amp;/g, "&");
  const opened = await timed(() => request("GET", address, { cookie }));
  rows.push([`${name}: open a message (with list and folders)`, open + list + folders, opened]);
  const body = await timed(() => request("GET", address.replace("?", "/body?"), { cookie }));
  const part = await timed(() => floor.run(`UID FETCH ${link[2]} (BODY.PEEK[1.MIME] BODY.PEEK[1])`));
  rows.push([`${name}: its body`, part, body]);
  floor.end();
  return rows;
}

const rows = [
  ...(await mailbox("small", "demo@posthorn.example", "posthorn-demo")),
  ...(await mailbox("large", "bulk@posthorn.example", "bulk-secret")),
];
console.log(`medians of ${ROUNDS}, in milliseconds`);
console.log(["what", "bare IMAP", "Posthorn", "ratio"].join("\t"));
for (const [what, floor, page] of rows) {
  console.log([what, floor.toFixed(2), page.toFixed(2), (page / floor).toFixed(2)].join("\t"));
}
process.exit(0);
