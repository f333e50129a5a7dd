"""Models made on the spot: real files in the real formats, too small to know anything."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import BertConfig

WORDS = ("alpha", "beta", "gamma", "delta", "query", "injection", "sql", ":", "the", "of")


def save_tiny_models(folder: Path) -> Path:
    """Models of one layer, saved to folders in `folder`.

    `sentence` and `asking` are sentence-transformers models of 16 dimensions and 32 tokens, of which the latter reads
    questions behind "query: "; `cross` is a cross-encoder, `classes` tells three classes apart. They are made by one
    process of their own, so that the tests' has no torch, and torch is imported once.
    """
    subprocess.run(
        [sys.executable, "-m", "tests.tiny_models", str(folder)], check=True, capture_output=True, timeout=240
    )
    return folder


def _save_sentence_model(folder: Path, query_prompt: str) -> None:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertModel

    torch.manual_seed(0)
    base = folder.with_name(f"{folder.name}-base")
    _save_tokenizer(base)
    BertModel(_config()).save_pretrained(base)
    body = Transformer(str(base), max_seq_length=32)
    prompts = {"query": query_prompt} if query_prompt else None
    model = SentenceTransformer(modules=[body, Pooling(16), Normalize()], prompts=prompts, device="cpu")
    model.save(str(folder), create_model_card=False)


def _save_cross_encoder(folder: Path, labels: int) -> None:
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(0)
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
    made = Path(sys.argv[1])
    _save_sentence_model(made / "sentence", "")
    _save_sentence_model(made / "asking", "query: ")
    _save_cross_encoder(made / "cross", 1)
    _save_cross_encoder(made / "classes", 3)
