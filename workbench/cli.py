"""The command line: the whole job without a window. Progress bars on a terminal, plain lines in a pipe.

Exit codes: 0 done, 1 something unexpected, 2 bad input or usage, 3 the run failed, 4 some files could not be taken in,
5 nothing found, 130 cancelled.
"""

import asyncio
import contextlib
import io
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench import __version__
from workbench.commands.exit_codes import BAD_INPUT, CANCELLED, UNEXPECTED
from workbench.core.evidence import PassageKind, Severity
from workbench.core.values import WorkbenchError
from workbench.places import Places

app = typer.Typer(
    name="workbench",
    help="Is this code safe to use, what threatens it, and how sure are we?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
evaluation = typer.Typer(help="Measure the product's own path on labelled data; prints one JSON object.")
app.add_typer(evaluation, name="eval")
knowledge = typer.Typer(
    help="What the library holds, what is watched, and what is to be forgotten.", no_args_is_help=True
)
app.add_typer(knowledge, name="knowledge")

TaskFile = Annotated[Path, typer.Argument(help="Task file (JSON, see the manual)")]
OutFolder = Annotated[Path | None, typer.Option("--out", help="Folder for the report; report/RUN when left out")]
Formats = Annotated[str, typer.Option("--format", help="Comma-separated: html, pdf, md, json")]
Collection = Annotated[str, typer.Option("--collection", help="The collection to put it into")]
Collections = Annotated[
    list[str] | None, typer.Option("--collection", help="Only of this collection; may be given several times")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text")]


def main() -> None:
    """Entry point of the `workbench` command."""
    _print_what_the_terminal_can()
    try:
        app()
    except WorkbenchError as error:
        print(f"workbench: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        print("workbench: cancelled; what was finished is kept", file=sys.stderr)
        sys.exit(CANCELLED)
    except Exception as error:
        _report_unexpected(error)
        sys.exit(UNEXPECTED)


def _print_what_the_terminal_can() -> None:
    """A pipe on Windows, or a plain C locale, has no room for every letter; a title must not end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _report_unexpected(error: Exception) -> None:
    """One line for the analyst, the whole story for the log."""
    from loguru import logger

    from workbench import logs

    places = Places.default()
    with contextlib.suppress(OSError):
        logs.start(places.logs)
    logger.opt(exception=error).error("The command failed unexpectedly")
    logs.stop()
    print(
        f"workbench: something unexpected went wrong ({type(error).__name__}: {error}); nothing stored is lost, "
        f"and the log in {places.logs} says where it happened",
        file=sys.stderr,
    )


def _finish(work: Coroutine[Any, Any, int]) -> None:
    code = asyncio.run(work)
    if code:
        raise typer.Exit(code)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Show the version and exit")] = False) -> None:
    if version:
        print(f"Analyst Workbench {__version__}")
        raise typer.Exit


@app.command()
def run(task_file: TaskFile, out: OutFolder = None, formats: Formats = "html,pdf,md,json") -> None:
    """Run a task and write its report."""
    from workbench.commands.running import run_task
    from workbench.core.tasks import load_task

    _finish(run_task(Places.default(), load_task(task_file), out, _formats(formats)))


@app.command()
def resume(
    run_id: Annotated[str, typer.Argument(help="The run; the latest interrupted one when left out")] = "",
    out: OutFolder = None,
    formats: Formats = "html,pdf,md,json",
) -> None:
    """Go on with an interrupted, cancelled or failed run; no finished step is repeated."""
    from workbench.commands.running import resume_run

    _finish(resume_run(Places.default(), run_id, out, _formats(formats)))


@app.command()
def runs(as_json: AsJson = False) -> None:
    """List the runs of this library, the latest first."""
    from workbench.commands.running import list_runs

    _finish(list_runs(Places.default(), as_json))


@app.command()
def report(run_id: str, out: OutFolder = None, formats: Formats = "html,pdf,md,json") -> None:
    """Write the report of an earlier run again; the same run gives the same bytes."""
    from workbench.commands.running import report_run

    _finish(report_run(Places.default(), run_id, out, _formats(formats)))


@app.command()
def ingest(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders to take into the library")] = None,
    collection: Collection = "library",
    watch: Annotated[bool, typer.Option("--watch", help="Go on taking in what changes, until Ctrl+C")] = False,
    go_on: Annotated[bool, typer.Option("--go-on", help="Go on with what was broken off; takes no paths")] = False,
) -> None:
    """Take files and folders into the library; unchanged files are skipped."""
    from workbench.commands import ingesting

    if bool(paths) == go_on or (go_on and watch):
        raise WorkbenchError("Name files or folders to take in, or go on with --go-on alone")
    if paths:
        _finish(ingesting.ingest_paths(Places.default(), paths, collection, watch))
    else:
        _finish(ingesting.go_on(Places.default()))


@knowledge.command("list")
def knowledge_list(
    collection: Annotated[str, typer.Argument(help="The collection whose documents to list")] = "",
    as_json: AsJson = False,
) -> None:
    """Say which collections and folders the library holds, or which documents a collection has."""
    from workbench.commands.keeping import list_knowledge

    _finish(list_knowledge(Places.default(), collection, as_json))


@knowledge.command("prune")
def knowledge_prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed")] = False,
) -> None:
    """Forget documents whose file is gone; where a whole folder is missing, nothing is."""
    from workbench.commands.keeping import prune

    _finish(prune(Places.default(), dry_run))


@knowledge.command("remove")
def knowledge_remove(
    what: Annotated[str, typer.Argument(help="A collection, a file, a folder, or a document's id")],
) -> None:
    """Forget a collection, or the documents read from a path; the files stay as they are."""
    from workbench.commands.keeping import remove

    _finish(remove(Places.default(), what))


@knowledge.command("watch")
def knowledge_watch(folder: Path, collection: Collection = "library") -> None:
    """Watch a folder whenever the window is open: what changes comes in, what is deleted goes."""
    from workbench.commands.keeping import watch

    _finish(watch(Places.default(), folder, collection))


@knowledge.command("unwatch")
def knowledge_unwatch(folder: Path) -> None:
    """Watch a folder no longer; what came in stays."""
    from workbench.commands.keeping import unwatch

    _finish(unwatch(Places.default(), folder))


@knowledge.command("topics")
def knowledge_topics(collections: Collections = None, as_json: AsJson = False) -> None:
    """Say what the library is about: groups of passages near in meaning, and those near to no group."""
    from workbench.commands.topics import show_topics

    _finish(show_topics(Places.default(), collections or (), as_json))


@knowledge.command("embedder")
def knowledge_embedder(
    *,
    built_in: Annotated[str, typer.Option(metavar="int8|fp32", help="The model that comes with the program")] = "",
    folder: Annotated[Path | None, typer.Option(help="A sentence-transformers model with safetensors")] = None,
    endpoint: Annotated[str, typer.Option(metavar="URL", help="An OpenAI-compatible server; all text goes there")] = "",
    model: Annotated[str, typer.Option(help="The model of that server")] = "",
    inside: Annotated[bool, typer.Option("--inside", help="The server is our own organisation's")] = False,
    key_from_stdin: Annotated[bool, typer.Option("--key-from-stdin", help="Its key, for the keyring")] = False,
    forget_others: Annotated[
        bool, typer.Option("--forget-others", help="Remove vectors of models used before")
    ] = False,
) -> None:
    """Say which embedding model the library is searched with, or change it, which embeds the whole library anew."""
    from workbench.commands import embedding

    settings = embedding.wanted(
        folder, endpoint, model, inside=inside, built_in=built_in, key_from_stdin=key_from_stdin
    )
    key = embedding.read_key() if key_from_stdin else ""
    _finish(embedding.show_or_change(Places.default(), settings, key, forget_others=forget_others))


@app.command()
def reindex() -> None:
    """Build the search indexes again from the database; nothing is embedded again."""
    from workbench.commands.keeping import reindex

    _finish(reindex(Places.default()))


@app.command("import")
def import_(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files, or folders of files of one format")] = None,
    *,
    kind: Annotated[str, typer.Option("--from", help="attack, capec, cwe, kev, nvd, ghsa, osv, sarif ...")] = "",
    part: Annotated[str, typer.Option("--part", help="Which official file: NVD's year, OSV's ecosystem")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Download without asking")] = False,
    older: Annotated[bool, typer.Option("--older", help="Also go back to an older version")] = False,
    history: Annotated[bool, typer.Option("--history", help="What was imported and downloaded")] = False,
    as_json: AsJson = False,
) -> None:
    """Import catalogues, feeds, findings and inventories from files; with --from alone, the official file.

    With neither a file nor --from, it lists what can be imported.
    """
    from workbench.commands import importing

    if history:
        _finish(importing.show_history(Places.default(), as_json))
    elif paths:
        _finish(importing.import_files(Places.default(), paths, kind, older=older))
    elif kind:
        _finish(importing.download(Places.default(), kind, part, agreed=yes, older=older))
    else:
        _finish(importing.list_kinds(Places.default()))


@app.command("demo-data")
def demo_data(
    postgresql: Annotated[str, typer.Option(metavar="NAME", help="Into the PostgreSQL of this connection")] = "",
    mongodb: Annotated[str, typer.Option(metavar="NAME", help="Into the MongoDB of this connection")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take it out again")] = False,
) -> None:
    """Load a made-up organisation (assets, tickets, threats, services), into the library when nothing else is named."""
    from workbench.commands.demo_data import demo_in_library, demo_outside

    if not (postgresql or mongodb):
        _finish(demo_in_library(Places.default(), remove))
    else:
        _finish(demo_outside(Places.default(), postgresql, mongodb, remove))


@app.command()
def search(
    question: str,
    *,
    limit: Annotated[int, typer.Option(help="Passages to show", min=1, max=100)] = 10,
    collections: Collections = None,
    kinds: Annotated[list[PassageKind] | None, typer.Option("--kind", help="Only of this kind; repeatable")] = None,
    since: Annotated[str, typer.Option("--since", help="Only what is dated then or later: 2024-01-31, 2024")] = "",
    until: Annotated[str, typer.Option("--until", help="Only what is dated then or earlier")] = "",
    weaknesses: Annotated[list[str] | None, typer.Option("--cwe", help="Only about this CWE; repeatable")] = None,
    severities: Annotated[
        list[Severity] | None, typer.Option("--severity", help="Only records of it; repeatable")
    ] = None,
    sources: Annotated[list[str] | None, typer.Option("--source", help="Ask only this source; repeatable")] = None,
    as_json: AsJson = False,
) -> None:
    """Search the library; the code is 5 when nothing close was found."""
    from workbench.commands.searching import filters_from, search_library

    filters = filters_from(
        collections=collections or (),
        kinds=kinds or (),
        since=since,
        until=until,
        weaknesses=weaknesses or (),
        severities=severities or (),
    )
    _finish(search_library(Places.default(), question, limit, as_json, filters=filters, sources=sources or ()))


@app.command()
def shelf(
    what: Annotated[str, typer.Argument(help="A kind (weaknesses, recipes ...), an id or a nickname")] = "",
    as_json: AsJson = False,
) -> None:
    """Say what the starter knowledge holds, or show an entry of it."""
    from workbench.commands.shelf import show_shelf

    show_shelf(what, as_json)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what is installed, which model and keyring are used, what is missing and how to mend it."""
    from workbench.commands.doctor import examine

    _finish(examine(Places.default(), as_json))


@evaluation.command("retrieval")
def evaluate_retrieval(data: Path, as_json: AsJson = False) -> None:
    """Score search on a folder in BEIR layout (corpus.jsonl, queries.jsonl, qrels.tsv)."""
    from workbench.evaluation.retrieval import evaluate

    _print_scores(evaluate(data), as_json)


@evaluation.command("review")
def evaluate_review(
    labels: Path,
    predictions: Annotated[Path | None, typer.Option(help="Write what was found to this JSONL file")] = None,
    cwe: Annotated[Path | None, typer.Option(help="MITRE's CWE catalogue as CSV")] = None,
    as_json: AsJson = False,
) -> None:
    """Score the code review on labelled code (JSONL of id, cwe, code, label, pair)."""
    from workbench.evaluation.review import evaluate

    _print_scores(evaluate(labels, predictions, cwe), as_json)


@evaluation.command("threats")
def evaluate_threats(
    pairs: Path,
    knowledge: Annotated[Path | None, typer.Option(help="Folder of MITRE's files; beside WORKBENCH_EVAL")] = None,
    labelled: Annotated[Path | None, typer.Option(help="Labelled sentences (JSONL) to learn from")] = None,
    as_json: AsJson = False,
) -> None:
    """Score how sentences find weaknesses or techniques (JSONL of id, query, cwe or technique, source_name)."""
    from workbench.evaluation.threats import evaluate

    _print_scores(evaluate(pairs, knowledge, labelled), as_json)


@evaluation.command("shelf")
def evaluate_shelf(questions: Path, as_json: AsJson = False) -> None:
    """Score the starter knowledge on questions (JSONL of question, kind, entries)."""
    from workbench.evaluation.shelf import evaluate

    _print_scores(evaluate(questions), as_json)


@evaluation.command("consensus")
def evaluate_consensus(data: Path, as_json: AsJson = False) -> None:
    """Score the consensus on votes with truth (NAME.csv and NAME.truth.csv)."""
    from workbench.evaluation.consensus import evaluate

    _print_scores(evaluate(data), as_json)


def _print_scores(scores: dict[str, Any], as_json: bool) -> None:
    print(json.dumps(scores) if as_json else json.dumps(scores, indent=2))


def _formats(text: str) -> tuple[str, ...]:
    known = ("html", "pdf", "md", "json")
    asked = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    unknown = [name for name in asked if name not in known]
    if unknown or not asked:
        raise WorkbenchError(f"Report format {', '.join(unknown) or 'none'} is not known; use {', '.join(known)}")
    return asked


if __name__ == "__main__":
    main()
