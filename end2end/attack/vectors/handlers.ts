// Event handlers of every kind, on elements that are allowed and on those that are not.
import { HOST, RUN, type Vector, inHtml } from '../vector.ts';

const HANDLERS = `abort afterprint animationcancel animationend animationiteration animationstart auxclick beforecopy beforecut
beforeinput beforematch beforepaste beforeprint beforetoggle beforeunload begin blur bounce cancel canplay canplaythrough change
click close command contentvisibilityautostatechange contextlost contextmenu contextrestored copy cuechange cut dblclick drag dragend
dragenter dragexit dragleave dragover dragstart drop durationchange emptied end ended error finish focus focusin focusout formdata
fullscreenchange gesturestart gotpointercapture hashchange input invalid keydown keypress keyup languagechange load loadeddata
loadedmetadata loadstart lostpointercapture message messageerror mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup
mousewheel offline online pagehide pagereveal pageshow pageswap paste pause play playing pointercancel pointerdown pointerenter
pointerleave pointermove pointerout pointerover pointerrawupdate pointerup popstate progress propertychange ratechange readystatechange
rejectionhandled repeat reset resize scroll scrollend scrollsnapchange search securitypolicyviolation seeked seeking select
selectionchange selectstart show slotchange stalled start storage submit suspend timeupdate toggle touchcancel touchend touchmove
touchstart transitioncancel transitionend transitionrun transitionstart unhandledrejection unload volumechange waiting
webkitanimationend webkitanimationstart webkitfullscreenchange webkitmouseforcechanged webkittransitionend wheel zoom`
  .split(/\s+/);

/** Each mail has one handler on many elements. */
const everywhere = (name: string): string =>
  [
    `<p on${name}=${RUN} style="height:40px">p</p>`,
    `<a href="${HOST}/click" on${name}='${RUN}'>a</a>`,
    `<img src=x: width=40 height=40 on${name}=${RUN}>`,
    `<div tabindex=0 contenteditable on${name} = "${RUN}">div</div>`,
    `<table on${name}=${RUN}><tr on${name}=${RUN}><td on${name}=${RUN}>cell</td></tr></table>`,
    `<details open on${name}=${RUN}><summary on${name}=${RUN}>s</summary>d</details>`,
    `<svg on${name}=${RUN}><g on${name}=${RUN}></g><animate on${name}=${RUN} attributeName=x dur=1s></svg>`,
    `<body on${name}=${RUN}>`,
    `<input autofocus on${name}=${RUN}><video on${name}=${RUN} autoplay><source on${name}=${RUN} src=x></video>`,
    `<iframe on${name}=${RUN} src=about:blank></iframe><object data=x on${name}=${RUN}></object><marquee on${name}=${RUN}>m</marquee>`,
  ].join('\n');

/** Ways to write one that a filter may read otherwise than a browser. */
const WRITINGS = [
  `<img/src=x/onerror=${RUN}>`,
  `<img src=x\tonerror\t=\t${RUN}>`,
  `<img src=x\fonerror=${RUN}>`,
  `<img src=x\nOnErRoR\n=\n${RUN}>`,
  `<img src="x"onerror="${RUN}">`,
  `<img src=x a='>'onerror=${RUN}>`,
  `<img src=x a=">"onerror=${RUN}>`,
  '<img src=x a=`>`onerror=' + RUN + '>',
  `<img """><img src=x onerror="${RUN}">">`,
  `<img src=x onerror=${RUN} `,
  `<img src=x onerror=${RUN}//`,
  `<img src=x =onerror=${RUN}>`,
  `<img src=x /=/onerror=${RUN}>`,
  `<img src=x on\u0000error=${RUN}>`,
  `<img src=x \u0000onerror=${RUN}>`,
  `<im\u0000g src=x onerror=${RUN}>`,
  `<\u0000img src=x onerror=${RUN}>`,
  `<img src=x onerror&#61;${RUN}>`,
  `<img src=x &#111;nerror=${RUN}>`,
  `<img src=x onerror="&#119;indow.__pwned=1,&#97;lert(1)">`,
  `<IMG SRC=x ONERROR="${RUN}">`,
  `<ſcript>${RUN}</ſcript><img ſrc=x onerror=${RUN}>`,
  `<img src=x ｏnerror=${RUN}>`,
  `<img src=x onerror\u00a0=${RUN}>`,
  `<img src=x\u2028onerror=${RUN}>`,
  `<x onclick=${RUN} tabindex=1 autofocus onfocus=${RUN}>unknown element</x>`,
  `<x-y onmouseover=${RUN}>custom element</x-y>`,
  `<p title="a" title="b" onmouseover="x" onmouseover=${RUN}>twice</p>`,
  `<p xmlns:ev="http://www.w3.org/2001/xml-events" ev:event=click>${RUN}</p>`,
  `<div data-onclick=${RUN} @click=${RUN} v-on:click=${RUN} x-on:click=${RUN} hx-on:click=${RUN}>frameworks</div>`,
];

export const handlers: Vector[] = [...inHtml('handler', HANDLERS.map(everywhere)), ...inHtml('writing', WRITINGS)];
