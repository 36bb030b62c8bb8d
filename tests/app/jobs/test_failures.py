"""Every way to end has a class, a sentence and a remedy."""

from __future__ import annotations

import errno
import signal

import duckdb
import pytest

from app.jobs import failures
from app.jobs.failures import EXIT_NO_SPACE, EXIT_NOT_WANTED, Failure, explain, explain_end, explain_refusal
from engine.errors import BadData, BadModel, NoSpace, ParityFailed, WorkFailed


@pytest.mark.parametrize(
    ("error", "error_class"),
    [
        (BadData("It is bad.", remedy="Mend it."), "USER"),
        (BadModel("It is bad.", remedy="Mend it."), "USER"),
        (WorkFailed("It failed.", remedy="Repeat it."), "RESOURCE"),
        (NoSpace("It is full.", remedy="Free some."), "RESOURCE"),
        (ParityFailed("They differ.", remedy="Report it."), "BUG"),
        (MemoryError(), "RESOURCE"),
        (OSError(errno.ENOSPC, "No space left on device"), "RESOURCE"),
        (OSError(errno.EDQUOT, "Quota"), "RESOURCE"),
        (OSError(errno.EFBIG, "File too large"), "RESOURCE"),
        (duckdb.OutOfMemoryException("no"), "RESOURCE"),
        (duckdb.IOException("Could not write: No space left on device"), "RESOURCE"),
        (duckdb.InternalException("assertion"), "BUG"),
        (KeyError("secret"), "BUG"),
    ],
)
def test_an_error_has_its_class(error: Exception, error_class: str) -> None:
    failure = explain(error)
    assert (failure.state, failure.error_class) == ("failed", error_class)
    assert_is_told(failure)
    assert "secret" not in failure.message


@pytest.mark.parametrize(
    ("code", "state", "error_class", "words"),
    [
        (-signal.SIGKILL, "lost", "INFRA", "SIGKILL"),
        (-signal.SIGBUS, "lost", "INFRA", "SIGBUS"),
        (-200, "lost", "INFRA", "200"),
        (-signal.SIGXCPU, "failed", "RESOURCE", "processor time"),
        (None, "lost", "INFRA", "vanished"),
        (0, "lost", "INFRA", "vanished"),
        (EXIT_NOT_WANTED, "lost", "INFRA", "vanished"),
        (EXIT_NO_SPACE, "failed", "RESOURCE", "disk is full"),
        (1, "failed", "BUG", "code 1"),
    ],
)
def test_an_end_without_a_word_has_its_class(
    code: int | None, state: str, error_class: str, words: str
) -> None:
    failure = explain_end(code, was_short_of_memory=False)
    assert (failure.state, failure.error_class) == (state, error_class)
    assert words in failure.message
    assert_is_told(failure)


def test_a_kill_while_memory_ran_out_is_one_for_memory() -> None:
    assert explain_end(-signal.SIGKILL, was_short_of_memory=True).error_class == "RESOURCE"
    assert explain_end(-signal.SIGSEGV, was_short_of_memory=True).error_class == "INFRA"


def test_what_the_system_refuses_is_named() -> None:
    assert "Too many open files" in explain_refusal(OSError(errno.EMFILE, "Too many open files")).message
    assert explain_refusal(OSError(errno.ENOSPC, "x")).message == failures.full_disk().message
    assert explain_refusal(KeyError("kind")).error_class == "BUG"
    assert "RecursionError" in explain_refusal(RecursionError()).message
    for failure in (failures.never_started(), failures.folder_gone()):
        assert_is_told(failure)
        assert failure.state == "lost"


def assert_is_told(failure: Failure) -> None:
    assert failure.message.endswith(".") and failure.remedy.endswith(".")
    event = failure.as_event()
    assert event["event"] == "outcome" and event["message"] == failure.message
