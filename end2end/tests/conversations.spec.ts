// Conversations: a row for several messages, where the person wants it; what was sent belongs to them; a subject alone
// joins nothing.
import { expect, row, rows, subject, test, told } from '../support/fixtures.ts';
import { mail } from '../support/mail.ts';

/** A mail with a Message-ID, in answer to others. */
function said(subjectText: string, id: string, answers: string[], age: number): Buffer {
  const references = answers.map((one) => `<${one}@test.example>`).join(' ');
  return mail({ subject: subjectText, id: `${id}@test.example`, references, age });
}

test('messages that belong together are one row, by choice', async ({ page, open, signIn, mailbox, people, settled }) => {
  await mailbox.append('INBOX', said('Picnic', 'one', [], 50), ['\\Seen']);
  await mailbox.append('Sent', said('Re: Picnic', 'two', ['one'], 40), ['\\Seen']);
  await mailbox.append('INBOX', said('Re: Picnic', 'three', ['one', 'two'], 30), ['\\Seen']);
  await mailbox.append('INBOX', said('Picnic', 'unrelated', [], 20), ['\\Seen']);
  await signIn(page, people.me);
  await open(page, '/mail/INBOX');
  await expect(rows(page)).toHaveCount(3);
  await page.locator('.list-tools summary').click();
  await page.getByRole('button', { name: 'Group messages by conversation' }).click();
  await settled(page);
  await expect(rows(page)).toHaveCount(2);
  await expect(row(page, 'Re: Picnic')).toHaveAccessibleName(/2 messages/);
  await row(page, 'Re: Picnic').click();
  await expect(subject(page)).toHaveText('Re: Picnic');
  const earlier = page.getByRole('navigation', { name: /2 earlier/ });
  await expect(earlier).toBeVisible();
  await expect(earlier.getByRole('link')).toHaveCount(2);
  await open(page, '/mail/INBOX');
  // What is done to a row is done to all it stands for.
  await page.getByRole('listitem').filter({ hasText: 'Re: Picnic' }).getByRole('checkbox').check({ force: true });
  await page.getByRole('form', { name: 'Chosen messages' }).getByRole('button', { name: 'Archive' }).click();
  await expect(told(page, '2 messages archived.')).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await expect.poll(async () => (await mailbox.messages('Archive')).length).toBe(2);
  await page.locator('.list-tools summary').click();
  await page.getByRole('button', { name: 'Show each message by itself' }).click();
  await settled(page);
  await expect(rows(page)).toHaveCount(1);
});
