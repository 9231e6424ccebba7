// What may stand in the document of a body, and what has to be as it is in the page around it.
import type { Frame, Page } from '@playwright/test';

const ELEMENTS = 'a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q rp rt ruby s samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr summary details';
const ATTRIBUTES = 'align alt bgcolor border cellpadding cellspacing class clear color colspan dir face height href hspace lang noshade nowrap open rel reversed rowspan size span src start style target title type valign value vspace width';

/** Looks at every element of a body: what it is, what it has, and how it is drawn. */
export async function lookInside(frame: Frame): Promise<string[]> {
  return frame.evaluate(
    ([elements = '', attributes = '']) => {
      const findings: string[] = [];
      const known = new Set(elements.split(' '));
      const allowed = new Set(attributes.split(' '));
      if ('__pwned' in window && (window as unknown as { __pwned: unknown }).__pwned === 1) findings.push('a script has run in the body');
      // The head is Posthorn's own.
      const head = [...document.head.children].map((element) => element.localName).join(' ');
      if (head !== 'meta meta meta base title style') findings.push(`in the head: ${head}`);
      if (document.documentElement.children.length !== 2) findings.push('more than a head and a body');
      for (const element of document.body.querySelectorAll('*')) {
        const name = element.localName;
        if (!known.has(name) || element.namespaceURI !== 'http://www.w3.org/1999/xhtml') findings.push(`element ${element.namespaceURI} ${name}`);
        if (element.shadowRoot) findings.push('a shadow tree');
        for (const { name: key, value } of element.attributes) {
          // Where images from the net are shown, a background is one.
          const placed = name === 'img' && element.parentElement?.className === 'picture';
          const shown = (key === 'background' && value.startsWith('/remote/')) || (placed && key === 'loading');
          if (!allowed.has(key) && !shown) findings.push(`attribute ${key} of ${name}`);
          if (key === 'class' && !/^(html html-\d{1,2}|text|plain|picture|sig|posthorn-note( alarm)?|posthorn-mark|wary|quote)$/.test(value)) findings.push(`class ${value}`);
          if (key === 'href' && !/^(https?:\/\/[^/\\]|\/compose\?to=mailto%3A)/i.test(value)) findings.push(`href ${value.slice(0, 100)}`);
          if (key === 'src' && !(placed && /^\/placed\/[\w-]+$/.test(value)) && !/^(data:image\/(png|jpe?g|gif|webp);base64,[\w+/=]*$|\/remote\/)/.test(value)) findings.push(`src ${value.slice(0, 100)}`);
          if (key === 'target' && value !== '_blank') findings.push(`target ${value}`);
        }
        const anchor = name === 'a' ? (element as HTMLAnchorElement) : undefined;
        if (anchor && /^https?:/.test(anchor.href) && !/noopener/.test(anchor.rel)) findings.push('a link with an opener');
        const style = getComputedStyle(element);
        // What Posthorn says of a link lies above what stands around it, and what is said above a text is not painted over.
        const mark = element.className === 'posthorn-mark';
        const note = String(element.className).startsWith('posthorn-note') && element.parentElement === document.body;
        const whole = /^html html-\d{1,2}$/.test(element.className);
        const drawn: [string, string, RegExp][] = [
          ['position', style.position, mark ? /^relative$/ : /^static$/],
          // Whether an image from the net may be asked for is said by the requests.
          ['background-image', style.backgroundImage, /^(none|url\("[^"]*\/remote\/[^"]*"\))(, (none|url\("[^"]*\/remote\/[^"]*"\)))*$/],
          ['list-style-image', style.listStyleImage, /^none$/],
          ['border-image', style.borderImageSource, /^none$/],
          ['mask', style.maskImage, /^none$/],
          ['clip-path', style.clipPath, whole ? /^inset\(0px -\d+px -\d+px\)$/ : /^none$/],
          ['filter', style.filter, /^none$/],
          ['backdrop-filter', style.backdropFilter || 'none', /^none$/],
          ['transform', style.transform, /^none$/],
          ['translate', style.translate, /^none$/],
          ['scale', style.scale, /^none$/],
          ['animation', style.animationName, /^none$/],
          ['content', style.content, /^(normal|none)$/],
          ['cursor', style.cursor, /^(auto|pointer|default|text)$/],
          ['z-index', style.zIndex, mark ? /^1$/ : /^auto$/],
          ['zoom', style.zoom || '1', /^1$/],
          ['shape', style.shapeOutside, /^none$/],
          ['pointer-events', style.pointerEvents, /^auto$/],
          ['box-shadow', style.boxShadow, /^none$/],
          ['mix-blend-mode', style.mixBlendMode, /^normal$/],
          // The right one is negative, too, where a box is wider than its place.
          // Nobody but Posthorn reaches the edges of the frame.
          ['margin', [style.marginTop, style.marginLeft, style.marginBottom].join(' '), note ? /^-\d+px -\d+px \d+px$/ : /^[^-]*$/],
        ];
        for (const [property, value, wanted] of drawn) {
          if (!wanted.test(value)) findings.push(`${property} ${value.slice(0, 60)} of ${name}`);
        }
        if (findings.length > 20) return findings;
      }
      // What is said of links that deceive, is to be seen where they are.
      const marks = [...document.querySelectorAll('.posthorn-mark')];
      if (marks.length > 0 && document.body.firstElementChild?.className !== 'posthorn-note alarm') findings.push('marks without a note above');
      for (const link of document.querySelectorAll('a.wary')) {
        const mark = link.nextElementSibling;
        if (mark?.className !== 'posthorn-mark') findings.push('a link without its mark');
        else if (link.checkVisibility() && !mark.checkVisibility({ opacityProperty: true, visibilityProperty: true })) findings.push('a mark that is not seen');
        if (findings.length > 20) return findings;
      }
      return findings;
    },
    [ELEMENTS, ATTRIBUTES],
  );
}

/** Looks at the page around: nothing of the mail's is markup there, nothing lies over it, nothing has moved. */
export async function lookOutside(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const findings: string[] = [];
    if ('__pwned' in window && (window as unknown as { __pwned: unknown }).__pwned === 1) findings.push('a script has run in the page');
    for (const element of document.querySelectorAll('*')) {
      const name = element.localName;
      if (['object', 'embed', 'applet', 'frame', 'portal', 'math', 'marquee'].includes(name)) findings.push(`element ${name} in the page`);
      if (name === 'base' && document.baseURI !== location.href) findings.push('a base in the page');
      if (name === 'script' && !(element as HTMLScriptElement).nonce && !element.hasAttribute('nonce')) findings.push('a script without a nonce in the page');
      if (name === 'img' && !/^(\/|data:image\/)/.test(element.getAttribute('src') ?? '')) findings.push(`image ${element.getAttribute('src')} in the page`);
      for (const { name: key, value } of element.attributes) {
        if (key.startsWith('on')) findings.push(`${key} of ${name} in the page`);
        if (['href', 'src', 'action', 'formaction', 'data'].includes(key) && /^\s*(javascript|data|vbscript|blob):/i.test(value) && name !== 'img') findings.push(`${key} ${value.slice(0, 60)} in the page`);
      }
    }
    const frames = [...document.querySelectorAll('iframe')];
    for (const frame of frames) {
      // One that no message is shown in yet has none; it is sent on by the page.
      if (!/^(\/mail\/.*\/body.*)?$/.test(frame.getAttribute('src') ?? '')) findings.push(`a frame for ${frame.src}`);
      if (/allow-scripts|allow-same-origin|allow-forms|allow-top-navigation|allow-modals/.test(frame.getAttribute('sandbox') ?? 'allow-scripts')) findings.push('an open sandbox');
    }
    // A page of the window's size, with everything where a hand looks for it.
    if (document.documentElement.scrollWidth > window.innerWidth) findings.push(`the page is ${document.documentElement.scrollWidth} wide`);
    const frame = frames[0]?.getBoundingClientRect();
    for (const control of document.querySelectorAll('main button, main a, nav a, header a, header button')) {
      const box = control.getBoundingClientRect();
      const x = box.left + box.width / 2;
      const y = box.top + box.height / 2;
      if (!control.checkVisibility() || box.width === 0 || x < 0 || y < 0 || x > innerWidth || y > innerHeight) continue;
      const top = document.elementFromPoint(x, y);
      if (top?.localName === 'iframe') findings.push(`the body lies over ${control.textContent?.trim().slice(0, 40)}`);
    }
    if (frame && (frame.left < 0 || frame.right > innerWidth + 1)) findings.push(`the frame reaches from ${frame.left} to ${frame.right}`);
    return findings.slice(0, 20);
  });
}
