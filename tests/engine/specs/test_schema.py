"""A schema finds its columns, and says what a model takes in."""

from __future__ import annotations

import pytest

from engine.errors import InvalidSpec
from engine.specs.schema import Column, Schema

AGE = Column(name="age", source_name=" Age", physical="double", semantic="number")
YEAR = Column(name="year", source_name="year", physical="int64", semantic="number")
CITY = Column(name="city", source_name="city", physical="string", semantic="category")
SCHEMA = Schema(columns=(AGE, YEAR, CITY))


@pytest.mark.parametrize(("column", "given"), [(AGE, "float"), (YEAR, "float"), (CITY, "string")])
def test_numbers_enter_a_model_as_float_and_all_else_as_string(column: Column, given: str) -> None:
    assert column.input_type == given


def test_columns_are_found_by_name_in_file_order() -> None:
    assert SCHEMA.names == ("age", "year", "city")
    assert SCHEMA.column("year") is YEAR
    assert SCHEMA.by_name == {"age": AGE, "year": YEAR, "city": CITY}


def test_a_name_that_is_not_there_is_refused_with_the_names_that_are() -> None:
    with pytest.raises(InvalidSpec, match=r"'Age'.*\['age', 'year', 'city'\]"):
        SCHEMA.column("Age")


def test_leaving_columns_out_keeps_the_rest_as_it_was() -> None:
    assert SCHEMA.without("year", "not there") == Schema(columns=(AGE, CITY))
    assert SCHEMA.names == ("age", "year", "city")
