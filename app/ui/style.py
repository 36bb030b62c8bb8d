"""The one reviewed place for style that the theme cannot say. It holds no word of any user's.

Rules name only our own keys (`st-key-…`) and Streamlit's test ids, which a contract test watches. Colours come from
the theme: `currentColor`, `color-mix` and the page's own variables, so light and dark both follow.
"""

from __future__ import annotations

import json

import streamlit as st

from app.ui.language import _

_CSS = """
<style>
[data-testid="stMainBlockContainer"] { max-width: 76rem; }

/* who is signed in stands at the foot of the menu */
[data-testid="stSidebarContent"] { display: flex; flex-direction: column; }
[data-testid="stSidebarUserContent"] { flex: 1; display: flex; flex-direction: column; }
[data-testid="stSidebarUserContent"] > div { flex: 1; display: flex; flex-direction: column; }
[data-testid="stSidebarUserContent"] > div > [data-testid="stVerticalBlock"] { flex: 1; }
[class*="st-key-menu-section-"] { padding: .9rem .5rem .15rem; }
[class*="st-key-menu-section-"] p { font-size: .82rem; }
[class*="st-key-menu-item-"] a, [class*="st-key-menu-here-"] a { padding: .34rem .6rem; border-radius: .5rem; }
[class*="st-key-menu-here-"] a, [class*="st-key-menu-"] a:hover { background: rgba(112, 140, 134, .17) !important; }
[class*="st-key-menu-item-"] a { opacity: .86; }
[class*="st-key-menu-here-"] a p { font-weight: 600; }

/* what is said in a low voice must still be read: Streamlit's own grey is too light (WCAG AA) */
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit; }
[data-testid="stCaptionContainer"] { opacity: .74; }

/* page head: actions stay on the title's line while there is room, and go below it on a phone */
.st-key-page-head { align-items: flex-start; }
.st-key-page-actions { align-items: center; }
.st-key-page-head h1 { padding: 0 0 .55rem; line-height: 1.25; overflow-wrap: anywhere; }

/* cards */
[class*="st-key-card-"], [class*="st-key-rows-"], [class*="st-key-empty-"] {
  border-radius: .75rem; transition: border-color .15s ease;
}
[data-testid="stHeading"] h3 { padding: 0 0 .5rem; }
.st-key-hero h1 { font-size: 2.1rem; letter-spacing: -.02em; padding: .4rem 0; }
.st-key-hero [data-testid="stMarkdown"] p { font-size: 1.05rem; opacity: .8; }
[class*="st-key-welcome-icon-"] p { font-size: 1.7rem; line-height: 1.2; }
[data-testid="stMetric"] { border-radius: .75rem; }
[data-testid="stMetricLabel"] { opacity: .72; }
[data-testid="stMetricDelta"] :is(div, p) { white-space: normal; }
[data-testid="stMetricDelta"] { border-radius: .6rem; padding: .1rem .45rem; line-height: 1.25; }

/* a list: one card, its rows parted by hair lines */
[class*="st-key-rows-"] { padding: .25rem 0 !important; gap: 0 !important; }
[class*="st-key-row-"] { padding: .7rem 1rem; }
[class*="st-key-row-"]:not(:last-child), [class*="st-key-rows-"] > div:not(:last-child) > [class*="st-key-row-"] {
  border-bottom: 1px solid color-mix(in srgb, currentColor 9%, transparent);
}
[class*="st-key-row-"]:hover { background: color-mix(in srgb, currentColor 3%, transparent); }
[class*="st-key-row-"] [data-testid="stPageLink"] a { padding-left: 0; background: none; }
[class*="st-key-row-"] [data-testid="stPageLink"] p { font-weight: 600; }
[class*="st-key-row-"] [data-testid="stPageLink"] a * {
  white-space: normal; overflow-wrap: anywhere; line-height: 1.4;
}
[class*="st-key-row-"] [data-testid="stPageLink"] a:hover p { text-decoration: underline; text-underline-offset: 3px; }

/* an empty page: one sentence, one button, and air */
[class*="st-key-empty-"] { padding: 3.25rem 1.5rem 3.5rem; border-style: dashed; }
[class*="st-key-empty-icon-"] { padding: 0; border: 0; font-size: 2.6rem; opacity: .9; }
[class*="st-key-empty-icon-"] p { font-size: 2.6rem; line-height: 1; }

/* the steps of a run */
/* a table's toolbar comes out above it: it must not lie on the step's button */
.st-key-step-head { margin-bottom: 1.5rem; }
.st-key-stepper { padding-bottom: .25rem; overflow-x: auto; scrollbar-width: none; }
.st-key-stepper [data-testid="stPageLink"] a {
  border-radius: 999px; padding: .3rem .85rem .3rem .6rem; white-space: nowrap;
}
/* on a phone the row begins where one is */
[class*="st-key-step-here-"] { scroll-initial-target: nearest; }
[class*="st-key-step-here-"] [data-testid="stPageLink"] a {
  background: color-mix(in srgb, var(--aimass-accent, #0f766e) 13%, transparent);
}
[class*="st-key-step-here-"] [data-testid="stPageLink"] p { font-weight: 650; }
/* every step is the same page to Streamlit, which marks the page one is on */
[class*="st-key-step-other-"] [data-testid="stPageLink"] a:not(:hover) { background: none; }
[class*="st-key-step-other-"] [data-testid="stPageLink"] p { font-weight: 400; }
[class*="st-key-step-later-"] { opacity: .72; }
[class*="st-key-step-later-"] a, [class*="st-key-step-later-"] a * { color: inherit !important; font-weight: 400; }

/* the answer stays in sight beside a long form */
.st-key-answer { position: sticky; top: 4.5rem; }
[data-testid="stColumn"]:has(.st-key-answer) > [data-testid="stVerticalBlock"] { height: 100%; }

/* the way back above a title */
.st-key-page-back { margin-bottom: -.6rem; }
.st-key-page-back [data-testid="stPageLink"] a { padding-left: 0; background: none; opacity: .75; }
.st-key-page-back [data-testid="stPageLink"] a:hover { opacity: 1; }

/* page numbers stand in the middle */
[class*="st-key-pager-"] { align-items: center; }

/* a table's own buttons lie on its head row: above the table they would cover what stands there, a button too */
[data-testid="stElementToolbar"] { top: 0 !important; }

/* a column of a table */
[class*="st-key-column-"] { gap: .35rem !important; }

/* facts: a name above its value */
[class*="st-key-fact-"] { gap: .1rem !important; }
[class*="st-key-fact-"] p { overflow-wrap: anywhere; }

/* Streamlit only greys a page whose server is away: this says why, when it lasts. It is laid out unseen before, so that
   the browser has fetched the letters it needs while there is somebody to ask */
[data-testid="stApp"]::after {
  content: var(--aimass-away); position: fixed; z-index: 1000; left: 50%; bottom: 1.5rem; transform: translateX(-50%);
  width: max-content; max-width: 88vw; padding: .6rem 1.1rem; border-radius: .6rem; background: #8a3b12; color: #fff;
  font-size: .95rem; opacity: 0; visibility: hidden; pointer-events: none;
}
[data-testid="stApp"]:not([data-test-connection-state="CONNECTED"]):not([data-test-connection-state="INITIAL"])::after {
  visibility: visible; animation: aimass-away .2s 1.5s forwards;
}
@keyframes aimass-away { to { opacity: 1; } }
/* its own window about that speaks English alone; ours, with what somebody has typed into them, stay */
body:has([data-testid="stApp"]:not([data-test-connection-state="CONNECTED"]))
  [data-testid="stDialog"]:not(:has([data-testid="stVerticalBlock"])) { display: none; }

/* the name of a kind of model is read most where nobody may tick it: when the data decide */
[class*="st-key-card-family-"] [data-testid="stCheckbox"] label p { color: #31413e; }

@media (prefers-color-scheme: dark) {
  [class*="st-key-card-family-"] [data-testid="stCheckbox"] label p { color: #cfd8d6; }
  [data-testid="stSliderThumbValue"], [data-testid="stSliderThumbValue"] * { color: #5eead4; }
  [role="tab"][aria-selected="true"] p, [data-variant="segmented_control"][aria-checked="true"] p,
  [data-variant="pills"][aria-checked="true"] p { color: #5eead4; }
  [class*="st-key-step-here-"] [data-testid="stPageLink"] a {
    background: color-mix(in srgb, #2dd4bf 18%, transparent);
  }
}
@media (max-width: 640px) {
  .st-key-page-head { flex-direction: column; align-items: stretch; }
  .st-key-page-head > * { flex: 0 0 auto !important; min-width: 0 !important; width: 100% !important; }
  .st-key-page-actions:not(:has(*)) { display: none; }
  [data-testid="stMainBlockContainer"] { padding-left: 1rem; padding-right: 1rem; }
  [class*="st-key-row-"] { padding: .7rem .8rem; }
  [class*="st-key-empty-"] { padding: 2.25rem 1rem 2.5rem; }
}
</style>
"""


def lay_style() -> None:
    """Put the style into the page; once per run, from app/main.py."""
    away = json.dumps(
        _("The server does not answer now. This page goes on by itself as soon as it does."),
        ensure_ascii=False,
    )
    st.html(_CSS.replace("<style>", f"<style>\n:root {{ --aimass-away: {away}; }}", 1))
