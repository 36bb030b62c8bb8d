"""The machine: is it well, and if not, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from app.ui import amounts
from app.ui.cards import Figure, card, facts, figures
from app.ui.frame import error_box, head, section
from app.ui.language import _, tell
from app.ui.people import browser_word, role_word
from app.ui.plain import plain
from app.ui.tables import TableColumn, table
from app.ui.visit import visit
from app.usecases.doctor import LIBRARIES
from app.usecases.system import GRAPHICS, LOW_DISK_BYTES, LOW_MEMORY_SHARE, SystemView, system_view
from app.usecases.weights import adding_command, weights_of
from engine.families.trained_networks import BY_NAME, NETWORKS
from engine.families.weights import Weights


def main() -> None:
    """Draw the page."""
    here = visit()
    seen = system_view(here.box, here.who)
    with head(_("System"), _("The machine that everything runs on.")):
        st.button(_("Look again"), key="again", icon=":material/refresh:")
    _troubles(seen)
    _figures(seen)
    left, right = st.columns(2, gap="medium")
    with left, card("box", _("This installation")):
        _box(seen)
    with right, card("checks", _("Devices and libraries")):
        _checks(seen)
    if here.who.role == "admin":
        _weights(weights_of(here.box, here.who), adding_command(here.box))
    section(_("Signed in now"))
    table(
        [
            TableColumn(title=_("Person")),
            TableColumn(title=_("Role")),
            TableColumn(title=_("Last seen")),
            TableColumn(title=_("From")),
            TableColumn(title=_("Browser")),
        ],
        [
            (p.display, role_word(p.role), amounts.ago(p.seen_at), p.address, browser_word(p.agent))
            for p in seen.present
        ],
        key="present", alt=_("Who is signed in now"),
    )  # fmt: skip


def _weights(held: Sequence[Weights], command: str) -> None:
    """Draw the weights of networks that others trained.   command: that adds some, at the machine's console."""
    section(
        _("Trained networks"),
        _("Weights that were imported as files: with them, a model of pictures needs few of your own."),
    )
    if held:
        table(
            [
                TableColumn(title=_("Network")),
                TableColumn(title=_("File")),
                TableColumn(title=_("Size")),
                TableColumn(title="SHA-256"),
                TableColumn(title=_("Added")),
                TableColumn(title=_("Where it is from")),
            ],
            [
                (
                    BY_NAME[one.network].title if one.network in BY_NAME else one.network,
                    one.original,
                    amounts.size(one.bytes),
                    one.sha256[:12],
                    f"{amounts.ago(datetime.fromisoformat(one.added_at))}, {one.added_by}",
                    one.source or "–",
                )
                for one in held
            ],
            key="weights", alt=_("Weights of trained networks"),
        )  # fmt: skip
    st.caption(_("Add a file of weights at this machine's own console:"))
    st.code(command, language=None, wrap_lines=True)
    st.caption(_("NETWORK is one of {names}.").format(names=", ".join(one.name for one in NETWORKS)))


def _checks(seen: SystemView) -> None:
    """Draw what the doctor found of devices and libraries; what fails stands above, with its remedy."""
    graphics = next((check for check in seen.checks if check.name == GRAPHICS), None)
    libraries = [check for check in seen.checks if check.ok and check.name in LIBRARIES]
    cards = plain(graphics.found, 300) if graphics and graphics.ok else ""
    if cards.startswith("none"):
        cards = _("None: training uses the processor.")
    facts(
        [
            (_("Processor"), _("{name}, {n} threads").format(name=seen.processor, n=seen.threads)),
            (_("Graphics cards"), cards or "–"),
            (_("Operating system"), seen.system),
            (_("Libraries"), " · ".join(f"{one.name} {one.found.rpartition(' ')[2]}" for one in libraries)),
        ],
        key="checks", columns=1,
    )  # fmt: skip


def _troubles(seen: SystemView) -> None:
    """Say what needs a person, and what they should do."""
    if seen.plane == "silent":
        error_box(
            _("The inference plane does not answer on port {port}: services give no answers now.").format(
                port=seen.inference_port
            ),
            _("Wait half a minute; if it stays silent, stop and start `aimass serve`."),
        )
    if seen.disk_free_bytes < LOW_DISK_BYTES:
        error_box(
            _("Only {free} are left on the disk.").format(free=amounts.size(seen.disk_free_bytes)),
            _("Delete datasets and runs that nobody needs, or move the data folder to a larger disk."),
        )
    for check in seen.checks:
        if not check.ok:
            error_box(f"{tell(check.name)}: {tell(check.found)}.", check.remedy)


def _figures(seen: SystemView) -> None:
    memory = seen.memory_free_bytes or 0
    tight = bool(seen.memory_bytes) and memory < LOW_MEMORY_SHARE * (seen.memory_bytes or 1)
    figures(
        [
            Figure(
                label=_("Processor"),
                value=amounts.share(min(1.0, seen.load / max(1, seen.threads))),
                note=_("of {n} threads busy").format(n=seen.threads),
            ),
            Figure(
                label=_("Memory free"),
                value=amounts.size(seen.memory_free_bytes),
                note=_("tight") if tight else _("of {total}").format(total=amounts.size(seen.memory_bytes)),
            ),
            Figure(
                label=_("Disk free"),
                value=amounts.size(seen.disk_free_bytes),
                note=_("of {total}").format(total=amounts.size(seen.disk_bytes)),
            ),
            Figure(
                label=_("Inference plane"),
                value=_("answers") if seen.plane == "answers" else _("silent"),
                note=_("port {port}").format(port=seen.inference_port),
            ),
        ]
    )


def _days(days: float) -> str:
    return _("{n} days").format(n=amounts.number(days))


def _box(seen: SystemView) -> None:
    up = (datetime.now(UTC) - seen.started_at).total_seconds()
    facts(
        [
            (_("Version"), seen.version),
            (_("Running for"), amounts.seconds(up)),
            (_("Address"), seen.address),
            (_("Ports"), f"{seen.port}, {seen.inference_port}"),
            (_("Data folder"), str(seen.folder)),
            (_("Database"), amounts.size(seen.database_bytes)),
            (_("Memory of the portal"), amounts.size(seen.own_bytes)),
            ("Python", seen.python),
            (_("Answers of files are kept"), _days(seen.keep_answers_days)),
            (_("Finished jobs are kept"), _days(seen.keep_jobs_days)),
            (_("Who did what is kept"), _days(seen.keep_audit_days)),
        ],
        key="box", columns=2,
    )  # fmt: skip


main()
