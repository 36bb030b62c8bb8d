"""Step "features" of a run on pictures: the size they are seen at, and how they are varied while training."""

from __future__ import annotations

import streamlit as st

from app.ui import cards, frame, tables
from app.ui.language import _, tell
from app.ui.pictures.gallery import picture_grid
from app.ui.plain import plain
from app.ui.visit import Visit
from app.ui.walk import unsaved, ways
from app.usecases import jobs, picture_plan
from app.usecases.picture_plan import PicturePlan
from app.usecases.runs import RunView
from engine.specs.params import Param


def side_of(run: RunView, plan: PicturePlan, *, is_locked: bool) -> int:
    """Draw the size that models see the pictures at, with its reason, and return what is wanted."""
    with cards.card("side", _("Size")):
        side = st.select_slider(
            _("Pictures are made so many pixels wide and high"), plan.sides, value=plan.side,
            format_func=lambda n: f"{n} × {n}", key=f"side-{run.record.id}-{unsaved.base_of(run)}",
            disabled=is_locked,
            help=_("Any size comes in; the model itself makes it this one. More shows finer things and takes longer."),
        )  # fmt: skip
        st.caption(f":material/lightbulb: {plain(tell(plan.reason), 400)}")
    return int(side)


def varied(here: Visit, run: RunView, plan: PicturePlan) -> None:
    """Draw how training pictures are varied, and what that makes of some of the reader's own."""
    with cards.card(
        "varied", _("Variety"),
        _("While training, every picture is a little different each time, so that networks learn what matters. "
          "Published models see pictures as they are."),
        fill=False,
    ):  # fmt: skip
        job = picture_plan.preview_of(here.box, here.who, run.record.id)
        if job is None or job.state in ("cancelled", "failed", "lost"):
            if job is not None and job.state != "cancelled":
                frame.notice(job.message or _("The pictures could not be varied."), job.remedy or "")
            if st.button(_("Show it on my pictures"), icon=":material/visibility:", key="preview-pictures"):
                picture_plan.ask_preview(here.box, here.who, run.record.id)
                st.rerun()
        elif job.state in ways.ACTIVE:
            _wait(here, job.id)
        else:
            _shown(
                job.id, int((job.result or {}).get("pictures", 0)), int((job.result or {}).get("times", 1))
            )
        with st.expander(_("What is varied"), icon=":material/tune:"):
            _declared(plan)


def _wait(here: Visit, job_id: str) -> None:
    def waiting() -> None:
        now = jobs.get_job(here.box, here.who, job_id)
        if now.state not in ways.ACTIVE:
            st.rerun()
        cards.progress(now.share, now.note)

    frame.live(waiting, every_s=ways.LOOK_S, key="varying")


def _shown(job_id: str, count: int, times: int) -> None:
    first = _("as it is")
    picture_grid(
        [f"/pictures/preview/{job_id}/{number}" for number in range(count)],
        [first if number % (times + 1) == 0 else _("varied") for number in range(count)],
        key="preview",
    )


def _declared(plan: PicturePlan) -> None:
    tables.table(
        [tables.TableColumn(title=_("Change")), tables.TableColumn(title=_("At most"))],
        [(tell(param.help), _amount(param)) for param in plan.varied if param.name != "strength"],
        key="varied-table",
        alt=_("How training pictures are varied, and how far"),
    )
    st.caption(_("A search also tries how strong all of it is."))


def _amount(param: Param) -> str:
    if param.kind == "choice":
        return {"auto": _("as it fits"), "none": _("off")}.get(param.default, str(param.default))
    if not param.default:
        return _("off")
    return f"{param.default:g} °" if param.unit == "degrees" else f"{param.default:.0%}"
