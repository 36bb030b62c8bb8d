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
from app.ui.walk import unsaved, ways
from app.usecases import runs
from app.usecases.run_views import SplitterChoice, SplitView
from app.usecases.runs import RunView
from engine.specs.split import SETS, SplitSpec

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
            "The model learns from training pictures, is chosen by validation pictures, and judged on test pictures it "
            "never saw."
        )
        if run.has_pictures
        else _(
            "The model learns from training rows, is chosen by validation rows, and judged on test rows it never saw."
        ),
    ):
        ways.next_button(run, "models", _("Next: models"))
    _sets(run, view)
    with st.container(border=True, key="card-why-split"):
        title = next((s.title for s in view.splitters if s.name == view.spec.splitter), view.spec.splitter)
        st.markdown(f"**{plain(tell(title))}** — {plain(tell(view.spec.reason), 600)}")
        _left_and_repeated(run, view)
    is_locked = ways.locked(run)
    kept = _leaks(run, view, is_locked=is_locked) if view.leaks else run.spec.keep
    with st.expander(_("Divide differently"), icon=":material/tune:"):
        wanted = _form(run, view, is_locked=is_locked)
        is_asked = st.button(
            _("Divide again"),
            icon=":material/call_split:",
            disabled=is_locked or not wanted,
            key="divide",
        )
    is_kept = set(kept) != set(run.spec.keep)
    unsaved.settle(run, is_changed=is_kept or bool(wanted))
    if is_kept:
        _change(here, run, keep=kept)
    elif is_asked:
        _change(here, run, **wanted)


def _left_and_repeated(run: RunView, view: SplitView) -> None:
    if view.summary is None:
        return
    if view.summary.unlabelled:
        told = (
            _("{n} pictures without a label are left out.")
            if run.has_pictures
            else _("{n} rows without an answer are left out.")
        )
        st.caption(told.format(n=amounts.count(view.summary.unlabelled)))
    if view.summary.duplicate_rows:
        told = (
            _("{n} pictures repeat another one; copies always stay in the same set.")
            if run.has_pictures
            else _("{n} rows repeat another one; copies always stay in the same set.")
        )
        st.caption(told.format(n=amounts.count(view.summary.duplicate_rows)))
    seen = view.summary.crossing.get("test", 0)
    if seen:
        told = (
            _("{n} test pictures look like a picture of another set: the test promises too much.")
            if run.has_pictures
            else _("{n} test rows are in another set too: the test promises too much.")
        )
        frame.notice(told.format(n=amounts.count(seen)), icon=":material/content_copy:")


def _sets(run: RunView, view: SplitView) -> None:
    if view.summary is None:
        return
    rows = view.summary.rows
    total = sum(rows.values()) or 1
    note = _("pictures, {share}") if run.has_pictures else _("rows, {share}")
    cards.figures(
        [
            cards.Figure(
                label=set_word(name),
                value=amounts.count(rows.get(name, 0)),
                note=note.format(share=amounts.share(rows.get(name, 0) / total)),
            )
            for name in SETS
        ],
        columns=3,
    )
    classes = view.summary.classes
    if classes:
        _classes(run, classes)


def _classes(run: RunView, classes: Mapping[str, Mapping[str, int]]) -> None:
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
            tables.TableColumn(title=_("Pictures") if run.has_pictures else _("Rows"), kind="integer"),
            *(tables.TableColumn(title=set_word(name), kind="share") for name in SETS),
        ],
        [
            (label, counts[label], *(classes.get(name, {}).get(label, 0) / whole[name] for name in SETS))
            for label in labels
        ],
        key="classes",
        alt=_("Share of each class among the rows of each set"),
    )


def _leaks(run: RunView, view: SplitView, *, is_locked: bool) -> tuple[str, ...]:
    """Draw the columns that were found to know the answer, and return all that somebody wants to keep."""
    frame.section(
        _("Columns left out"),
        _(
            "They seem to know the answer, or only name the row. Keep one only if it is known before the answer is."
        ),
    )
    kept = set(run.spec.keep)
    for number, leak in enumerate(view.leaks):
        if leak.kind == "set":
            st.caption(plain(tell(leak.message), 500))
            continue
        with st.container(
            horizontal=True,
            horizontal_alignment="distribute",
            vertical_alignment="center",
            border=True,
            key=f"card-leak-{number}",
        ):
            st.markdown(f"**{plain(leak.column)}** — {plain(tell(leak.message), 500)}")
            keeps = st.toggle(
                _("Keep"),
                value=leak.column in kept,
                key=f"keep-{_state(run)}-{number}",
                disabled=is_locked,
                width="content",
            )
            kept = kept | {leak.column} if keeps else kept - {leak.column}
    return tuple(sorted(kept))


def _form(run: RunView, view: SplitView, *, is_locked: bool) -> dict[str, Any]:
    """Draw how else the rows may be divided, and return what differs from how they are, {} where nothing does."""
    spec = view.spec
    if spec is None:
        return {}
    by_name = {splitter.name: splitter for splitter in view.splitters}
    name = st.selectbox(
        _("How pictures are drawn") if run.has_pictures else _("How rows are drawn"),
        list(by_name),
        index=list(by_name).index(spec.splitter) if spec.splitter in by_name else 0,
        format_func=lambda one: tell(by_name[one].title),
        key=f"splitter-{_state(run)}",
        disabled=is_locked,
    )
    splitter = by_name[name]
    st.caption(plain(tell(splitter.help), 400))
    column = _column(spec.column, splitter, key=f"split-column-{_state(run)}", is_locked=is_locked)
    is_given = splitter.needs == "set"
    percent, seed = _share_and_seed(run, spec, is_given=is_given, is_locked=is_locked)
    wanted: dict[str, Any] = {}
    if (name, column) != (spec.splitter, spec.column):
        wanted |= {"splitter": name, "split_column": column}
    if not is_given and percent != round(100 * spec.test_share):
        wanted["test_share"] = percent / 100
    if seed != spec.seed:
        wanted["seed"] = seed
    return {} if splitter.needs and column is None else wanted


def _share_and_seed(run: RunView, spec: SplitSpec, *, is_given: bool, is_locked: bool) -> tuple[int, int]:
    left, right = st.columns(2)
    percent = left.slider(
        _("Pictures for the test") if run.has_pictures else _("Rows for the test"),
        5,
        50,
        round(100 * spec.test_share),
        format="%d %%",
        key=f"share-{_state(run)}",
        disabled=is_locked or is_given,
    )
    seed = right.number_input(
        _("Seed"),
        0,
        _MOST_SEED,
        spec.seed,
        key=f"seed-{_state(run)}",
        help=_("The same seed draws the same rows again."),
        disabled=is_locked,
    )
    return int(percent), int(seed)


def _state(run: RunView) -> str:
    return f"{run.record.id}-{unsaved.base_of(run)}"


def _column(held: str | None, splitter: SplitterChoice, *, key: str, is_locked: bool) -> str | None:
    """Ask for the column that the splitter needs; None where it needs none."""
    if not splitter.needs:
        return None
    if not splitter.columns:
        frame.notice(_("This table has no column for that."))
        return None
    titles = {
        "group": _("Rows with the same value stay together"),
        "time": _("What orders the rows in time"),
        "set": _("What names the sets"),
    }
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
        runs.change_run(here.box, here.who, run.record.id, revision=unsaved.base_of(run), **fields)
        runs.prepare(here.box, here.who, run.record.id)
        unsaved.forget(run)
        links.go("walk", run=run.record.id, step="split")
