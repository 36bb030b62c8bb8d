"""What people may change about a run: every field checked against the run's own data before anything is touched."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from app.usecases.refusals import Refusal
from app.usecases.run_files import RunFiles
from engine.evaluation.metrics import METRICS, metrics_for
from engine.families import CATALOGUE as FAMILIES
from engine.families.by_hand import check_by_hand
from engine.specs.codec import from_json
from engine.specs.costs import Costs, check_costs
from engine.specs.features import FeaturePlan
from engine.specs.run import RunSpec
from engine.specs.schema import Column, Schema, Task
from engine.specs.search import SAMPLERS, SearchSpec
from engine.specs.set_names import names_sets
from engine.splitters import CATALOGUE as SPLITTERS
from engine.transforms.fitting import check_plan
from engine.words import words

#: A day of training by hand on one box is much; a week is a mistake.
TIME_LIMIT_S = (10.0, 7 * 86_400.0)
#: Below this too few rows judge, above it too few train.
TEST_SHARE = (0.05, 0.5)
MOST_SEED = 2**31 - 1


def changed_spec(files: RunFiles, fields: Mapping[str, Any]) -> RunSpec:
    """Return the run's spec with `fields` in place of its own.

    fields: of RunSpec by name, but `data` and `version`; None gives a choice back to the data.
    Raises: Refusal (or InvalidSpec for a feature plan) that says which field is wrong, and what was expected.
    """
    unknown = sorted(set(fields) - set(_CHECKS))
    if unknown:
        raise _refused(
            ", ".join(unknown), words("only {names}", names=", ".join(_CHECKS)), ", ".join(unknown)
        )
    schema = files.schema
    if schema is None:
        raise Refusal(
            words("The table of this run cannot be read."), remedy=words("Start a new run on the dataset.")
        )
    spec = files.spec
    checked = {name: _CHECKS[name](value, schema) for name, value in fields.items()}
    # One figure decides: whoever names a metric takes the costs back, and the other way round.
    for named, other in (("metric", "costs"), ("costs", "metric")):
        if checked.get(named) is not None and other not in checked:
            checked[other] = None
    if "splitter" in checked and "split_column" not in checked:
        checked["split_column"] = None if not _needs(checked["splitter"]) else spec.split_column
    changed = _without_dropped(dataclasses.replace(spec, **checked))
    _check_together(changed, schema, files)
    return changed


def differing_fields(before: RunSpec, after: RunSpec) -> tuple[str, ...]:
    """Return the names of the fields in which two specs differ."""
    names = [field.name for field in dataclasses.fields(RunSpec)]
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def checked_target(value: Any, schema: Schema) -> str:
    """Return the column to predict.   Raises: Refusal that suggests the nearest name."""
    return _column(value, schema, "target")


def checked_time_limit(value: Any, schema: Schema | None = None) -> float:
    """Return the seconds a run may work.   Raises: Refusal."""
    return _number(value, "time_limit_s", *TIME_LIMIT_S)


def _without_dropped(spec: RunSpec) -> RunSpec:
    """A plan as it is shown lists dropped columns too; as it is kept it speaks only of those that may be used."""
    if spec.plan is None:
        return spec
    left = tuple(one for one in spec.plan.columns if one.use or one.column not in spec.drop)
    return dataclasses.replace(spec, plan=dataclasses.replace(spec.plan, columns=left))


def _check_together(spec: RunSpec, schema: Schema, files: RunFiles) -> None:
    """Check what no field can say alone."""
    if spec.target in spec.drop:
        raise _refused("drop", words("columns other than the target"), spec.target)
    both = sorted(set(spec.drop) & set(spec.keep))
    if both:
        raise _refused("keep", words("columns that are not dropped as well"), ", ".join(both))
    left = [name for name in schema.names if name != spec.target and name not in spec.drop]
    if not left:
        raise _refused("drop", words("at least one column left to learn from"), words("none"))
    need = _needs(spec.splitter)
    if need and spec.split_column is None:
        raise _refused("split_column", words("a column for this split"), words("none"))
    if spec.split_column is not None and not need:
        raise _refused("split_column", words("none for this split"), spec.split_column)
    if spec.split_column == spec.target:
        raise _refused("split_column", words("a column other than the target"), spec.target)
    if spec.split_column is not None and need == "time":
        _check_time(schema.column(spec.split_column))
    facts = files.profile.by_name if files.profile else {}
    named = facts.get(spec.split_column or "")
    if need == "set" and named is not None and not names_sets(named):
        raise _refused("split_column", words("a column that names training and test"), spec.split_column)
    _check_metric(spec, files)
    if spec.plan is not None:
        check_plan(spec.plan, schema.without(spec.target, *spec.drop))


def _check_time(column: Column) -> None:
    if column.physical == "string" and column.datetime_format is None:
        raise _refused("split_column", words("a column of dates or numbers"), column.name)


def _check_metric(spec: RunSpec, files: RunFiles) -> None:
    task = spec.task or (files.task.task if files.task is not None else None)
    if spec.metric is not None and spec.costs is not None:
        raise _refused("costs", words("none beside a metric"), spec.metric)
    if task is None or spec.target != files.spec.target:
        return
    if spec.costs is not None and task != "binary":
        raise _refused("costs", words("none for a target that does not have two classes"), spec.target)
    known = files.task.classes if files.task is not None and files.task.task == task else None
    fitting = [one.name for one in metrics_for(task, known)]
    if spec.metric is not None and spec.metric not in fitting:
        raise _refused("metric", words("one of {names}", names=", ".join(fitting)), spec.metric)


def _needs(splitter: str | None) -> str:
    return next((one.needs for one in SPLITTERS if one.name == splitter), "")


def _column(value: Any, schema: Schema, field: str) -> str:
    if isinstance(value, str) and value in schema.by_name:
        return value
    near = difflib.get_close_matches(str(value)[:200], schema.names, n=1, cutoff=0.5)
    expected = (
        words("a column such as {near!r}", near=near[0])
        if near
        else words("one of the columns {names}", names=", ".join(schema.names[:20]))
    )
    raise _refused(field, expected, value)


def _columns(field: str) -> Callable[[Any, Schema], tuple[str, ...]]:
    def check(value: Any, schema: Schema) -> tuple[str, ...]:
        names = _several(value, field)
        return tuple(dict.fromkeys(_column(name, schema, field) for name in names))

    return check


def _choice(field: str, names: Sequence[str]) -> Callable[[Any, Schema], str | None]:
    def check(value: Any, schema: Schema) -> str | None:
        if value is None or (isinstance(value, str) and value in names):
            return value
        raise _refused(field, words("one of {names}", names=", ".join(names)), value)

    return check


def _families(value: Any, schema: Schema) -> tuple[str, ...] | None:
    if value is None:
        return None
    names = [member.name for member in FAMILIES]
    asked = _several(value, "families")
    wrong = [name for name in asked if name not in names]
    if wrong or not asked:
        raise _refused("families", words("one or more of {names}", names=", ".join(names)), wrong)
    return tuple(dict.fromkeys(asked))


def _several(value: Any, field: str) -> list[str]:
    if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(v, str) for v in value):
        return list(value)
    raise _refused(field, words("a list of names"), value)


def _number(value: Any, field: str, low: float, high: float) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not low <= value <= high:
        raise _refused(field, words("a number from {low:g} to {high:g}", low=low, high=high), value)
    return float(value)


def _test_share(value: Any, schema: Schema) -> float | None:
    return None if value is None else _number(value, "test_share", *TEST_SHARE)


def _seed(value: Any, schema: Schema) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_SEED:
        raise _refused("seed", words("a whole number from 0 to {most}", most=MOST_SEED), value)
    return value


def _costs(value: Any, schema: Schema) -> Costs | None:
    """Costs of errors are a spec, or its two numbers by name."""
    if value is None or isinstance(value, Costs):
        costs = value
    elif isinstance(value, Mapping):
        costs = from_json(Costs, value, "costs")
    else:
        raise _refused("costs", words("the cost of each error, by name"), value)
    if costs is not None:
        check_costs(costs)
    return costs


def _split_column(value: Any, schema: Schema) -> str | None:
    return None if value is None else _column(value, schema, "split_column")


def _plan(value: Any, schema: Schema) -> FeaturePlan | None:
    if value is None or isinstance(value, FeaturePlan):
        return value
    return from_json(FeaturePlan, value, "plan")


def _search(value: Any, schema: Schema) -> SearchSpec | None:
    """A search is asked for by its sampler's name, or as a whole spec."""
    if value is None or isinstance(value, SearchSpec):
        spec = value
    elif isinstance(value, Mapping):
        spec = from_json(SearchSpec, value, "search")
    elif isinstance(value, str) and value in SAMPLERS:
        spec = from_json(SearchSpec, {"sampler": value}, "search")
    else:
        raise _refused("search", words("one of {names}", names=", ".join(SAMPLERS)), value)
    if spec is not None:
        spec.check()
    return spec


def _params(value: Any, schema: Schema) -> dict[str, Any]:
    """Dials set by hand are "family.param" → value; None, for the whole or for one, gives it back to the data."""
    if value is not None and not isinstance(value, Mapping):
        raise _refused("params", words("values by family and name, such as lightgbm.leaves"), value)
    params = {str(name): given for name, given in (value or {}).items() if given is not None}
    check_by_hand(params)
    return params


#: Field → what returns its checked value.
_CHECKS: Mapping[str, Callable[[Any, Schema], Any]] = {
    "target": checked_target,
    "task": _choice("task", get_args(Task)),
    "metric": _choice("metric", [one.name for one in METRICS]),
    "costs": _costs,
    "families": _families,
    "time_limit_s": checked_time_limit,
    "splitter": _choice("splitter", [one.name for one in SPLITTERS]),
    "split_column": _split_column,
    "test_share": _test_share,
    "keep": _columns("keep"),
    "drop": _columns("drop"),
    "plan": _plan,
    "seed": _seed,
    "search": _search,
    "params": _params,
}


def _refused(field: str, expected: str, received: Any) -> Refusal:
    return Refusal(
        words(
            "The setting {field!r} cannot be used. Expected: {expected}. Received: {received!r}.",
            field=field,
            expected=expected,
            received=str(received)[:200],
        ),
        remedy=words("Correct the setting {field!r}.", field=field),
    )
