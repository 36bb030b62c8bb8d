"""All runs, newest first; two or more of them side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from app.ui import amounts, cards, charts, frame, links, lists, tables
from app.ui.language import _, tell
from app.ui.plain import plain, short
from app.ui.terms import metric_word
from app.ui.visit import Visit, visit
from app.usecases import jobs, runs
from app.usecases.run_access import subject_of
from engine.specs.costs import Costs
from store.run_records import RunRecord

MOST_COMPARED = 6
#: Settings that a person chooses, in our words. A plan made by hand shows in the count of columns.
_SETTINGS: Mapping[str, Callable[[], str]] = {
    "target": lambda: _("Predicts"),
    "metric": lambda: _("What decides"),
    "costs": lambda: _("Cost of errors"),
    "families": lambda: _("Kinds of model"),
    "time_limit_s": lambda: _("Time limit in seconds"),
    "splitter": lambda: _("How rows are drawn"),
    "split_column": lambda: _("Column that divides"),
    "test_share": lambda: _("Share of test rows"),
    "keep": lambda: _("Kept in spite of a warning"),
    "drop": lambda: _("Switched off"),
    "seed": lambda: _("Seed"),
}


def main() -> None:
    """Draw the page."""
    here = visit()
    compared = [part for part in frame.asked("compare").split(",") if part]
    if len(compared) > 1:
        _compare(here, compared)
    else:
        with frame.head(_("Runs"), _("From a dataset's columns to a published model, step by step.")):
            links.link("datasets", _("New run"), icon=":material/add:")
        _list(here)


def _score(record: RunRecord) -> str:
    if record.score is None or record.metric is None:
        return ""
    return f"{metric_word(record.metric)} {amounts.number(record.score)}"


def _list(here: Visit) -> None:
    active = {
        job.subject: job.state
        for state in ("queued", "running")
        for job in jobs.list_jobs(here.box, here.who, state=state).items
    }
    picked: list[str] = []

    def draw(record: RunRecord) -> None:
        if _row(record, active):
            picked.append(record.id)

    lists.searched(
        "runs",
        _("Search runs"),
        lists.Nothing(
            title=_("No runs yet"),
            sentence=_(
                "A run takes one dataset from its columns to a published model. Begin with a dataset."
            ),
            icon=":material/route:",
            page="datasets",
            label=_("Go to the datasets"),
            mark=":material/table_chart:",
        ),
        lambda search, limit, offset: runs.list_runs(
            here.box, here.who, search=search, limit=limit, offset=offset
        ),
        draw,
    )
    if picked:
        _offer_comparison(picked)


def _row(record: RunRecord, active: Mapping[str, str]) -> bool:
    """Draw a run; return whether it is ticked to be compared.   active: what a job is about → the job's state."""
    about = _("{target} from {dataset}").format(
        target=plain(record.target), dataset=plain(record.dataset_name)
    )
    with tables.row(
        record.id,
        plain(record.name),
        to="walk",
        params={"run": record.id},
        caption=f"{about} · {amounts.ago(record.updated_at)}",
    ):
        if score := _score(record):
            st.markdown(f"**{plain(score)}**")
        _badge(record, active)
        return st.checkbox(
            _("Compare {name}").format(name=plain(record.name)),
            key=f"compare-{record.id}",
            label_visibility="collapsed",
            help=_("Compare"),
        )


def _offer_comparison(picked: list[str]) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if len(picked) == 1:
            st.caption(_("Tick another run to compare it with."))
        elif len(picked) > MOST_COMPARED:
            st.caption(_("At most {n} runs stand side by side.").format(n=MOST_COMPARED))
        if st.button(
            _("Compare"),
            type="primary",
            icon=":material/compare_arrows:",
            key="compare",
            disabled=not 2 <= len(picked) <= MOST_COMPARED,
        ):
            links.go("runs", compare=",".join(picked))


def _badge(record: RunRecord, active: Mapping[str, str]) -> None:
    """Say how far a run has come.   active: what a job is about → the job's state."""
    if state := active.get(subject_of(record.id)):
        cards.state_badge(state)
    elif record.step == "publish":
        st.badge(_("Published"), icon=":material/verified:", color="green")
    elif record.step == "evaluation":
        st.badge(_("Evaluated"), icon=":material/rule:", color="primary")
    else:
        cards.state_badge("open")


def _compare(here: Visit, identifiers: list[str]) -> None:
    frame.head(_("Runs side by side"), back="runs")
    found = runs.compare(here.box, here.who, identifiers[:MOST_COMPARED])
    if found.why_not:
        frame.notice(
            found.why_not, _("Their figures do not show which is better."), icon=":material/balance:"
        )
    names = [short(one.record.name, 40) for one in found.runs]
    lines = [*_figures(found), *_settings(found)]
    tables.table(
        [tables.TableColumn(title="")] + [tables.TableColumn(title=name) for name in names],
        lines,
        key="compared",
        alt=_("The runs side by side"),
    )
    if found.is_fair:
        _best(found, names)


def _best(found: runs.Comparison, names: list[str]) -> None:
    """Draw the deciding figures, where they can be set against each other."""
    evaluated = [(name, one.evaluation) for name, one in zip(names, found.runs, strict=True)]
    judged = [(name, evaluation.deciding) for name, evaluation in evaluated if evaluation is not None]
    if judged:
        with cards.card("compared-scores", metric_word(judged[0][1].name), _("On test rows.")):
            charts.bars(
                [name for name, _score in judged],
                [score.value for _name, score in judged],
                key="compared-scores",
                alt=_("The deciding figure of each run"),
            )


def _figures(found: runs.Comparison) -> list[tuple[str, ...]]:
    """Return what came of the runs, a line per fact."""
    titles = {
        score.name: score.title
        for one in found.runs
        if one.evaluation is not None
        for score in one.evaluation.scores
    }
    lines = [(tell(title), *(_value(one, name) for one in found.runs)) for name, title in titles.items()]
    models = [" + ".join(tell(row.title) for row in one.chosen) or "–" for one in found.runs]
    lines.append((_("Model"), *models))
    lines.append((_("Columns read"), *(amounts.count(one.columns_used) for one in found.runs)))
    lines.append((_("Training rows"), *(amounts.count(one.rows.get("train")) for one in found.runs)))
    lines.append((_("Time taken"), *(amounts.seconds(one.seconds) for one in found.runs)))
    return lines


def _value(one: runs.ComparedRun, name: str) -> str:
    scores = one.evaluation.scores if one.evaluation is not None else ()
    return next((amounts.number(score.value) for score in scores if score.name == name), "–")


def _settings(found: runs.Comparison) -> list[tuple[str, ...]]:
    """Return the settings in which the runs differ, a line each."""
    return [
        (_SETTINGS[name](), *(_setting(getattr(one.spec, name)) for one in found.runs))
        for name in found.differing
        if name in _SETTINGS
    ]


def _setting(value: object) -> str:
    if value is None:
        return _("left to the data")
    if isinstance(value, Costs):
        return f"{value.false_positive:g} : {value.false_negative:g}"
    if isinstance(value, tuple):
        return ", ".join(short(part, 40) for part in value) or "–"
    return short(value, 80)


main()
