"""Step "split": which rows train, which choose, which judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.ui import amounts, cards, frame, links, tables
from app.ui.language import _, tell
from app.ui.plain import plain, short
from app.ui.terms import set_word
from app.ui.visit import Visit
from app.ui.walk import ways
from app.usecases import runs
from app.usecases.run_views import SplitterChoice, SplitView
from app.usecases.runs import RunView
from engine.specs.split import SETS

_MOST_SEED = 2**31 - 1
_MOST_CLASSES = 50


def draw(here: Visit, run: RunView) -> None:
    """Show how the rows are divided and why, what leaks, and let a person divide them differently."""
    if not ways.prepared(here, run):
        return
    view = runs.split_view(here.box, here.who, run.record.id)
    if view.spec is None or view.summary is None:
        return
    with ways.step_head(
        _("Split"),
        _(
            "The model learns from training rows, is chosen by validation rows, and judged on test rows it never saw."
        ),
    ):
        ways.next_button(run, "models", _("Next: models"))
    _sets(view)
    with st.container(border=True, key="card-why-split"):
        title = next((s.title for s in view.splitters if s.name == view.spec.splitter), view.spec.splitter)
        st.markdown(f"**{plain(tell(title))}** — {plain(tell(view.spec.reason), 600)}")
        if view.summary.unlabelled:
            st.caption(
                _("{n} rows without an answer are left out.").format(n=amounts.count(view.summary.unlabelled))
            )
        if view.summary.duplicate_rows:
            st.caption(
                _("{n} rows repeat another one; copies always stay in the same set.").format(
                    n=amounts.count(view.summary.duplicate_rows)
                )
            )
    is_locked = ways.locked(run)
    if view.leaks:
        _leaks(here, run, view, is_locked=is_locked)
    with st.expander(_("Divide differently"), icon=":material/tune:"):
        _form(here, run, view, is_locked=is_locked)


def _sets(view: SplitView) -> None:
    if view.summary is None:
        return
    rows = view.summary.rows
    total = sum(rows.values()) or 1
    cards.figures(
        [
            cards.Figure(
                label=set_word(name),
                value=amounts.count(rows.get(name, 0)),
                note=_("rows, {share}").format(share=amounts.share(rows.get(name, 0) / total)),
            )
            for name in SETS
        ],
        columns=3,
    )
    classes = view.summary.classes
    if classes:
        _classes(classes)


def _classes(classes: Mapping[str, Mapping[str, int]]) -> None:
    counts: dict[str, int] = {}
    for by_label in classes.values():
        for label, rows in by_label.items():
            counts[label] = counts.get(label, 0) + rows
    labels = sorted(counts, key=lambda label: -counts[label])[:_MOST_CLASSES]
    whole = {name: sum(classes.get(name, {}).values()) or 1 for name in SETS}
    frame.section(_("Classes in each set"), _("Every set should have the same mix."))
    tables.table(
        [
            tables.TableColumn(title=_("Class")),
            tables.TableColumn(title=_("Rows"), kind="integer"),
            *(tables.TableColumn(title=set_word(name), kind="share") for name in SETS),
        ],
        [
            (label, counts[label], *(classes.get(name, {}).get(label, 0) / whole[name] for name in SETS))
            for label in labels
        ],
        key="classes",
        alt=_("Share of each class among the rows of each set"),
    )


def _leaks(here: Visit, run: RunView, view: SplitView, *, is_locked: bool) -> None:
    frame.section(
        _("Columns left out"),
        _(
            "They seem to know the answer, or only name the row. Keep one only if it is known before the answer is."
        ),
    )
    kept = set(run.spec.keep)
    for number, leak in enumerate(view.leaks):
        with st.container(
            horizontal=True, vertical_alignment="center", border=True, key=f"card-leak-{number}"
        ):
            st.markdown(f"**{plain(leak.column)}** — {plain(tell(leak.message), 500)}")
            keeps = st.toggle(
                _("Keep"),
                value=leak.column in kept,
                key=f"keep-{run.record.id}-{run.record.revision}-{number}",
                disabled=is_locked,
            )
            if keeps != (leak.column in kept):
                wanted = kept | {leak.column} if keeps else kept - {leak.column}
                _change(here, run, keep=tuple(sorted(wanted)))


def _form(here: Visit, run: RunView, view: SplitView, *, is_locked: bool) -> None:
    spec = view.spec
    if spec is None:
        return
    state = f"{run.record.id}-{run.record.revision}"
    by_name = {splitter.name: splitter for splitter in view.splitters}
    name = st.selectbox(
        _("How rows are drawn"),
        list(by_name),
        index=list(by_name).index(spec.splitter) if spec.splitter in by_name else 0,
        format_func=lambda one: tell(by_name[one].title),
        key=f"splitter-{state}",
        disabled=is_locked,
    )
    splitter = by_name[name]
    st.caption(plain(tell(splitter.help), 400))
    column = _column(spec.column, splitter, key=f"split-column-{state}", is_locked=is_locked)
    left, right = st.columns(2)
    percent = left.slider(
        _("Rows for the test"), 5, 50, round(100 * spec.test_share), format="%d %%", key=f"share-{state}"
    )
    seed = right.number_input(
        _("Seed"),
        0,
        _MOST_SEED,
        spec.seed,
        key=f"seed-{state}",
        help=_("The same seed draws the same rows again."),
    )
    is_ready = not splitter.needs or column is not None
    if st.button(
        _("Divide again"), icon=":material/call_split:", disabled=is_locked or not is_ready, key="divide"
    ):
        _change(
            here,
            run,
            splitter=name,
            split_column=column,
            test_share=percent / 100,
            seed=int(seed or 0),
        )


def _column(held: str | None, splitter: SplitterChoice, *, key: str, is_locked: bool) -> str | None:
    """Ask for the column that the splitter needs; None where it needs none."""
    if not splitter.needs:
        return None
    if not splitter.columns:
        frame.notice(_("This table has no column for that."))
        return None
    titles = {"group": _("Rows with the same value stay together"), "time": _("What orders the rows in time")}
    return st.selectbox(
        titles[splitter.needs],
        splitter.columns,
        index=splitter.columns.index(held) if held in splitter.columns else 0,
        format_func=short,
        key=f"{key}-{splitter.name}",
        disabled=is_locked,
    )


def _change(here: Visit, run: RunView, **fields: Any) -> None:
    with frame.guard():
        runs.change_run(here.box, here.who, run.record.id, revision=run.record.revision, **fields)
        runs.prepare(here.box, here.who, run.record.id)
        links.go("walk", run=run.record.id, step="split")
