"""The command line's own promises; the whole job is in tests/integration."""

import pytest

from workbench import cli, logs
from workbench.core.values import WorkbenchError
from workbench.places import Places


def failing(error: BaseException):
    def app() -> None:
        raise error

    return app


@pytest.mark.expects_warnings
def test_an_unexpected_error_is_one_line_here_and_a_traceback_in_the_log(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "app", failing(RuntimeError("boom")))
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    err = capsys.readouterr().err
    assert "RuntimeError: boom" in err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" in (places.logs / "workbench.log").read_text(encoding="utf-8")
    logs.stop()


def test_bad_input_is_one_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "app", failing(WorkbenchError("The task is empty; describe it")))
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    assert capsys.readouterr().err == "workbench: The task is empty; describe it\n"


@pytest.mark.parametrize("text", ["docx", "", "html,exe"])
def test_an_unknown_report_format_is_named_with_those_there_are(text: str) -> None:
    with pytest.raises(WorkbenchError, match="html, pdf, md, json"):
        cli._formats(text)


def test_formats_are_taken_once_and_in_order() -> None:
    assert cli._formats("PDF, html,pdf") == ("pdf", "html")


def test_a_home_that_cannot_be_made_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", "/proc/nowhere")
    monkeypatch.setattr("sys.argv", ["workbench", "runs"])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    err = capsys.readouterr().err
    assert "/proc/nowhere/config cannot be made" in err
    assert len(err.strip().splitlines()) == 1
