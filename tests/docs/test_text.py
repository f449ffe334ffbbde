"""docs/text.md, followed with a tiny checkpoint in the place of a large one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import GPT2Config, GPT2LMHeadModel

if TYPE_CHECKING:
    from tests.conftest import Iml

PAGE = Path(__file__).parents[2] / "docs" / "text.md"


def test_the_plan_for_a_checkpoint_is_one_that_runs(iml: Iml, tmp_path: Path) -> None:
    (plan,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (folder,) = re.findall(r'checkpoint = "(.*?)"', plan)
    words = ["?", "the", "of", "is", "A", "B", "says", ":"]
    config = GPT2Config(vocab_size=16, n_positions=64, n_embd=8, n_layer=1, n_head=2)
    with torch.random.fork_rng():
        GPT2LMHeadModel(config).save_pretrained(tmp_path / folder)
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="?"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(tmp_path / folder / "tokenizer.json"))
    smaller = plan.replace('"cuda"', '"cpu"').replace("seeds = 4", "seeds = 2")
    sizes = "\n[protocol]\nundefined = 2\nnew_conflict = 2\nunseen = 2\n" + "".join(
        f"[protocol.sources.{name}]\nstage1 = {n}\nstage2 = 2\n"
        for name, n in (("reliable", 4), ("unreliable", 4), ("neutral", 0))
    )
    (tmp_path / "pythia.toml").write_text(smaller + sizes, "utf-8")
    done = iml("run", "pythia.toml", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "causal-lm" in done.stdout
