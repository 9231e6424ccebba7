// The failures, each with its place and the beginning of its error, after everything else: where a log is cut to its end, they are still told.
import type { FullConfig, Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** Lines of an error that are told. */
const LINES = 8;

export default class Failures implements Reporter {
  private readonly told = new Map<string, string>();
  private folder = '';

  onBegin(config: FullConfig): void {
    this.folder = config.rootDir;
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === 'passed' || result.status === 'skipped') return;
    const [error] = result.errors;
    const place = error?.location ?? test.location;
    const message = plain(error?.message ?? result.status)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(0, LINES)
      .map((line) => `    ${line}`)
      .join('\n');
    this.told.set(test.id, `  ${test.titlePath().slice(1).join(' › ')}\n    ${place.file.replace(`${this.folder}/`, '')}:${place.line}\n${message}`);
  }

  onEnd(): void {
    for (const line of this.told.values()) console.log(line);
  }
}

/** Without the colours of a terminal. */
function plain(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
