"""One dataset: what is in it, what to know about it, and the way to a model."""

from __future__ import annotations

import streamlit as st

from app.ui import amounts, links
from app.ui.cards import Figure, card, facts, figures, progress, toast
from app.ui.columns import column_cards
from app.ui.dialogs import confirm
from app.ui.frame import asked, error_box, guard, head, live, notice
from app.ui.language import _, n_, tell
from app.ui.pictures import overview
from app.ui.plain import plain, short
from app.ui.tables import CellKind, TableColumn, table
from app.ui.visit import Visit, visit
from app.usecases.datasets import (
    DatasetView,
    delete_dataset,
    get_dataset,
    preview,
    rejects,
    rename_dataset,
    suggest_targets,
    target_names,
)
from app.usecases.jobs import cancel_job, retry_job
from app.usecases.pictures import PictureFacts
from app.usecases.runs import create_run, list_runs
from engine.specs.dataset import ImportSummary

#: Wall clock a first run may take, in seconds.
TIMES_S = (60, 300, 900, 3600)
_REFRESH_S = 1.0


def main() -> None:
    """Draw the page."""
    here = visit()
    view = get_dataset(here.box, here.who, asked("id"))
    record = view.record
    actions = head(plain(record.name), _origin(view), back="datasets")
    with actions:
        _actions(here, view)
    if record.state == "importing":
        live(lambda: _importing(here, record.id), every_s=_REFRESH_S, key="import-live")
    elif record.state == "failed":
        _failed(here, view)
    else:
        _ready(here, view)


def _origin(view: DatasetView) -> str:
    record = view.record
    return f"{plain(record.source_name)} · {amounts.size(record.bytes)} · {amounts.ago(record.created_at)}"


def _actions(here: Visit, view: DatasetView) -> None:
    record = view.record
    chosen = st.menu_button(
        _("More"), ["rename", "delete"], key="more", icon=":material/more_horiz:", type="tertiary",
        format_func=lambda code: {"rename": _("Rename"), "delete": _("Delete")}[code],
    )  # fmt: skip
    if (
        record.state == "ready"
        and view.pictures
        and st.button(_("Label"), icon=":material/new_label:", key="label")
    ):
        links.go("label", id=record.id)
    if record.state == "ready" and st.button(
        _("Train a model"), type="primary", icon=":material/model_training:", key="train"
    ):
        _train(here, record.id)
    elif chosen == "rename":
        _rename(here, view)
    elif chosen == "delete":
        _delete(here, view)


def _rename(here: Visit, view: DatasetView) -> None:
    @st.dialog(_("Rename this dataset"), icon=":material/edit:")
    def ask() -> None:
        with guard():
            name = st.text_input(_("Name"), value=view.record.name, max_chars=120, key="new-name")
            if st.button(_("Save"), type="primary", key="save-name"):
                rename_dataset(here.box, here.who, view.record.id, name)
                st.rerun()

    ask()


def _delete(here: Visit, view: DatasetView) -> None:
    def act() -> None:
        delete_dataset(here.box, here.who, view.record.id)
        links.go("datasets")

    kept = (
        n_(
            "{n} run was made from it; it keeps what it needs and goes on.",
            "{n} runs were made from it; they keep what they need and go on.",
            view.runs,
        )
        if view.runs
        else _("No run was made from it.")
    )
    confirm(
        _("Delete this dataset?"),
        _("{name} and its file go away for good. {kept}").format(
            name=f"**{plain(view.record.name)}**", kept=kept
        ),
        act=act, verb=_("Delete"), key="delete",
    )  # fmt: skip


def _importing(here: Visit, dataset_id: str) -> None:
    view = get_dataset(here.box, here.who, dataset_id)
    if view.record.state != "importing":
        st.rerun()
    with card("importing", _("Making the new version") if view.origin else _("Reading the file")):
        job = view.job
        progress(
            None if job is None else job.share,
            _("Waiting for its turn") if job is None or job.state == "queued" else job.note,
        )
        st.caption(_("You can leave this page: the work goes on, and this address brings you back."))
        if job is not None and st.button(_("Stop"), key="stop", icon=":material/stop_circle:"):
            cancel_job(here.box, here.who, job.id)
            st.rerun()


def _failed(here: Visit, view: DatasetView) -> None:
    job = view.job
    message = view.record.message or (job.message if job else "")
    error_box(message or _("The file could not be read."), job.remedy if job else "")
    with st.container(horizontal=True):
        if job is not None and st.button(_("Read it again"), key="again", icon=":material/refresh:"):
            retry_job(here.box, here.who, job.id)
            st.rerun()
        if job is not None:
            links.link("job", _("Show the log"), icon=":material/article:", id=job.id)


def _ready(here: Visit, view: DatasetView) -> None:
    if view.pictures is not None:
        _ready_pictures(here, view, view.pictures)
        return
    record, profile = view.record, view.profile
    cells = (record.rows or 0) * (record.columns or 0)
    missing = sum(column.missing for column in profile.columns) if profile else 0
    figures(
        [
            Figure(label=_("Rows"), value=amounts.count(record.rows)),
            Figure(label=_("Columns"), value=amounts.count(record.columns)),
            Figure(
                label=_("Missing values"), value=amounts.share(missing / cells if cells else 0.0),
                help=_("Share of all cells that are empty or say so, such as NA or ?."),
            ),
            Figure(
                label=_("Rows left out"), value=amounts.count(record.rejected or 0),
                help=_("Rows of the file that could not be read as rows of this table."),
            ),
        ]
    )  # fmt: skip
    if record.rejected and rejects(here.box, here.who, record.id) is not None:
        with st.container(horizontal=True):
            st.link_button(
                _("Download the rows left out"), f"/download/datasets/{record.id}/rejects",
                icon=":material/download:", key="rejects",
            )  # fmt: skip
    _alerts(view)
    columns, rows, reading, runs = st.tabs(
        [_("Columns"), _("First rows"), _("How it was read"), n_("{n} run", "{n} runs", view.runs)]
    )
    with columns:
        if view.schema and profile:
            column_cards(view.schema, profile)
    with rows:
        _preview(here, record.id)
    with reading:
        _reading(view)
    with runs:
        _runs(here, record.id)


def _ready_pictures(here: Visit, view: DatasetView, facts: PictureFacts) -> None:
    record = view.record
    if view.origin is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="origin"):
            st.caption(
                n_(
                    "A version with {n:,} change to its labels, made from",
                    "A version with {n:,} changes to its labels, made from",
                    view.origin.changes,
                ),
                width="content",
            )
            links.link("dataset", plain(view.origin.dataset_name), id=view.origin.dataset_id)
    overview.picture_figures(facts, record.rejected or 0)
    _alerts(view)
    sheet, classes, twins, measured, reading, runs = st.tabs(
        [
            _("Pictures"), _("Classes"), _("Look-alikes"), _("Size, light and colour"), _("How it was read"),
            n_("{n} run", "{n} runs", view.runs),
        ]
    )  # fmt: skip
    with sheet:
        overview.contact_sheet(here, record.id, facts)
    with classes:
        overview.class_balance(facts)
    with twins:
        overview.twins(here, record.id, facts)
    with measured:
        if view.schema and view.profile:
            overview.measured(view.schema, view.profile, facts)
    with reading:
        _reading(view)
        overview.left_out(here, record.id)
    with runs:
        _runs(here, record.id)


def _alerts(view: DatasetView) -> None:
    """Say what a person should know before training, in words."""
    if view.profile is None:
        return
    said = [("", alert.message) for alert in view.profile.alerts]
    said += [
        (column.name, alert.message)
        for column in view.profile.columns
        if view.pictures is None or column.name in target_names(view)
        for alert in column.alerts
    ]
    if not said:
        return
    with st.expander(
        n_("{n} thing to know about these data", "{n} things to know about these data", len(said)),
        icon=":material/lightbulb:", expanded=len(said) <= 4, key="alerts",
    ):  # fmt: skip
        with st.container(gap="xsmall"):
            for column_name, message in said[:30]:
                about = f" **{plain(column_name, 60)}:**" if column_name else ""
                notice(message, icon=f":material/arrow_right:{about}")
        if len(said) > 30:
            st.caption(
                n_("{n} more at its column below.", "{n} more at their columns below.", len(said) - 30)
            )


def _preview(here: Visit, dataset_id: str) -> None:
    shown = preview(here.box, here.who, dataset_id)
    st.caption(
        n_("The first row, as it was read.", "The first {n:,} rows, as they were read.", len(shown.rows))
    )
    kinds = [_kind([row[i] for row in shown.rows]) for i in range(len(shown.columns))]
    table(
        [TableColumn(title=name, kind=kind) for name, kind in zip(shown.columns, kinds, strict=True)],
        shown.rows,
        key="preview",
        alt=_("The first rows of this dataset"),
        height=460,
    )


def _kind(values: list[object]) -> CellKind:
    present = [value for value in values if value is not None]
    return "number" if present and all(type(value) in (int, float) for value in present) else "text"


def _reading(view: DatasetView) -> None:
    read = view.imported
    if read is None:
        return
    if view.pictures is not None:
        facts(
            [(_("Format"), read.format.upper()), (_("Files in the source"), amounts.count(read.rows_read))],
            key="reading",
            columns=3,
        )
        _notes(read)
        return
    facts(
        [
            (_("Format"), read.format.upper()),
            (_("Rows in the file"), amounts.count(read.rows_read)),
            (_("Encoding"), read.encoding or "–"),
            (_("Delimiter"), {"\t": _("tab"), " ": _("blank")}.get(read.delimiter, read.delimiter) or "–"),
            (_("Decimal mark"), read.decimal),
            (_("First line"), _("names of columns") if read.has_header else _("data")),
        ],
        key="reading", columns=3,
    )  # fmt: skip
    _notes(read)


def _notes(read: ImportSummary) -> None:
    for note in read.notes:
        notice(note, icon=":material/arrow_right:")


def _runs(here: Visit, dataset_id: str) -> None:
    found = list_runs(here.box, here.who, dataset_id=dataset_id, limit=20)
    if not found.items:
        st.caption(_("Nobody has trained a model on it yet."))
        return
    table(
        [TableColumn(title=_("Run")), TableColumn(title=_("Predicts")), TableColumn(title=_("Score"), kind="number")],
        [(run.name, run.target, run.score) for run in found.items],
        key="runs", alt=_("Runs made from this dataset"),
    )  # fmt: skip


def _train(here: Visit, dataset_id: str) -> None:
    """Ask which column to predict and how long it may take; then the run begins."""

    @st.dialog(_("Train a model"), width="medium", icon=":material/model_training:")
    def ask() -> None:
        with guard():
            _ask_target(here, dataset_id)

    ask()


def _ask_target(here: Visit, dataset_id: str) -> None:
    view = get_dataset(here.box, here.who, dataset_id)
    names = target_names(view)
    ideas = {idea.column: idea for idea in suggest_targets(here.box, here.who, dataset_id)}
    ordered = [*ideas, *(name for name in names if name not in ideas)]
    target = st.selectbox(
        _("What should the model tell of a picture?") if view.pictures else _("Which column should the model predict?"),
        ordered, key="target", format_func=short,
        index=0 if ideas else None, placeholder=_("Choose a column"),
        help=_("Columns that look like a question worth asking stand first."),
    )  # fmt: skip
    if target in ideas:
        st.caption(f":material/lightbulb: {plain(tell(ideas[target].why), 300)}")
    time_s = st.segmented_control(
        _("How long may it take?"), list(TIMES_S), default=300, key="time", required=True,
        format_func=lambda s: amounts.seconds(s) if s < 3600 else n_("{n} hour", "{n} hours", s // 3600),
    )  # fmt: skip
    st.caption(
        _("Networks learn pictures by looking at all of them again and again: more time, more looks.")
        if view.pictures
        else _(
            "More time lets more kinds of model take part. Most small tables need less than they are given."
        )
    )
    if view.pictures is not None:
        overview.changes_left_out(here, dataset_id)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(_("Start"), type="primary", key="start", disabled=target is None) and target is not None:
            run = create_run(here.box, here.who, dataset_id, target=target, time_limit_s=float(time_s or 300))
            toast(_("The run has begun"))
            links.go("walk", run=run.id)


main()
