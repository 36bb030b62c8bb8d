"""One published model: its versions, its card, its report, its file; and the way to a service."""

from __future__ import annotations

import streamlit as st

from app.ui import amounts, cards, dialogs, frame, links, tables
from app.ui.language import _, tell
from app.ui.plain import plain, short
from app.ui.report import show_report
from app.ui.terms import family_word, metric_word, task_word
from app.ui.visit import Visit, visit
from app.usecases import models, services
from app.usecases.models import ModelView
from engine.specs.bundle import InputFacts, ModelCard
from store.models import ModelVersion

_LONGEST_TITLE = 200
_LONGEST_TEXT = 2000


def main() -> None:
    """Draw the page."""
    here = visit()
    asked = frame.asked("version")
    view = models.get_model(
        here.box, here.who, frame.asked("name"), int(asked) if asked.isdecimal() else None
    )
    version = view.shown
    caption = f"{plain(view.model.name)} · {_('version {n}').format(n=version.version)}"
    if version.withdrawn_at is not None:
        caption += f" · {_('withdrawn')}"
    with frame.head(plain(view.model.title or view.model.name), caption, back="models"):
        if version.withdrawn_at is None and st.button(
            _("Deploy"), type="primary", icon=":material/rocket_launch:", key="deploy"
        ):
            _deploy(here, view, version)
    if view.model.description:
        st.markdown(plain(view.model.description, 2000))
    for service in view.services:
        links.link(
            "service",
            _("Answers as the service {name}").format(name=plain(service.name)),
            icon=":material/hub:",
            name=service.name,
        )
    _facts(view, version)
    _files(view, version)
    tabs = st.tabs([_("Report"), _("Card"), _("Versions")], key="model-parts")
    with tabs[0]:
        if view.report is not None:
            show_report(view.report, key="model")
    with tabs[1]:
        _card(view.card)
        _inputs(view.card)
        _describe(here, view)
    with tabs[2], tables.rows("versions"):
        _versions(here, view, version)


def _facts(view: ModelView, version: ModelVersion) -> None:
    figures = [
        cards.Figure(
            label=metric_word(version.metric),
            value=amounts.number(version.score),
            note=_("guessing gets {score}").format(score=amounts.number(version.baseline))
            if version.baseline is not None
            else "",
            help=_("On test rows that the model never saw."),
        ),
        cards.Figure(label=_("Trained on"), value=amounts.count(version.rows), note=_("rows")),
        cards.Figure(label=_("File"), value=amounts.size(version.bytes), note="ONNX"),
        cards.Figure(label=_("Predicts"), value=short(version.target, 24), note=task_word(version.task)),
    ]
    cards.figures(figures)


def _files(view: ModelView, version: ModelVersion) -> None:
    name = view.model.name
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(
            _("Model file"),
            f"/download/models/{name}/{version.version}/model.onnx",
            icon=":material/download:",
            help=_("One ONNX file. Prove it anywhere: aimass verify model.onnx"),
        )
        st.link_button(
            _("Report as a page"), f"/report/{name}/{version.version}", icon=":material/description:"
        )
        st.caption(f"SHA-256 {version.sha256[:16]}…")


def _versions(here: Visit, view: ModelView, shown: ModelVersion) -> None:
    for version in view.versions:
        state = "withdrawn" if version.withdrawn_at is not None else "ready"
        label = _("Version {n}").format(n=version.version)
        if version.version == shown.version:
            label += f" · {_('shown')}"
        with tables.row(
            f"version-{version.version}",
            label,
            to="model",
            params={"name": view.model.name, "version": str(version.version)},
            caption=" · ".join(
                (
                    amounts.moment(version.created_at),
                    f"{metric_word(version.metric)} {amounts.number(version.score)}",
                )
            ),
        ):
            cards.state_badge(state)
            links.link("walk", _("Its run"), run=version.run_id)
            if version.withdrawn_at is None and st.button(
                _("Withdraw"),
                key=f"withdraw-{version.version}",
                type="tertiary",
                disabled=not models.may_withdraw(here.who, version),
                help=None
                if models.may_withdraw(here.who, version)
                else _("Only who published it and administrators may withdraw a version."),
            ):
                _withdraw(here, view, version)


def _withdraw(here: Visit, view: ModelView, version: ModelVersion) -> None:
    def act() -> None:
        models.withdraw_version(here.box, here.who, view.model.name, version.version)
        links.go("model", name=view.model.name)

    dialogs.confirm(
        _("Withdraw version {n}?").format(n=version.version),
        _("It can no longer be deployed. Its file and report stay for the record."),
        act=act,
        verb=_("Withdraw"),
        key="withdraw-dialog",
    )


def _card(card: ModelCard) -> None:
    with cards.card("model-card", _("Model card")):
        cards.facts(
            [
                (_("Made from"), card.dataset.name),
                (_("Rows"), amounts.count(card.dataset.rows)),
                (_("Columns"), amounts.count(card.dataset.columns)),
                (
                    _("Consists of"),
                    ", ".join(
                        f"{family_word(member.family)} {amounts.share(member.weight)}"
                        for member in card.members
                    ),
                ),
            ],
            key="card",
        )
        if card.threshold is not None:
            st.caption(
                _(
                    "The answer is the second of its two classes where that one's probability is above {threshold}."
                ).format(threshold=amounts.share(card.threshold))
            )
        if card.intervals is not None:
            st.caption(
                _(
                    "Its bounds promise to hold {level} of the rows; of the test rows they held {share}."
                ).format(
                    level=amounts.share(card.intervals.margins.level),
                    share=amounts.share(card.intervals.coverage),
                )
            )
        if card.parity is not None:
            st.caption(
                _("Proven equal to the trained model on {n} rows; largest difference {d}.").format(
                    n=amounts.count(card.parity.rows), d=f"{card.parity.max_difference:.2g}"
                )
            )
        for limit in card.limits:
            st.caption(f":material/warning: {plain(tell(limit), 400)}")


def _inputs(card: ModelCard) -> None:
    if not card.inputs:
        return
    with cards.card("inputs", _("What it reads")):
        tables.table(
            [
                tables.TableColumn(title=_("Column")),
                tables.TableColumn(title=_("From"), kind="number"),
                tables.TableColumn(title=_("Middle"), kind="number"),
                tables.TableColumn(title=_("To"), kind="number"),
                tables.TableColumn(title=_("Values")),
                tables.TableColumn(title=_("May be missing"), kind="yes"),
            ],
            [(one.name, one.low, one.median, one.high, _values(one), one.has_missing) for one in card.inputs],
            key="inputs",
            alt=_("The columns the model reads"),
        )


def _values(facts: InputFacts) -> str:
    """Return the first of a column's values; of pictures their usual size."""
    if facts.width and facts.height:
        return f"{facts.width:g} × {facts.height:g}"
    return ", ".join(facts.choices[:8])


def _deploy(here: Visit, view: ModelView, version: ModelVersion) -> None:
    @st.dialog(_("Deploy as a service"), icon=":material/rocket_launch:")
    def ask() -> None:
        with frame.guard():
            st.caption(_("Programs ask the service by its name; a new version takes over without a gap."))
            name = st.text_input(_("Service name"), value=view.model.name, max_chars=63, key="service-name")
            if st.button(_("Deploy"), type="primary", icon=":material/rocket_launch:", key="deploy-do"):
                service = services.deploy(
                    here.box, here.who, name=name or "", model=view.model.name, version=version.version
                )
                links.go("service", name=service.name)

    ask()


def _describe(here: Visit, view: ModelView) -> None:
    with st.expander(_("Describe it"), icon=":material/edit:"), st.form("describe", border=False):
        title = st.text_input(
            _("Title"), value=view.model.title, max_chars=_LONGEST_TITLE, key="describe-title"
        )
        text = st.text_area(
            _("What it is for"),
            value=view.model.description,
            max_chars=_LONGEST_TEXT,
            key="describe-text",
        )
        if st.form_submit_button(_("Save"), icon=":material/save:", key="describe-do"):
            with frame.guard():
                models.describe_model(
                    here.box, here.who, view.model.name, title=title or "", description=text or ""
                )
                links.go("model", name=view.model.name)


main()
