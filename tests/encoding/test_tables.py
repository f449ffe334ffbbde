"""Codes tell aliases apart and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_general.encoding import Encoding
from iml_general.encoding.tables import code_table, distinct_digits
from iml_general.errors import UsageError
from iml_general.options import configure

KINDS = ["bits", "dense", "one-hot", "ordinal"]


@given(kind=st.sampled_from(KINDS), n=st.integers(2, 60), number=st.integers(0, 99))
def test_codes_are_distinct(kind: str, n: int, number: int) -> None:
    table = code_table(kind, n, 8, np.random.default_rng(number))
    assert len(np.unique(table, axis=0)) == n
    assert table.dtype == np.float32


@pytest.mark.parametrize(("kind", "width"), [("bits", 8), ("dense", 8), ("one-hot", 5), ("ordinal", 1)])
def test_each_kind_has_its_width(kind: str, width: int) -> None:
    assert code_table(kind, 5, 8, np.random.default_rng(0)).shape == (5, width)


def test_bits_are_fair_coins() -> None:
    table = code_table("bits", 1000, 32, np.random.default_rng(0))
    assert set(np.unique(table)) == {0.0, 1.0}
    assert abs(table.mean() - 0.5) < 0.01


def test_the_order_of_one_hot_columns_and_ordinal_ranks_is_drawn() -> None:
    first = {
        int(code_table("one-hot", 4, 0, np.random.default_rng(number))[0].argmax()) for number in range(50)
    }
    ranks = {float(code_table("ordinal", 4, 0, np.random.default_rng(number))[0, 0]) for number in range(50)}
    assert first == {0, 1, 2, 3}
    assert ranks == {1.0, 2.0, 3.0, 4.0}


@given(data=st.data(), base=st.integers(2, 5), width=st.integers(1, 4))
def test_digit_strings_are_distinct_even_when_all_are_needed(
    data: st.DataObject, base: int, width: int
) -> None:
    n = data.draw(st.integers(1, base**width))
    digits = distinct_digits(n, width, base, np.random.default_rng(0), "width")
    assert len({tuple(row) for row in digits}) == n
    assert digits.min() >= 0
    assert digits.max() < base


def test_too_narrow_a_code_says_how_many_aliases_it_could_tell_apart() -> None:
    with pytest.raises(UsageError, match="alias_width = 3 bits gives 8 different codes, but there are 9"):
        code_table("bits", 9, 3, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alias": "hex"}, "alias = 'hex'.*'bits'"),
        ({"alias_width": 0}, "alias_width = 0.*greater than or equal to 1"),
        ({"alias_width": "8"}, "alias_width = '8'.*integer"),
        ({"aliass": "bits"}, "unknown option 'aliass'; did you mean 'alias'"),
        ({"name_vocabulary": 1}, "name_vocabulary = 1"),
    ],
)
def test_wrong_options_are_refused_by_name(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        configure(Encoding, options, "encoding")
