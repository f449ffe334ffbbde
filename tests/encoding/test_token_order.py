"""The order of tag, name and question in a sequence is an option, and the usual one goes without saying."""

from typing import get_args

import numpy as np
import pytest

from iml_general.encoding import Encoder, Encoding
from iml_general.encoding.forms import FORMS
from iml_general.encoding.options import TokenOrder
from iml_general.learner import Batch
from iml_general.options import configure, options_of
from iml_general.protocol import BUILT_IN, Protocol, Source, episodes_of
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements

SOURCES = (Source("reliable", 1.0, 10, 5), Source("unreliable", 0.0, 10, 5))
SMALL = Protocol(sources=SOURCES, undefined=5, new_conflict=5, unseen=5)
SEED = Seed(0, "confirm", "statements", 0)
ORDERS = get_args(TokenOrder)


def encoded(order: str) -> Batch:
    episode = episodes_of(SMALL, Statements(), SEED, BUILT_IN)["informative"]
    encoding = configure(Encoding, {"token_order": order}, "encoding")
    encoder = Encoder(encoding, "tokens", len(SMALL.symbols), episode.world, SEED)
    return encoder.batch(episode.stages[0].rows)


@pytest.mark.parametrize("order", ORDERS)
def test_columns_stand_in_the_order_and_hold_what_they_held(order: str) -> None:
    usual, batch = encoded(ORDERS[0]), encoded(order)
    parts = list(dict.fromkeys(name.partition("[")[0] for name in batch.schema.columns))
    assert "-".join(parts) == order
    places = [batch.schema.columns.index(name) for name in usual.schema.columns]
    np.testing.assert_array_equal(batch.inputs[:, places], usual.inputs)
    assert batch.schema.tag_columns == (batch.schema.columns.index("tag[0]"),)


@pytest.mark.parametrize("order", ORDERS)
def test_the_tag_is_taken_off_wherever_it_stands(order: str) -> None:
    batch = encoded(order)
    bare = FORMS["tokens"].untagged(batch.inputs, batch.schema)
    differs = (bare != batch.inputs).any(axis=0)
    assert [i for i, one in enumerate(differs) if one] == list(batch.schema.tag_columns)


def test_there_are_all_orders_and_the_usual_one_goes_without_saying() -> None:
    assert len(set(ORDERS)) == 6
    assert "token_order" not in options_of(Encoding())
    assert options_of(Encoding(token_order="alias-tag-question"))["token_order"] == "alias-tag-question"
