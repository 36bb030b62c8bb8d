"""The parser knows the verbs and refuses values that cannot be."""

from __future__ import annotations

import pytest

from app.cli_options import build_parser


def test_defaults() -> None:
    options = build_parser().parse_args(["run", "a.csv", "--target", "y"])
    assert (options.time_limit, options.seed, options.families, options.json) == (300.0, 0, None, False)


@pytest.mark.parametrize(
    "option",
    [
        ("--time-limit", "1"),
        ("--time-limit", "soon"),
        ("--test-share", "0.9"),
        ("--split", "fair"),
        ("--search", "luck"),
        ("--trials", "0"),
    ],
)
def test_values_out_of_range_end_with_exit_code_2(
    option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(["run", "a.csv", "--target", "y", *option])
    assert ended.value.code == 2
    assert option[0] in capsys.readouterr().err
