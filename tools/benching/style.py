# SPDX-License-Identifier: Apache-2.0
"""The style sheet of the page. Text has a contrast of 7 to 1 at least in both colour schemes."""

STYLE = """
:root { color-scheme: light dark; --back: #ffffff; --ink: #1c1e21; --soft: #4a4f55;
  --line: #d5d9dd; --twill: #0b6e4f; --serial: #6b7280; --best: #a3a9b2; --tbb: #2563b0;
  --gomp: #b45309; --omp: #7e3ba8; --dispatch: #d9a400; --search: #c2410c; --parked: #c4c9d0;
  --preempted: #9d174d; }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --ink: #eceff1; --soft: #b4bbc2;
  --line: #3a4047; --twill: #35c08e; --serial: #9aa3ad; --best: #69727c; --tbb: #6ea8f0;
  --gomp: #f0a04b; --omp: #c78af0; --dispatch: #f2c744; --search: #f07c4a; --parked: #4b535c;
  --preempted: #f06a9f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--back); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; border-top: 1px solid var(--line);
  padding-top: 1rem; }
dl { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 0; }
dl div { display: flex; gap: .4rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.result { font-weight: 600; }
nav ul, .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; }
a { color: inherit; }
a:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr));
  gap: 1rem 2rem; }
figure { margin: 0; }
figcaption, caption { text-align: left; color: var(--soft); padding: .25rem 0; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 13px; fill: var(--ink); dominant-baseline: central; }
svg .name { text-anchor: end; }
.bar { fill: var(--serial); }
.bar.serial-best { fill: var(--best); }
.bar.twill { fill: var(--twill); }
.bar.tbb { fill: var(--tbb); }
.bar.gomp { fill: var(--gomp); }
.bar.omp { fill: var(--omp); }
.least { stroke: var(--back); stroke-width: 2; }
.cut { stroke: var(--back); stroke-width: 4; fill: none; }
.note, .verdict { color: var(--soft); margin: .25rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .75rem 0; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid var(--line); text-align: left;
  white-space: nowrap; font-weight: normal; }
thead th { font-weight: 600; }
td.number { text-align: right; }
.worker { display: flex; gap: .6rem; align-items: center; max-width: 32rem; margin: 2px 0; }
.worker span { width: 2rem; text-align: right; color: var(--soft); }
svg.load { height: 14px; flex: 1; }
.useful { fill: var(--twill); background: var(--twill); }
.dispatch { fill: var(--dispatch); background: var(--dispatch); }
.search { fill: var(--search); background: var(--search); }
.parked { fill: var(--parked); background: var(--parked); }
.preempted { fill: var(--preempted); background: var(--preempted); }
.key { display: inline-block; width: .9rem; height: .9rem; margin-right: .35rem;
  vertical-align: -2px; }
"""
