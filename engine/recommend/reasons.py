"""Why a configuration is recommended, in words: what it did on the sets most like this one, and how they are alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.recommend.knowledge import KnownSet
from engine.recommend.merits import Doubles, Expected, merit
from engine.recommend.meta import MetaFeatures
from engine.words import Words, words

#: From here on no known set is much like this one (1 is as far as two sets drawn at random are).
FAR = 1.2


@dataclass(frozen=True, kw_only=True)
class _Trait:
    """Something that data sets have in common.   text: what follows "with"."""

    text: Words
    holds: Callable[[MetaFeatures], bool]


#: What tells most about which model does well stands first.
_TRAITS: tuple[_Trait, ...] = (
    _Trait(text=words("very uneven classes"), holds=lambda m: m.classes > 1 and m.rarest * m.classes < 0.2),
    _Trait(text=words("many classes"), holds=lambda m: m.classes >= 6),
    _Trait(text=words("few rows"), holds=lambda m: m.rows < 800),
    _Trait(text=words("many columns"), holds=lambda m: m.columns >= 40),
    _Trait(text=words("mostly words in their columns"), holds=lambda m: m.word_share > 0.5),
    _Trait(text=words("missing values"), holds=lambda m: m.incomplete > 0.05),
    _Trait(text=words("one column that tells much by itself"), holds=lambda m: m.strongest > 0.6),
    _Trait(text=words("no column that tells much by itself"), holds=lambda m: m.strongest < 0.25),
    _Trait(text=words("numbers with long tails"), holds=lambda m: m.tailed > 0.3),
    _Trait(text=words("only numbers"), holds=lambda m: m.columns > 0 and m.numbers == m.columns),
)


def reason_for(
    configuration: str,
    meta: MetaFeatures,
    nearest: Sequence[KnownSet],
    apart: Doubles,
    expected: Expected,
    known: int,
) -> str:
    """Return the sentence.   nearest, apart: the sets that are named, and their distances.   known: sets in all."""
    like = [
        one
        for one, distance in zip(nearest, apart, strict=True)
        if distance <= FAR and configuration in one.measures
    ]
    if not like:
        return words(
            "No known data set is much like this one; over all {known} it is expected to get {share:.0%} of what "
            "the best model gains over guessing.",
            known=known,
            share=max(0.0, expected.merit),
        )
    share = sum(merit(one, one.measures[configuration]) for one in like) / len(like)
    names = ", ".join(one.name for one in like)
    trait = shared_trait(meta, like)
    if trait is None:
        return words(
            "On the known data sets most like this one ({names}) it got {share:.0%} of what the best model gained "
            "over guessing.",
            names=names,
            share=max(0.0, share),
        )
    return words(
        "On the known data sets most like this one ({names}; with {trait}, as here) it got {share:.0%} of what the "
        "best model gained over guessing.",
        names=names,
        trait=trait,
        share=max(0.0, share),
    )


def shared_trait(meta: MetaFeatures, sets: Sequence[KnownSet]) -> Words | None:
    """Return the first trait that this data set has and all of `sets` have; None where there is none."""
    return next(
        (trait.text for trait in _TRAITS if trait.holds(meta) and all(trait.holds(one.meta) for one in sets)),
        None,
    )
