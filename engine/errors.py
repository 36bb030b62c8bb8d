"""Every error a person may meet: what is wrong, what was expected, what came, and one remedy."""

from __future__ import annotations


class AimassError(Exception):
    """Something went wrong that a person can mend; `remedy` is one imperative sentence that says how.

    Subclasses state who has to act through `exit_code`: 2 when the command or the data it names is wrong,
    1 when the work itself failed.
    """

    exit_code = 1

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"


class BadCommand(AimassError):
    """The command asks for something that cannot be: an unknown option value, a missing column or file."""

    exit_code = 2


class BadData(AimassError):
    """The data cannot carry this work: empty, binary, a target with one value, a class with one row."""

    exit_code = 2


class InvalidSpec(AimassError):
    """A JSON spec (schema, feature plan, parameters) does not say what its reader expects."""

    exit_code = 2


class WorkFailed(AimassError):
    """The command and the data were right, but the work could not be finished."""


class NoSpace(WorkFailed):
    """The disk is full; what was whole before is still whole."""


class ParityFailed(WorkFailed):
    """The exported file does not answer as the trained model does; nothing was published."""


class BadModel(AimassError):
    """A file that should be an AI Mass model is not one, or not the one that was published."""
