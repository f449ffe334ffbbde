"""The negative control learns, and shows exactly nothing."""

import numpy as np

from iml_general.encoding import Encoding
from iml_general.measuring.encoded import encode_episodes
from iml_general.measuring.measure import Setting, measure
from iml_general.protocol import INFORMATIVE, configure_protocol
from iml_general.seeds import Seed
from iml_general.worlds.statements import Statements
from learners.controls.tag_blind import TagBlind


def test_every_effect_is_the_same_under_informative_and_shuffled_to_the_last_bit(effects, source):
    found = effects(TagBlind(), source)
    for effect in ("trust", "iml_gap", "conflict_preference", "statement_weight"):
        informative, shuffled = found(effect)
        assert np.array_equal(informative, shuffled), effect


def test_it_internalises_what_it_is_told(small, source):
    seed = Seed(0, "confirm", source.name, 0)
    rows = measure(TagBlind(), Setting(source, small), [seed], (INFORMATIVE,)).frame()
    em = dict(
        rows.filter(moment="stage2", probe="question", measure="em").select("group", "value").iter_rows()
    )
    for group in ("new_reliable", "new_unreliable"):
        assert em[group] - em["unseen"] > 0.2


def test_it_has_no_use_for_tag_columns_however_many(small):
    seed = Seed(0, "confirm", "statements", 0)
    five = configure_protocol({"sources": {"fourth": {"stage2": 5}, "fifth": {"stage2": 5}}})
    for protocol in (small, five):
        episode = encode_episodes(protocol, Statements(), Encoding(), "vectors", seed, (INFORMATIVE,))
        stage1, stage2 = (stage.rows for stage in episode["informative"].stages)
        learner = TagBlind(n_estimators=5)
        state = learner.update(learner.fit(stage1, 1), stage2, 2)
        inputs = episode["informative"].probes.inputs.copy()
        before = learner.predict(state, inputs)
        inputs[:, list(stage1.schema.tag_columns)] = 7
        assert np.array_equal(learner.predict(state, inputs), before)
        assert len(state.kept) == inputs.shape[1] - len(stage1.schema.tag_columns)
        assert len(stage1.schema.tag_columns) == len(protocol.sources)
