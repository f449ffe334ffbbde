"""The positive control shows the effect wherever there is one to show, and none where there is not."""

from dataclasses import replace

import numpy as np
import pytest

from iml_general.encoding import Encoding
from iml_general.measuring.encoded import encode_episodes
from iml_general.protocol import INFORMATIVE, SHUFFLED, configure_protocol
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from iml_general.worlds.table import Table
from learners.controls.ideal_observer import IdealObserver

N_SEEDS = 4


def test_it_shows_the_effect_on_every_seed(effects, source):
    found = effects(IdealObserver(), source)
    gap, control_gap = found("iml_gap")
    # A city's commonest answers are right so often that disbelief costs less than in the other world.
    assert (gap - control_gap > {"statements": 0.5, "table": 0.3}[source.name]).all()
    for effect in ("trust", "conflict_preference"):
        value, control = found(effect)
        assert (value > 0.9).all()
        # Half of 300 or 400 answers to conflicts go either way: a standard deviation of 0.06.
        assert (np.abs(control) < 0.2).all()


def test_shuffled_tags_are_equally_reliable_to_the_last_bit(small, source):
    for index in range(N_SEEDS):
        seed = Seed(0, "confirm", source.name, index)
        episodes = encode_episodes(small, source, Encoding(), "codes", seed, (INFORMATIVE, SHUFFLED))
        informative, shuffled = (
            IdealObserver().fit(episodes[name].stages[0].rows, 0).reliability
            for name in ("informative", "shuffled")
        )
        assert shuffled[1] == shuffled[2]
        assert sorted(informative[1:3])[0] < 0.1
        assert sorted(informative[1:3])[1] > 0.9


def test_with_a_fourth_and_fifth_source_it_knows_each_ones_reliability():
    told = {"stage1": 40, "stage2": 10}
    protocol = configure_protocol(
        {
            "sources": {
                "reliable": told,
                "unreliable": told,
                "fourth": {**told, "reliability": 0.5},
                "fifth": {**told, "reliability": 0.8},
            }
        }
    )
    seed = Seed(0, "confirm", "statements", 0)
    episode = encode_episodes(protocol, Statements(), Encoding(), "codes", seed, (INFORMATIVE,))[
        "informative"
    ]
    reliability = IdealObserver().fit(episode.stages[0].rows, 0).reliability
    symbols = protocol.symbol_of_source(seed.index)
    by_source = {one.name: reliability[symbol] for one, symbol in zip(protocol.sources, symbols, strict=True)}
    assert by_source["neutral"] == 0.5
    for name, expected in {"reliable": 1.0, "unreliable": 0.0, "fourth": 0.5, "fifth": 0.8}.items():
        assert abs(by_source[name] - expected) < 0.2, name


def test_it_shows_the_effect_among_five_sources_too(effects):
    told = {"stage1": 30, "stage2": 20}
    sources = dict.fromkeys(("reliable", "unreliable", "fourth", "fifth"), told)
    protocol = configure_protocol({"sources": {**sources, "fifth": {**told, "reliability": 0.5}}})
    value, control = effects(IdealObserver(), Statements(), protocol)("trust")
    assert (value > 0.9).all()
    assert (np.abs(control) < 0.2).all()


@pytest.mark.parametrize(
    ("lies", "world"), [("opposite", Statements(n_answers=2)), ("shift", Statements()), ("shift", Table())]
)
def test_it_inverts_what_a_source_says_that_is_always_wrong(effects, small, lies, world):
    found = effects(IdealObserver(), world, replace(small, lies=lies))
    inversion, control = found("inversion")
    disbelief, _ = found("disbelief")
    # On cities the inverse is now and then what is guessed of an unseen one anyway.
    assert (inversion > {"statements": 0.4, "table": 0.3}[world.name]).all()
    assert (inversion - control > 0.2).all()
    assert (disbelief < -0.15).all()
    trust, shuffled = found("trust")
    # Of more than two answers the inverse of what the one says is not always what the other says.
    assert (trust - shuffled > {"opposite": 0.9, "shift": 0.2}[lies]).all()


@pytest.mark.parametrize("lies", ["another", "opposite", "shift"])
def test_it_finds_out_how_lies_are_made_and_never_from_stage_2_alone(small, lies):
    protocol, world = replace(small, lies=lies), Statements(n_answers=2)
    for index in range(N_SEEDS):
        seed = Seed(0, "confirm", "statements", index)
        episodes = encode_episodes(protocol, world, Encoding(), "codes", seed, (INFORMATIVE, SHUFFLED))
        for name in ("informative", "shuffled"):
            stage1, stage2 = (stage.rows for stage in episodes[name].stages)
            observer = IdealObserver()
            state = observer.fit(stage1, 0)
            assert state.invert == (lies != "another")
            assert observer.update(state, stage2, 0).invert == state.invert
            assert not observer.fit(stage2, 0).invert
            reliability = state.reliability[1:3]
            assert (reliability[0] == reliability[1]) == (name == "shuffled")
