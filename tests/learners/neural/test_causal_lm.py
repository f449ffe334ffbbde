"""A causal language model reads sentences: tiny ones of each architecture, from scratch and from a folder."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel

from iml_general.encoding import Encoding
from iml_general.errors import UsageError
from iml_general.learner import Batch, Inputs
from iml_general.measuring.encoded import encode_episodes
from iml_general.options import configure
from iml_general.protocol import BUILT_IN, Protocol, Source
from iml_general.seeds import Seed
from iml_general.worlds.table import Table
from learners.neural.causal_lm import CausalLM, LanguageModel
from learners.neural.language_models import module_of
from learners.neural.sentences import NO_TOKEN

SIZES = Protocol(
    sources=(Source("reliable", 1.0, 8, 4), Source("unreliable", 0.0, 8, 4)),
    undefined=2,
    new_conflict=2,
    unseen=2,
)
EPISODE = encode_episodes(SIZES, Table(), Encoding(), "text", Seed(0, "search", "table", 0), BUILT_IN)[
    "informative"
]
ROWS, PROBES = EPISODE.stages[0].rows, EPISODE.probes.inputs
TINY = CausalLM(d_model=16, n_heads=2, epochs=2, update_epochs=2, learning_rate=1e-2)
ARCHITECTURES = ("gpt2", "llama", "gpt-neox")

every_architecture = pytest.mark.parametrize("architecture", ARCHITECTURES)


def sentence(row: Inputs) -> list[int]:
    """A row's tokens without padding and without the answers."""
    beside = {column for columns in ROWS.schema.answer_columns for column in columns}
    return [int(token) for place, token in enumerate(row) if token and place not in beside]


def by_the_book(state: LanguageModel, row: Inputs) -> np.ndarray:
    """One answer after another, one word after another, nothing padded, by a model of its own."""
    module = module_of(state.config, torch.device("cpu"))
    logs = []
    for columns in ROWS.schema.answer_columns:
        words = [int(row[column]) for column in columns if row[column]]
        tokens, log = sentence(row), 0.0 if words else -np.inf
        for word in words:
            with torch.no_grad():
                asked = (torch.tensor([tokens]),)
                found = torch.func.functional_call(module, state.parameters, asked)
            log += float(found.logits[0, -1].double().log_softmax(-1)[word])
            tokens.append(word)
        logs.append(log)
    return np.exp(logs) / np.exp(logs).sum()


@every_architecture
def test_answers_have_the_probability_of_all_their_words(architecture: str) -> None:
    """Beside longer rows and answers, a row is answered as alone and without any padding."""
    learner = replace(TINY, architecture=architecture)
    state = learner.fit(ROWS, 3)
    some = PROBES[::19]
    lengths = {len(sentence(row)) for row in some}
    assert len(lengths) > 2
    expected = np.stack([by_the_book(state, row) for row in some])
    assert np.allclose(learner.predict(state, some), expected, atol=1e-5)
    assert (expected == 0).any()  # some questions have fewer answers than others


@every_architecture
def test_what_is_behind_a_sentence_does_not_change_what_it_means(architecture: str) -> None:
    learner = replace(TINY, architecture=architecture, epochs=1)
    state = learner.fit(ROWS, 3)
    module = module_of(state.config, torch.device("cpu"))
    tokens = sentence(PROBES[0])
    with torch.no_grad():
        alone, followed = (
            torch.func.functional_call(module, state.parameters, (torch.tensor([tokens + more]),)).logits
            for more in ([], [0] * 5)
        )
    assert torch.allclose(alone[0, -1], followed[0, len(tokens) - 1], atol=1e-5)


@every_architecture
def test_the_representation_is_the_state_of_the_last_word(architecture: str) -> None:
    learner = replace(TINY, architecture=architecture, epochs=1, n_layers=3)
    state = learner.fit(ROWS, 3)
    module = module_of(state.config, torch.device("cpu"))
    found = learner.layers(state, PROBES[:40])
    assert list(found) == ["layer_1", "layer_2", "last_layer"]
    assert (found["last_layer"] == learner.represent(state, PROBES[:40])).all()
    asked = {"input_ids": torch.tensor([sentence(PROBES[7])]), "output_hidden_states": True}
    with torch.no_grad():
        states = torch.func.functional_call(module, state.parameters, (), asked).hidden_states
    for features, expected in zip(found.values(), states[1:], strict=True):
        assert np.allclose(features[7], expected[0, -1], atol=1e-5)


def test_it_learns_what_it_reads_and_a_state_stays_as_it_was() -> None:
    learner = CausalLM(d_model=32, epochs=40, update_epochs=20, learning_rate=5e-3)
    state = learner.fit(ROWS, 1)
    before = pickle.dumps(state)
    assert (learner.predict(state, ROWS.inputs).argmax(axis=1) == ROWS.answers).mean() > 0.9
    later = EPISODE.stages[1].rows
    updated = learner.update(state, later, 2)
    right = (learner.predict(updated, later.inputs).argmax(axis=1) == later.answers).mean()
    assert right > (learner.predict(state, later.inputs).argmax(axis=1) == later.answers).mean() + 0.2
    assert pickle.dumps(state) == before
    again = learner.update(learner.fit(ROWS, 1), later, 2)
    assert (learner.predict(again, PROBES) == learner.predict(updated, PROBES)).all()


def test_sizes_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(UsageError, match="d_model = 24 is not divisible by twice n_heads = 8; change either"):
        configure(CausalLM, {"d_model": 24, "n_heads": 8}, "learner 'causal-lm'")


def saved(model: PreTrainedModel, folder: Path, words: list[str]) -> None:
    model.save_pretrained(folder)
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token=words[0]))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A random Llama whose vocabulary is whole words: not the form's own."""
    texts = {piece for row in ROWS.inputs for piece in ("".join(ROWS.schema.pieces[t] for t in row).split())}
    words = ["?", *sorted({word for text in texts for word in (text, *text.split(":"))} - {""})]
    config = LlamaConfig(
        vocab_size=len(words) + 300,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        saved(LlamaForCausalLM(config), tmp_path, words)
    return tmp_path


def test_a_checkpoint_is_read_with_its_own_tokenizer_and_trained_on(checkpoint: Path) -> None:
    learner = CausalLM(checkpoint=str(checkpoint), epochs=2, update_epochs=1)
    untrained = learner.fit(Batch(ROWS.inputs[:0], ROWS.answers[:0], ROWS.n_answers, ROWS.schema), 1)
    weights = LlamaForCausalLM.from_pretrained(checkpoint).state_dict()
    assert all(torch.equal(tensor, weights[name]) for name, tensor in untrained.parameters.items())
    (tokens,) = untrained.reader.sentences(PROBES[:1])
    words = json.loads((checkpoint / "tokenizer.json").read_text())["model"]["vocab"]
    assert [words["the"], words["of"], words["is"]] == [tokens[0], tokens[-3], tokens[-1]]
    assert NO_TOKEN not in tokens
    state = learner.fit(ROWS, 1)
    assert not torch.equal(*(one.parameters["lm_head.weight"] for one in (state, untrained)))
    p = learner.predict(pickle.loads(pickle.dumps(learner.update(state, ROWS, 2))), PROBES)
    assert np.allclose(p.sum(axis=1), 1)
    assert {file.name for file in learner.files()} == {"config.json", "model.safetensors", "tokenizer.json"}


def test_pickled_weights_are_never_loaded(checkpoint: Path) -> None:
    ran = checkpoint / "ran"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return (Path.touch, (ran,))

    torch.save({"trap": Trap()}, checkpoint / "pytorch_model.bin")
    (checkpoint / "model.safetensors").unlink()
    with pytest.raises(
        UsageError, match=r"has no \*\.safetensors; .*pickled weights are never loaded"
    ) as found:
        CausalLM(checkpoint=str(checkpoint)).fit(ROWS, 1)
    assert "\n" not in str(found.value)
    assert not ran.exists()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), "has no tokenizer.json"),
        (
            lambda folder: (folder / "tokenizer.json").write_text("{}"),
            "can't be read as a causal language model",
        ),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"x"), "can't be read as a causal"),
        (lambda folder: (folder / "config.json").write_text('{"model_type": "nonsense"}'), "can't be read"),
    ],
    ids=["no tokenizer", "broken tokenizer", "broken weights", "unknown model"],
)
def test_a_folder_that_is_no_checkpoint_gets_one_clear_line(checkpoint: Path, spoil, told: str) -> None:  # type: ignore[no-untyped-def]
    spoil(checkpoint)
    with pytest.raises(UsageError, match=told) as found:
        CausalLM(checkpoint=str(checkpoint)).fit(ROWS, 1)
    assert "\n" not in str(found.value)


def test_code_beside_a_checkpoint_is_not_run(checkpoint: Path) -> None:
    ran = checkpoint / "ran"
    (checkpoint / "evil.py").write_text(f"open({str(ran)!r}, 'w')\nclass Evil: pass\n")
    config = json.loads((checkpoint / "config.json").read_text())
    config |= {
        "model_type": "evil",
        "auto_map": {"AutoConfig": "evil.Evil", "AutoModelForCausalLM": "evil.Evil"},
    }
    (checkpoint / "config.json").write_text(json.dumps(config))
    with pytest.raises(UsageError, match="can't be read as a causal language model"):
        CausalLM(checkpoint=str(checkpoint)).fit(ROWS, 1)
    assert not ran.exists()


def test_reading_a_checkpoint_asks_no_other_machine(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr("socket.socket.connect", lambda _, address: asked.append(address))
    monkeypatch.setattr("socket.getaddrinfo", lambda *address, **_: asked.append(address))
    CausalLM(checkpoint=str(checkpoint), epochs=1).fit(ROWS, 1)
    assert asked == []
