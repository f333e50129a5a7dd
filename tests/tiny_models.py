"""Models made on the spot: real files in the real formats, too small to know anything."""

import subprocess
import sys
from pathlib import Path

WORDS = ("alpha", "beta", "gamma", "delta", "query", "injection", "sql", ":", "the", "of")


def save_sentence_model(folder: Path, *, query_prompt: str = "", seed: int = 0) -> Path:
    """A sentence-transformers model of one layer, 16 dimensions and 32 tokens, saved to `folder`.

    Made by a process of its own, so that the tests' has no torch.
    """
    command = [sys.executable, "-m", "tests.tiny_models", str(folder), query_prompt, str(seed)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


def _save(folder: Path, query_prompt: str, seed: int) -> None:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(seed)
    letters = [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789"]
    entries = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *(letter[2:] for letter in letters), *letters]
    vocabulary = {entry: number for number, entry in enumerate(entries)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    base = folder.with_name(f"{folder.name}-base")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=32,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    ).save_pretrained(base)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(base)
    body = Transformer(str(base), max_seq_length=32)
    prompts = {"query": query_prompt} if query_prompt else None
    model = SentenceTransformer(modules=[body, Pooling(16), Normalize()], prompts=prompts, device="cpu")
    model.save(str(folder), create_model_card=False)


if __name__ == "__main__":
    _save(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
