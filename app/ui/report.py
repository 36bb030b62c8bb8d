"""A report as a page: the verdict first, then what to do, then why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.ui import amounts, cards, charts, tables
from app.ui.language import _, n_, tell
from app.ui.learning import show_learning
from app.ui.picture_findings import show_pictures
from app.ui.plain import plain
from app.ui.quality import show_quality
from app.ui.search import show_search
from app.ui.terms import stopped_word
from engine.report.view import View, view
from engine.specs.evaluation import Finding, MetricScore
from engine.specs.report import LeaderboardRow, Report


def show_report(report: Report, *, key: str, dataset_id: str = "") -> None:
    """Draw the whole report.   key: language-free, one per page; keys of the plots begin with it.

    dataset_id: of the pictures it was trained on, for the way to their labels.
    """
    seen = view(report)
    show_verdict(report, seen)
    names = [_("Advice"), _("Quality"), _("Columns"), _("Models"), _("Data")]
    if report.search is not None:
        names.append(_("Search"))
    if seen.pictures is not None:
        names.append(_("Pictures"))
    tabs = st.tabs(names, key=f"{key}-tabs")
    with tabs[0]:
        show_findings(report.findings)
    if report.evaluation is not None:
        with tabs[1]:
            show_quality(report.evaluation, key=key)
    with tabs[2]:
        _columns(report, seen, key=key)
    with tabs[3]:
        show_models(report.leaderboard, report.task.metric if report.task else "", key=key)
        show_learning(report, key=key)
    with tabs[4]:
        _data(report, key=key)
    if report.search is not None:
        with tabs[5]:
            show_search(report.search, key=f"{key}-search")
    if seen.pictures is not None:
        with tabs[-1]:
            show_pictures(seen.pictures, key=f"{key}-pictures", dataset_id=dataset_id)


def show_verdict(report: Report, seen: View) -> None:
    """Draw what a manager would want to know in one look."""
    found = report.evaluation
    st.markdown(f"#### {plain(tell(seen.verdict), 400)}")
    if found is None:
        return
    st.caption(
        _("Measured on {n} rows that played no part in training or choosing the model.").format(
            n=amounts.count(found.rows)
        )
    )
    items = [_figure(seen.headline)] if seen.headline is not None else []
    if seen.deciding is not None and seen.deciding != seen.headline:
        items.append(_figure(seen.deciding))
    items.append(_issues(seen.issues))
    if report.model is not None:
        items.append(
            cards.Figure(
                label=_("Model file"),
                value=amounts.size(report.model.size_bytes),
                note=_("{ms} ms for one row").format(ms=amounts.number(report.model.single_row_ms, 2))
                if report.model.single_row_ms is not None
                else "",
            )
        )
    elif seen.trained:
        items.append(cards.Figure(label=_("Models trained"), value=amounts.count(seen.trained)))
    cards.figures(items, columns=len(items))
    _rivals(seen)


def _figure(score: MetricScore) -> cards.Figure:
    note = ""
    if score.interval is not None:
        note = _("95 %: {low} to {high}").format(
            low=amounts.number(score.interval.low), high=amounts.number(score.interval.high)
        )
    return cards.Figure(
        label=tell(score.title),
        value=amounts.number(score.value),
        note=note,
        help=tell(score.help) + " " + _("Below it, where it lies with 95 % certainty."),
    )


def _issues(count: int) -> cards.Figure:
    note = _("look at them before using the model") if count else _("nothing speaks against using it")
    return cards.Figure(label=_("Issues"), value=amounts.count(count), note=note)


def _rivals(seen: View) -> None:
    if len(seen.rivals) < 2 or seen.headline is None:
        return
    better = _("more is better") if seen.headline.greater_is_better else _("less is better")
    with cards.card("rivals", tell(seen.headline.title), better):
        charts.bars(
            [tell(rival.title) for rival in seen.rivals],
            [rival.value for rival in seen.rivals],
            key="rivals",
            alt=_("This model beside a linear model and guessing"),
        )


def show_findings(findings: Sequence[Finding]) -> None:
    """Draw advice: issues before tips, each with its evidence and one action."""
    if not findings:
        st.caption(_("No finding: data, split, training and test gave no reason for one."))
    for finding in findings:
        with st.container(border=True, key=f"card-finding-{finding.code}", gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                is_issue = finding.severity == "issue"
                st.badge(
                    _("Issue") if is_issue else _("Tip"),
                    icon=":material/priority_high:" if is_issue else ":material/lightbulb:",
                    color="orange" if is_issue else "gray",
                )
                title = plain(tell(finding.title), 200)
                st.markdown(f"**{title}** :gray[:small[{plain(finding.code)}]]", width="stretch")
            st.markdown(plain(tell(finding.evidence), 600))
            place = _place(finding.option)
            told = f":material/arrow_forward: {plain(tell(finding.action), 400)}"
            st.markdown(f"{told} :gray[{place}]" if place else told)


def _place(option: str) -> str:
    """Return where a page has what a word of the command line does, "" where it has nothing of the kind."""
    control = {
        "--drop": (_("Features"), _("Use")),
        "--keep": (_("Features"), _("Use")),
        "--test-share": (_("Split"), _("Rows for the test")),
        "--split": (_("Split"), _("How rows are drawn")),
        "--seed": (_("Split"), _("Seed")),
        "--families": (_("Models"), _("Let the data decide which kinds of model to try")),
        "--metric": (_("Models"), _("What decides")),
        "--time-limit": (_("Models"), _("Time for the whole run")),
    }.get(option.partition(" ")[0])
    if control is None:
        return ""
    step, name = control
    return _("In a run: step “{step}”, “{control}”.").format(step=step, control=name)


def _columns(report: Report, seen: View, *, key: str) -> None:
    measured = report.importance.columns[:20] if report.importance is not None else ()
    if measured:
        with cards.card(
            f"{key}-importance", _("What the model leans on"), _("What is lost when a column is shuffled.")
        ):
            charts.bars(
                [column.column for column in measured],
                [max(0.0, column.loss) for column in measured],
                key=f"{key}-importance",
                alt=_("Importance of each column"),
            )
    tables.table(
        [
            tables.TableColumn(title=_("Column")),
            tables.TableColumn(title=_("Read"), kind="yes"),
            tables.TableColumn(title=_("Missing"), kind="share"),
            tables.TableColumn(title=_("Different values"), kind="integer"),
            tables.TableColumn(title=_("Example")),
            tables.TableColumn(title=_("Why")),
        ],
        [(c.name, c.used, c.missing_share, c.distinct, c.example, tell(c.reason)) for c in seen.columns],
        key=f"{key}-columns",
        alt=_("The columns, and how they are used"),
    )


def show_models(rows: Sequence[LeaderboardRow], metric: str, *, key: str) -> None:
    """Draw the leaderboard: every trained model, best first, then what was not tried and why."""
    trained = [row for row in rows if row.score is not None]
    st.caption(n_("{n:,} model was trained.", "{n:,} models were trained.", len(trained)))
    tables.table(
        [
            tables.TableColumn(title=_("Model")),
            tables.TableColumn(title=_("On validation rows"), kind="number", digits="%.5g", help=metric),
            tables.TableColumn(title=_("On training rows"), kind="number", digits="%.5g"),
            tables.TableColumn(title=_("Time")),
            tables.TableColumn(title=_("Ended")),
            tables.TableColumn(title=_("In the published model"), kind="share"),
            tables.TableColumn(title=_("Settings")),
        ],
        [
            (
                tell(row.title),
                row.score,
                row.train_score,
                amounts.seconds(row.seconds),
                stopped_word(row.stopped),
                row.weight if row.is_chosen else None,
                _settings(row.params),
            )
            for row in trained
        ],
        key=f"{key}-models",
        alt=_("Trained models with their scores"),
    )
    for row in rows:
        if row.refused:
            st.caption(f"**{plain(tell(row.title))}** — {plain(tell(row.refused), 400)}")


def _settings(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in params.items())


def _data(report: Report, *, key: str) -> None:
    pairs = []
    if report.data is not None:
        pairs += [
            (_("File"), report.data.name),
            (_("Rows"), amounts.count(report.data.rows)),
            (_("Columns"), amounts.count(report.data.columns)),
            (_("Rows that repeat"), amounts.count(report.data.duplicate_rows)),
        ]
    if report.task is not None:
        pairs.append((_("Predicts"), report.task.target))
    if report.divided is not None:
        rows = report.divided.rows
        pairs.append((_("Training / validation / test"), " / ".join(amounts.count(n) for n in rows.values())))
    if report.parity is not None:
        pairs.append((_("Proven equal"), _("on {n} rows").format(n=amounts.count(report.parity.rows))))
    if report.settings is not None:
        pairs += [
            (_("Seed"), str(report.settings.seed)),
            (_("Time taken"), amounts.seconds(report.settings.elapsed_s)),
        ]
    cards.facts(pairs, key=f"{key}-data")
    if report.split is not None and report.split.reason:
        st.caption(plain(tell(report.split.reason), 600))
    if report.imported is not None:
        for note in report.imported.notes:
            st.caption(plain(tell(note), 600))
