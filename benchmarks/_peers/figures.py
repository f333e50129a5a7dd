"""Figures and table of a comparison, from what the children found out."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks._peers.systems import BARE, PRODUCT, SYSTEMS
from workbench.evaluation.ranking import Judgements, score_rankings

Result = Mapping[str, Any]


def quality(result: Result, judgements: Mapping[str, Judgements]) -> dict[str, Any]:
    """Scores of one system on one collection, by its first rule; `ndcg@10_by_rule` has its other rules too."""
    scores = {rule: score_rankings(rankings, judgements) for rule, rankings in result["rankings"].items()}
    first, *_ = scores
    times = statistics.quantiles(result["milliseconds"], n=20, method="inclusive")
    return {
        "ndcg@10": round(scores[first]["ndcg@10"], 4),
        "recall@100": round(scores[first]["recall@100"], 4),
        "ndcg@10_by_rule": {rule: round(found["ndcg@10"], 4) for rule, found in scores.items()},
        "p50_ms": round(times[9], 1),
        "p95_ms": round(times[18], 1),
        "peak_mb": round(result["peak_mb"]),
        "documents": result["documents"],
        "chunks": result["chunks"],
        "questions": len(judgements),
        "load_before": result["load_before"],
    }


def ingestion(result: Result) -> dict[str, Any]:
    """Rates of one ingestion; a chunk is a text that was embedded, a token one that the model read."""
    seconds = result["seconds"]
    return {
        "documents_per_second": round(result["documents"] / seconds, 2),
        "chunks_per_second": round(result["chunks"] / seconds, 2),
        "tokens_per_second": round(result["tokens"] / seconds),
        "documents": result["documents"],
        "chunks": result["chunks"],
        "tokens": result["tokens"],
        "seconds": round(seconds, 1),
        "cpu_seconds": round(result["cpu_seconds"], 1),
        "start_seconds": round(result["start_seconds"], 1),
        "peak_mb": round(result["peak_mb"]),
        "load_before": result["load_before"],
    }


def margins(by_set: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """By collection: how far the product's nDCG@10 is above the best peer's, whichever of its rules is best there."""
    found = {}
    for name, systems in by_set.items():
        peers = {
            f"{system} {rule}": value
            for system, figures in systems.items()
            if system not in (PRODUCT, BARE)
            for rule, value in figures["ndcg@10_by_rule"].items()
        }
        if PRODUCT in systems and peers:
            best = max(peers, key=lambda peer: peers[peer])
            found[name] = {"best_peer": best, "margin": round(systems[PRODUCT]["ndcg@10"] - peers[best], 4)}
    return found


def speedup(rates: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, float]:
    """The product's slower run beside the fastest run of any peer, for each unit."""
    units = ("documents_per_second", "chunks_per_second", "tokens_per_second")
    peers = [run for system, runs in rates.items() if system not in (PRODUCT, BARE) for run in runs]
    own = rates.get(PRODUCT, ())
    if not peers or not own:
        return {}
    return {unit: round(min(run[unit] for run in own) / max(run[unit] for run in peers), 2) for unit in units}


def table(figures: Mapping[str, Any]) -> str:
    """The comparison in Markdown, one line for each system; a dash where a system was not measured."""
    by_set, rates = figures["quality"], figures["ingestion"]
    heads = [
        "",
        *(f"nDCG@10 {name}" for name in by_set),
        "recall@100, mean",
        "documents/s",
        "chunks/s",
        "tokens/s",
        "p50 / p95 ms",
        "MB",
    ]
    lines = [heads, ["---"] * len(heads)]
    for system, entry in SYSTEMS.items():
        found = [systems[system] for systems in by_set.values() if system in systems]
        runs = rates.get(system, [])
        if not found and not runs:
            continue
        title = " ".join([entry.title, figures["versions"].get(system, {}).get((*entry.packages, "")[0], "")]).strip()
        lines.append([title, *_scores(system, by_set), *_rates(runs), *_costs(found, runs)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _scores(system: str, by_set: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    found = [systems[system] for systems in by_set.values() if system in systems]
    scores = [f"{systems[system]['ndcg@10']:.4f}" if system in systems else "-" for systems in by_set.values()]
    whole = found and len(found) == len(by_set)
    return [*scores, f"{statistics.fmean(one['recall@100'] for one in found):.3f}" if whole else "-"]


def _rates(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    units = (("documents_per_second", ".1f"), ("chunks_per_second", ".1f"), ("tokens_per_second", ".0f"))
    return [format(statistics.fmean(run[unit] for run in runs), form) if runs else "-" for unit, form in units]


def _costs(found: Sequence[Mapping[str, Any]], runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Latency is that of the slowest collection; memory is the most of all processes of the system."""
    slowest = max(found, key=lambda one: one["p95_ms"], default=None)
    latency = f"{slowest['p50_ms']:.0f} / {slowest['p95_ms']:.0f}" if slowest else "-"
    return [latency, str(max(one["peak_mb"] for one in (*found, *runs)))]
