"""On real tables the column that people predict is among the first that are proposed, with the task it would ask."""

from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from engine.files import read_json
from engine.modalities.table import ImportLimits, import_table, profile_table
from engine.modalities.table.targets import TargetIdea, rank_targets
from engine.modalities.table.task import infer_task
from engine.specs.codec import from_json
from engine.specs.schema import Schema

LIMITS = ImportLimits(memory_bytes=1 << 28, threads=1)


def ideas_of(text: str, folder: Path) -> tuple[TargetIdea, ...]:
    (folder / "t.csv").write_text(text)
    (folder / "out").mkdir()
    import_table(folder / "t.csv", folder / "out", limits=LIMITS, progress=lambda share: None)
    schema = from_json(Schema, read_json(folder / "out" / "schema.json"))
    profile = profile_table(folder / "out" / "data.parquet", schema, target=None, limits=LIMITS)
    ideas = rank_targets(schema, profile)
    for idea in ideas:
        # What is proposed can be asked, and asks what was said.
        task = infer_task(
            schema,
            profile,
            target=idea.column,
            data=folder / "out" / "data.parquet",
            requested=None,
        )
        assert task.task == idea.task and idea.why.endswith(".")
    return ideas


@pytest.mark.slow
@pytest.mark.parametrize(
    ("load", "task"),
    [
        (load_iris, "multiclass"),
        (load_wine, "multiclass"),
        (load_breast_cancer, "binary"),
        (load_diabetes, "regression"),
    ],
)
def test_the_target_of_known_tables_comes_first(load, task: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    frame = load(as_frame=True).frame
    first = ideas_of(frame.to_csv(index=False), tmp_path)[0]
    assert (first.column, first.task) == ("target", task)


def test_a_name_says_more_than_a_place(tmp_path: Path) -> None:
    rows = "".join(f"{i},{'yes' if i % 3 else 'no'},{i * 7 % 11},{i * 0.37:.2f}\n" for i in range(60))
    ideas = ideas_of("row_id,churned,visits,spent\n" + rows, tmp_path)
    assert ideas[0].column == "churned" and "row_id" not in [idea.column for idea in ideas[:2]]


def test_chinese_names_are_understood(tmp_path: Path) -> None:
    rows = "".join(f"{i * 3 % 17},{i * 0.5},{'是' if i % 2 else '否'},{i % 5}\n" for i in range(50))
    assert ideas_of("年龄,面积,是否流失,楼层\n" + rows, tmp_path)[0].column == "是否流失"


def test_a_table_that_cannot_be_learned_proposes_nothing(tmp_path: Path) -> None:
    assert ideas_of("a,b\n1,x\n2,y\n", tmp_path) == ()
