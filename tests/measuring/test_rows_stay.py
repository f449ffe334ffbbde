"""Where aliases are no pictures, rows are what they were at commit 5e42d6d, to the last digit."""

import hashlib

import pytest

from iml_general.encoding import Encoding
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.measure import Setting, measure
from iml_general.plugins import registry
from iml_general.protocol import BUILT_IN, Protocol, Source
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from iml_general.worlds.table import Table

SOURCES = (Source("reliable", 1.0, 12, 8), Source("unreliable", 0.0, 12, 8), Source("neutral", stage2=4))
PROTOCOL = Protocol(sources=SOURCES, undefined=4, new_conflict=6, unseen=4)
OTHER = Encoding(alias="dense", tag="ordinal", question="dense", name_tokens=6, seed=3)
WORLDS = {"statements": Statements(), "table": Table()}
ENCODED = {
    ("statements", "vectors"): "c5830ce8d11588ce",
    ("statements", "tokens"): "f17b1fed005441d7",
    ("statements", "codes"): "6b1fdb1f4ff2d316",
    ("table", "vectors"): "9c03334acf7e6556",
    ("table", "tokens"): "0a97338ba14ffa76",
    ("table", "codes"): "4ca0cf566d37b376",
}
SCORES = "0a346c7ac6ca0f83"


@pytest.mark.parametrize(("world", "form"), ENCODED)
def test_what_learners_get_is_the_same(world: str, form: str) -> None:
    digest = hashlib.blake2b(digest_size=8)
    for encoding in (Encoding(), OTHER):
        seed = Seed(0, "confirm", world, 1)
        for one in encode_episodes(PROTOCOL, WORLDS[world], encoding, form, seed, BUILT_IN).values():
            for stage in one.stages:
                for rows in (stage.rows, stage.twin or stage.rows):
                    digest.update(rows.inputs.tobytes() + rows.answers.tobytes())
            for probes in (one.probes, one.twin_probes):
                digest.update(probes.inputs.tobytes() + probes.key.tie_breaks.tobytes())
    assert digest.hexdigest() == ENCODED[world, form]


def test_scores_are_the_same() -> None:
    digest = hashlib.blake2b(digest_size=8)
    seeds = [Seed(0, "confirm", "statements", index) for index in range(2)]
    for name in ("ideal-observer", "nearest-neighbors", "naive-bayes"):
        for row in measure(registry.learner(name)(), Setting(Statements(), PROTOCOL), seeds).scores:
            values = [f"{value:.9f}" if isinstance(value, float) else str(value) for value in row.values()]
            digest.update("|".join(values).encode())
    assert digest.hexdigest() == SCORES
