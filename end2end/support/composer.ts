// The composer as a person uses it: its boxes by name, its buttons, and what it says.
import type { Locator, Page } from '@playwright/test';
import { expect } from './fixtures.ts';
import type { Imap, Stored } from './imap.ts';
import { header } from './mail.ts';

export const box = (page: Page, name: 'To' | 'Cc' | 'Bcc' | 'Subject' | 'Message'): Locator =>
  page.getByRole('textbox', { name, exact: true });

export const button = (page: Page, name: string): Locator =>
  page.locator('form').getByRole('button', { name, exact: true });

export const attached = (page: Page): Locator => page.getByRole('list', { name: 'Attachments' }).getByRole('listitem');

export interface Typed {
  to?: string;
  cc?: string;
  bcc?: string;
  subject?: string;
  text?: string;
}

/** Fills in the boxes; those for copies are opened first. */
export async function write(page: Page, typed: Typed): Promise<void> {
  if (typed.to !== undefined) await box(page, 'To').fill(typed.to);
  if (typed.cc !== undefined || typed.bcc !== undefined) await openCopies(page);
  if (typed.cc !== undefined) await box(page, 'Cc').fill(typed.cc);
  if (typed.bcc !== undefined) await box(page, 'Bcc').fill(typed.bcc);
  if (typed.subject !== undefined) await box(page, 'Subject').fill(typed.subject);
  if (typed.text !== undefined) await box(page, 'Message').fill(typed.text);
}

export async function openCopies(page: Page): Promise<void> {
  // They may be open from the start, which shows only once the form is there.
  await expect(box(page, 'To')).toBeVisible();
  if (!(await box(page, 'Cc').isVisible())) await page.locator('summary', { hasText: 'Cc and Bcc' }).click();
}

/** Expects what was typed to be there still. */
export async function expectTyped(page: Page, typed: Typed): Promise<void> {
  if (typed.cc !== undefined || typed.bcc !== undefined) await openCopies(page);
  for (const [name, value] of [
    ['To', typed.to],
    ['Cc', typed.cc],
    ['Bcc', typed.bcc],
    ['Subject', typed.subject],
    ['Message', typed.text],
  ] as const) {
    if (value !== undefined) await expect(box(page, name)).toHaveValue(value);
  }
}

/** The same for a draft that has been at the mail server, where a text ends with a line break. */
export async function expectStored(page: Page, typed: Typed): Promise<void> {
  const { text, ...rest } = typed;
  await expectTyped(page, rest);
  if (text === undefined) return;
  await expect.poll(async () => await box(page, 'Message').inputValue()).toMatch(/^[^]/);
  expect((await box(page, 'Message').inputValue()).replace(/\n$/, '')).toBe(text.replace(/\n$/, ''));
}

export async function attach(page: Page, ...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
  await page.getByLabel('Attach files').setInputFiles(files);
}

/** Waits for a message with this subject in a folder. */
export async function arrived(imap: Imap, folder: string, subject: string): Promise<Stored> {
  let found: Stored | undefined;
  await expect
    .poll(
      async () => {
        found = (await imap.messages(folder)).find((message) => header(message.raw, 'Subject') === subject);
        return found !== undefined;
      },
      { message: `“${subject}” is in ${folder}`, timeout: 10_000 },
    )
    .toBe(true);
  return found as Stored;
}
