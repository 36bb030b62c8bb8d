"""Changes on a step's page that are not saved yet, while somebody else may save theirs.

Every draw of a page reads the run anew. Without a memory, what one person has ticked would be laid over what another
one saved in the meantime, or vanish. So the page remembers the revision on which its unsaved changes stand: widgets
carry it in their keys, changes are saved against it, and the use case refuses them when it is no longer the run's own.
"""

from __future__ import annotations

import streamlit as st

from app.ui import frame
from app.ui.language import _
from app.usecases.runs import RunView


def base_of(run: RunView) -> int:
    """Return the revision on which this visitor's unsaved changes stand. Keys of the step's widgets end with it."""
    return int(st.session_state.setdefault(_key(run), run.record.revision))


def settle(run: RunView, *, is_changed: bool) -> None:
    """Go on to the run's newest revision: at once where nothing is unsaved, else when the visitor says so.

    is_changed: something on the page is not as it is saved.
    """
    if base_of(run) == run.record.revision:
        return
    if not is_changed:
        forget(run)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="outdated"):
        frame.notice(
            _("This run was changed after you opened it. Your own changes are not saved yet."),
            icon=":material/sync_problem:",
        )
        if st.button(_("Show it as it is now"), icon=":material/refresh:", key="show-newest"):
            forget(run)
            st.rerun()


def forget(run: RunView) -> None:
    """Let the next draw begin from the run as it is then."""
    st.session_state.pop(_key(run), None)


def _key(run: RunView) -> str:
    return f"base-{run.record.id}"
