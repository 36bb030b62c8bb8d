"""An error carries what a person needs: the words, the remedy, the exit code."""

from __future__ import annotations

import pytest

from engine.errors import (
    AimassError,
    BadCommand,
    BadData,
    BadModel,
    InvalidSpec,
    NoSpace,
    ParityFailed,
    WorkFailed,
)


def test_it_reads_as_message_then_remedy() -> None:
    error = BadData("The file is empty.", remedy="Give a file with rows.")
    assert str(error) == "The file is empty. Give a file with rows."
    assert (error.message, error.remedy) == ("The file is empty.", "Give a file with rows.")


def test_a_remedy_cannot_be_left_out() -> None:
    with pytest.raises(TypeError, match="remedy"):
        BadData("The file is empty.")  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", [BadCommand, BadData, InvalidSpec])
def test_what_the_person_must_change_exits_with_2(kind: type[AimassError]) -> None:
    assert kind.exit_code == 2


@pytest.mark.parametrize("kind", [WorkFailed, NoSpace, ParityFailed, BadModel])
def test_what_failed_while_working_exits_with_1(kind: type[AimassError]) -> None:
    assert kind.exit_code == 1
