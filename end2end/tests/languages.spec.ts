// German and English are equal first languages: by what the browser asks for, and by choice, which goes before.
import { alerted, expect, test } from '../support/fixtures.ts';
import { demo, leer } from '../support/people.ts';

test.describe('a browser that asks for German', () => {
  test.use({ locale: 'de-AT' });

  test('gets German from the first word on', async ({ page, open }) => {
    await open(page, '/login');
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await expect(page).toHaveTitle('Anmelden – Posthorn');
    await expect(page.getByRole('button', { name: 'Deutsch' })).toHaveAttribute('aria-pressed', 'true');
    await page.getByRole('textbox', { name: 'E-Mail-Adresse' }).fill('niemand');
    await page.getByRole('textbox', { name: 'Passwort' }).fill('x');
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await expect(alerted(page, /E-Mail-Adresse/)).toBeVisible();
  });

  test('shows the mailbox, a message and the composer in German', async ({ page, open, signIn }) => {
    await signIn(page, demo);
    await open(page, '/mail/INBOX');
    await expect(page.getByRole('heading', { level: 1, name: 'Posteingang' })).toBeVisible();
    await expect(page.getByRole('list', { name: 'Nachrichten' })).toBeVisible();
    await expect(page.getByText('14 Nachrichten')).toBeVisible();
    const folders = page.getByRole('navigation', { name: 'Ordner' });
    for (const name of ['Posteingang', 'Entwürfe', 'Gesendet', 'Archiv', 'Spam', 'Papierkorb']) {
      await expect(folders.getByRole('link', { name: new RegExp(`^${name}`) })).toBeVisible();
    }
    await open(page, '/mail/INBOX/3');
    await expect(page.getByRole('link', { name: 'Antworten', exact: true })).toBeVisible();
    const frame = page.frameLocator('iframe.message-body');
    await expect(frame.locator('html')).toHaveAttribute('lang', 'de');
    await expect(page.locator('.remote-bar')).toContainText(/nicht geladen|nur auf Wunsch geladen/);
    await expect(frame.locator('body')).toContainText('Was blockiert wurde und warum');
    await open(page, '/compose');
    await expect(page.getByRole('textbox', { name: 'Betreff' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Senden' })).toBeVisible();
    // No word is left over in English.
    await expect(page.locator('body')).not.toContainText(/\b(Send|Subject|Folders|Messages|Save draft)\b/);
  });

  test('may choose English, which stays', async ({ page, open, settled, signIn }) => {
    await open(page, '/login?next=%2Fcompose%3Fsubject%3Da%2526b');
    await page.getByRole('button', { name: 'English' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
    await expect(page, 'choosing a language leads nowhere else').toHaveURL('/login?next=%2Fcompose%3Fsubject%3Da%2526b');
    await settled(page);
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(page.getByRole('button', { name: 'English' })).toHaveAttribute('aria-pressed', 'true');
    await signIn(page, leer);
    await open(page, '/mail/INBOX');
    await expect(page.getByText('All done')).toBeVisible();
  });
});

test('who asks for English may choose German in the settings, and go back', async ({ page, open, settled, signIn }) => {
  await signIn(page, leer);
  await open(page, '/settings/appearance');
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible();
  await expect(page).toHaveURL('/settings/appearance');
  await settled(page);
  await page.getByRole('link', { name: 'Posteingang' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Posteingang' })).toBeVisible();
  await open(page, '/settings/appearance');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
});

test.describe('a browser that asks for neither', () => {
  test.use({ locale: 'fr-FR' });

  test('gets English', async ({ page, open }) => {
    await open(page, '/login');
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  });
});
