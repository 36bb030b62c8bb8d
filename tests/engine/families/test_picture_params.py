"""Dials of pictures are declared once, each with a name of its own."""

from __future__ import annotations

from engine.families import picture_params
from engine.specs.params import complete


def test_every_dial_has_a_name_of_its_own() -> None:
    dials = (
        picture_params.width(32),
        picture_params.depth(2, "blocks"),
        *picture_params.TRAINING,
        *picture_params.AUGMENTATION,
    )
    values = complete(dials, {}, "pictures")
    assert len(values) == len(dials)
    assert (values["width"], values["depth"]) == (32, 2)


def test_few_dials_are_searched() -> None:
    searched = {param.name for param in picture_params.AUGMENTATION if param.searched}
    assert searched == {"strength", "cutout", "mixup", "cutmix"}
