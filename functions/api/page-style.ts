import { createHash } from 'node:crypto';

/** Style of the pages the API serves itself: no script, no outside request, light and dark by choice or by system. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--bg:light-dark(#fff,#14171c);--side:light-dark(#f5f6f8,#1b1f26);--text:light-dark(#1c2230,#e4e8ef);
--dim:light-dark(#5a6475,#9aa5b8);--line:light-dark(#dde1e8,#2e3542);--link:light-dark(#0b5cad,#7db8ff);--code:light-dark(#eef0f4,#232935)}
:root:has(#light:checked){color-scheme:light}:root:has(#dark:checked){color-scheme:dark}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text);font:15px/1.55 system-ui,sans-serif}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}a:focus-visible,summary:focus-visible{outline:2px solid var(--link)}
.frame{display:grid;grid-template-columns:18rem minmax(0,1fr)}nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;
background:var(--side);border-inline-end:1px solid var(--line)}nav ul{list-style:none;margin:.2rem 0 1rem;padding:0}nav li{padding:.1rem 0}
main{padding:1.5rem 2rem 6rem;max-width:64rem}h1{font-size:1.7rem}h2{margin-top:3rem;border-bottom:1px solid var(--line)}
h3{margin:0}section{margin:2rem 0;padding-top:.5rem;scroll-margin-top:1rem}.dim{color:var(--dim)}
code,pre{font:13px/1.5 ui-monospace,monospace;background:var(--code);border-radius:4px}code{padding:.1em .3em}
pre{padding:.8rem;overflow:auto;max-height:28rem}table{border-collapse:collapse;width:100%;margin:.4rem 0}
th,td{text-align:start;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
details{margin:.4rem 0}summary{cursor:pointer}.fields{margin:.2rem 0 .2rem 1rem;padding:0;list-style:none}
.fields li{padding:.25rem 0;border-bottom:1px dotted var(--line)}.method{font-weight:700;text-transform:uppercase;font-size:.75rem;
padding:.15em .5em;border-radius:4px;background:var(--code)}.get{color:light-dark(#0a6b3d,#6fd8a4)}.post{color:light-dark(#0b5cad,#7db8ff)}
.put,.patch{color:light-dark(#8a5a00,#f0bf5b)}.delete{color:light-dark(#b3261e,#ff9a90)}.req{color:light-dark(#b3261e,#ff9a90)}
.theme{display:flex;gap:.8rem;font-size:.85rem;margin-bottom:1rem}
@media(max-width:52rem){.frame{display:block}nav{position:static;height:auto}main{padding:1rem}}
`;

const styleHash = createHash('sha256').update(PAGE_STYLE).digest('base64');

/** Content security policy of those pages: their own style and nothing else. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
