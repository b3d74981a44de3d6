import { Markup } from "./markup.ts";

/**
 * The style of reports as pages: on a screen, light or dark, and on paper. A chart that is too wide for a screen shows
 * its end first, the newest days.
 */
export const pageStyle = new Markup(`
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --one: #0b63ce; --two: #b3541e; --bad: #b42318; --good: #1a6b3c; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e6e9ec; --soft: #a3adb8; --line: #39424c; --one: #6cb0ff; --two: #ffa870; --bad: #ff8d83; --good: #7ad19b; } }
@media print { :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #333; --line: #bbb; --one: #0b63ce; --two: #b3541e; --bad: #b42318; --good: #1a6b3c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem; max-width: 54rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
p { margin: .25rem 0; } .soft { color: var(--soft); } .bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); font-weight: 600; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(14rem, 46%), 1fr)); gap: .75rem; margin: 1.25rem 0; }
dl div { border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; } dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
figure { margin: 0; overflow-x: auto; direction: rtl; } figure > * { direction: ltr; } .chart { width: 100%; min-width: 36rem; height: auto; } .chart text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--line); stroke-width: 1; } .zero { stroke: var(--soft); stroke-width: 1; }
rect.one, .bar rect { fill: var(--one); } rect.two { fill: var(--two); }
polyline { fill: none; stroke-width: 2.5; stroke-linejoin: round; } polyline.one { stroke: var(--one); } polyline.two { stroke: var(--two); stroke-dasharray: 7 4; }
.key { display: flex; flex-wrap: wrap; gap: 1.25rem; color: var(--soft); font-size: .9rem; margin: 0 0 .4rem; padding: 0; list-style: none; }
.key svg { width: 28px; height: 10px; margin-right: .4rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; } th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: middle; }
tbody th { font-weight: 400; } thead th { font-weight: 600; color: var(--soft); font-size: .85rem; } .number { text-align: right; white-space: nowrap; }
th bdi { overflow-wrap: anywhere; } td.measure { width: 38%; } .bar { display: block; width: 100%; height: 10px; }
.files { margin: .25rem 0; padding-left: 1.25rem; overflow-wrap: anywhere; } details { margin-top: .4rem; } summary { color: var(--soft); cursor: pointer; font-size: .9rem; }
@media (max-width: 34rem) { .measure { display: none; } }
@media print { :root { font-size: 12px; } .chart { min-width: 0; } body { padding: 0; max-width: none; font-size: 1rem; } details { display: none; } section, tr, figure { break-inside: avoid; } h2 { break-after: avoid; } * { print-color-adjust: exact; } }
`);
