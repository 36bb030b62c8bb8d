"""Advice on how training on pictures went."""

from __future__ import annotations

from engine.advice import training
from engine.advice.rule import Facts, Rule, Values


class KnowsItsPictures(training.OverfitGap):
    code = "AM351"
    title = "The model knows its training pictures much better than others"
    why = (
        "A network can learn a few hundred pictures by heart. Some gap is normal, so it is measured in what was gained "
        "over guessing, with the same limits as for tables (AM301); pictures that are varied more while training are "
        "what closes it first. Source: Shorten and Khoshgoftaar, Image Data Augmentation for Deep Learning, 2019."
    )
    evidence = (
        "{title}: {train:figure} on training pictures, {valid:figure} in validation. {lost:.0f} % of what it gains "
        "over guessing ({baseline:figure}) does not carry over."
    )
    action = "Try stronger augmentation, or collect more pictures."
    option = ""

    def measure(self, facts: Facts) -> Values | None:
        return self.gap(facts) if facts.reads_pictures else None


RULES: tuple[Rule, ...] = (KnowsItsPictures(),)
