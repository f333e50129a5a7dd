"""Models made on the spot: real files in the real formats, too small to know anything."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import BertConfig

WORDS = ("alpha", "beta", "gamma", "delta", "query", "injection", "sql", ":", "the", "of")


def save_sentence_model(folder: Path, *, query_prompt: str = "", seed: int = 0) -> Path:
    """A sentence-transformers model of one layer, 16 dimensions and 32 tokens, saved to `folder`.

    Made by a process of its own, so that the tests' has no torch.
    """
    command = [sys.executable, "-m", "tests.tiny_models", str(folder), query_prompt, str(seed)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


def save_cross_encoder(folder: Path, *, labels: int = 1, seed: int = 0) -> Path:
    """A cross-encoder of one layer, saved to `folder`; made by a process of its own too."""
    command = [sys.executable, "-m", "tests.tiny_models", str(folder), "", str(seed), str(labels)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


def _save_sentence_model(folder: Path, query_prompt: str, seed: int) -> None:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertModel

    torch.manual_seed(seed)
    base = folder.with_name(f"{folder.name}-base")
    _save_tokenizer(base)
    BertModel(_config()).save_pretrained(base)
    body = Transformer(str(base), max_seq_length=32)
    prompts = {"query": query_prompt} if query_prompt else None
    model = SentenceTransformer(modules=[body, Pooling(16), Normalize()], prompts=prompts, device="cpu")
    model.save(str(folder), create_model_card=False)


def _save_cross_encoder(folder: Path, labels: int, seed: int) -> None:
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(seed)
    _save_tokenizer(folder)
    BertForSequenceClassification(_config(num_labels=labels)).save_pretrained(folder)


def _vocabulary() -> dict[str, int]:
    letters = [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789"]
    entries = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *(letter[2:] for letter in letters), *letters]
    return {entry: number for number, entry in enumerate(entries)}


def _config(**more: int) -> "BertConfig":
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(_vocabulary()),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=0.5,
        **more,
    )


def _save_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordPiece(_vocabulary(), unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=32,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    ).save_pretrained(folder)


if __name__ == "__main__":
    if len(sys.argv) > 4:
        _save_cross_encoder(Path(sys.argv[1]), int(sys.argv[4]), int(sys.argv[3]))
    else:
        _save_sentence_model(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
