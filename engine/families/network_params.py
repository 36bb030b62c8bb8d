"""What both networks share: dials of how they are trained."""

from __future__ import annotations

from engine.specs.params import Param

#: So many classes make boosting slower than a network: each costs it one tree more a round.
MANY_CLASSES = 6

SCHEDULE = Param(
    name="schedule",
    kind="choice",
    choices=("cosine", "exponential", "constant"),
    default="cosine",
    help="How the step size falls while training.",
)
BATCH_SIZE = Param(
    name="batch_size",
    kind="int",
    default=256,
    low=8,
    high=65_536,
    log=True,
    unit="rows",
    help="Rows per step; fewer where the data has few.",
)
PASSES = Param(
    name="passes",
    kind="int",
    default=40,
    low=1,
    high=1000,
    unit="passes",
    help="Most passes over the training rows.",
    searched=False,
)
