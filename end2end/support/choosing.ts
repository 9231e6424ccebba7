// What tests of acting on the list share: its boxes, the bar of what is chosen, and searching.
import type { Page } from '@playwright/test';
import { list } from './fixtures.ts';
import { mail } from './mail.ts';

export const box = (page: Page, text: string) => list(page).getByRole('listitem').filter({ hasText: text }).getByRole('checkbox');
export const bulk = (page: Page) => page.getByRole('form', { name: 'Chosen messages' });
export const searchBox = (page: Page) => page.getByRole('searchbox', { name: 'Search mail' });
export const letters = (...subjects: string[]) => subjects.map((subject) => mail({ subject }));

export async function search(page: Page, query: string): Promise<void> {
  await searchBox(page).fill(query);
  await searchBox(page).press('Enter');
}
