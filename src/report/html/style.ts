/** The page's style sheet. The colours of the pictures are variables, so light and dark need one drawing only. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fbfbf9; --card: #ffffff; --line: #e2e2dc;
  --text: #1b1f24; --muted: #69707a; --grid: #ecece7;
  --blue: #0072b2; --orange: #c77f00; --green: #00875f; --red: #c04a00; --purple: #a8508a; --sky: #56b4e9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --card: #1b1f23; --line: #31373d;
    --text: #e8eaed; --muted: #9aa3ad; --grid: #292e34;
    --blue: #56a8e0; --orange: #f0b23e; --green: #35c795; --red: #ff8a4c; --purple: #de9cc4; --sky: #56b4e9;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 2.5rem 1.25rem 4rem; background: var(--page); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
}
main, header, footer { max-width: 1080px; margin: 0 auto; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.015em; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .7rem; letter-spacing: -.01em; }
p { max-width: 75ch; }
.subtitle { color: var(--muted); margin: 0; max-width: none; }
.notice { border: 1px solid var(--orange); border-left-width: 6px; border-radius: 6px; padding: .6rem 1rem; margin: 1.2rem 0 0; max-width: none; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 1rem; margin: 1.8rem 0 1.2rem; padding: 0; list-style: none; }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.15rem; }
.tiles strong { display: block; font-size: 2rem; line-height: 1.15; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--muted); font-size: .9rem; line-height: 1.35; display: block; }
.verdict { padding-left: 1.1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; background: var(--card); border: 1px solid var(--line); }
th, td { padding: .42rem .9rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--grid); }
thead th { border-bottom: 2px solid var(--line); }
th[scope=row], thead td { text-align: left; font-weight: 400; color: var(--muted); }
.own { background: color-mix(in srgb, var(--green) 9%, transparent); font-weight: 600; }
.broken { color: var(--red); }
figure { margin: 1.4rem 0 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem 1rem; }
figure h3 { font-size: 1.02rem; margin: 0 0 .8rem; }
figure svg { display: block; width: 100%; min-width: 700px; height: auto; }
figure svg text { font-family: inherit !important; }
figcaption { color: var(--muted); font-size: .9rem; margin-top: .6rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: 0; }
dt { color: var(--muted); } dd { margin: 0; }
footer { color: var(--muted); font-size: .9rem; margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
footer p { margin: .15rem 0; max-width: none; }
@media print { body { padding: 0; } figure, .tiles li { break-inside: avoid; } }
`;
