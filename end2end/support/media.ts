// Small files of the kinds that mails bring along, made here: sound, film and a document.

/** A second of a tone, as WAV: 8,000 samples of 8 bits. */
export function wav(): Buffer {
  const samples = Buffer.from(Array.from({ length: 8_000 }, (_, i) => 128 + Math.round(60 * Math.sin((i * 2 * Math.PI * 440) / 8_000))));
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(8_000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** A second of two colours, 32 by 24 pixels, VP8 in WebM, as Chromium's MediaRecorder wrote it. */
export const webm = (): Buffer =>
  Buffer.from(
    [
      'GkXfo59ChoEBQveBAULygQRC84EIQoKEd2VibUKHgQRChYECGFOAZwEAAAAAAAPMEU2bdLlNu4tTq4QVSalmU6yBbk27i1OrhBZUrmtTrIGTTb',
      'uLU6uEH0O2dVOsgdRNu4xTq4QcU7trU6yCA7rsrgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAVSalmoCrX',
      'sYMPQkBEiYRESA7JTYCGQ2hyb21lV0GGQ2hyb21lFlSua7yuuteBAXPFh3DdStBm8F6DgQFV7oEBhoVWX1ZQOOCdsIEguoEYU8CBAVWwkFWxgQ',
      'FVuYECVbqBDVW7gQEfQ7Z1AQAAAAAAAtrngQCg4qG3gQAAADACAJ0BKiAAGAACRwiFhYiZhIgMggAKkyoH0P75Ns///c4H/+zgf/7OB/HX/e5a',
      'KNZIAHWhpqak7oEBpZ8wAgCdASogABgABwcIhYWImYSIJgIAB5DzycD+8F0AoMyhrIEAZAAxAgAJEIAAGAnWqAgf+XNMwEXxAP7w+ivXwBT1R/',
      '9cB/84D/5wH8rAdaGYppbugQGlkbEBABwRPAAYABhYL/QACHAA+4EAoMuhq4EAyADRAQAJEFQAGAAeV/QMAEEOAP76IZf/ewX/uwX/uwX+zG8o',
      'cixx6AB1oZimlu6BAaWRsQEAHBEsABgAGFgv9AAIcAD7gWSgy6GrgQEsANEBAAkQRAAYAB5X9AwAQQ4A/vd+L/FtI6FMh/+BO/+BO/+BO/8AAH',
      'WhmKaW7oEBpZGxAQAcERwAGAAYWC/0AAhwAPuByKDNoayBAZAA0QEACRA4ABgAHlf0DABBDgD+/CnR/8gP/8gP/8gP/5AfwPD8PD8N0HWhmKaW',
      '7oEBpZGxAQAcEOwAGAAYWC/0AAhwAPuCASygzqGtgQH5ABECAAkQMAAYB0gIIJnzDQBGwQD++jPL/wq3DEM1X/6FD+hQ/oUP/oJAdaGYppbugQ',
      'GlkbEBABwQ3AAYABhYL/QACHAA+4IBkKDNoayBAlgA0QEACRAkABgAHlf0DABBDgD+/iJy/+1LP2pZ+1LP+1LPmzNsw23CgHWhmKaW7oEBpZGx',
      'AQAcEMAAGAAYWC/0AAhwAPuCAfmgy6GqgQK8ANEBAAkQdBRgAHlf0DABBDgA/vJmr13jbMNt23/7Sz9Sz9Sz/FQAdaGYppbugQGlkbEBABwQiB',
      'RgAGFgv9AAIcAA+4ICWKDOoa2BAyAA0QEACRAcABgAHlf0DABBDgD+/que//gL/8Bf/gL//wF/9Bs61E62d0B1oZimlu6BAaWRsQEAHBC0ABgA',
      'GFgv9AAIcAD7ggK8HFO7a427i7OBALeG94EB8YHU',
    ].join(''),
    'base64',
  );

/** A page with a few words. */
export function pdf(): Buffer {
  const text = 'BT /F1 24 Tf 72 720 Td (Invoice 4711) Tj ET';
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let file = '%PDF-1.4\n';
  const places = objects.map((object, i) => {
    const place = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const rest = `xref\n0 6\n0000000000 65535 f \n${table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file + rest);
}
