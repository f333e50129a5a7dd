import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import LockfileError, Pin, check_lockfile

H = "sha256:" + "a" * 64
GOOD = f"""\
# by pip-compile
--require-hashes
Flask_Login==0.6.3 \\
    --hash={H} \\
    --hash=sha256:{"b" * 64}
    # via app
uvicorn[standard]==0.30.1 ; python_version >= "3.11" --hash={H}  # web

six==1.16.0 --hash={H}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(LockfileError) as caught:
        check_lockfile(text)
    return caught.value.problems


def test_a_pinned_file_is_read() -> None:
    assert check_lockfile(GOOD) == [
        Pin("flask-login", "0.6.3", "", (H, "sha256:" + "b" * 64)),
        Pin("uvicorn", "0.30.1", 'python_version >= "3.11"', (H,)),
        Pin("six", "1.16.0", "", (H,)),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "six",
        "six>=1.16",
        "six~=1.16.0",
        "six==1.*",
        "six===1.16.0",
        "six==1.16.0,<2",
        "six @ https://evil.example/six.whl",
        "https://evil.example/six-1.16.0-py2.py3-none-any.whl",
        "git+https://github.com/x/six@main#egg=six",
        "./six",
        "../six.whl",
        "C:\\six.whl",
        "six == 1.16.0 @ https://evil.example",
    ],
)
def test_attack_a_requirement_that_is_not_pinned_is_named(line: str) -> None:
    [problem] = problems(f"{GOOD}{line} --hash={H}\n")
    assert problem.startswith("line 10: ")
    assert "not pinned" in problem


@pytest.mark.parametrize(
    "hashes", ["", "--hash=md5:" + "a" * 32, "--hash=sha1:" + "a" * 40, f"--hash={H} --hash=md5:x"]
)
def test_attack_a_missing_or_weak_hash_is_named(hashes: str) -> None:
    assert problems(f"six==1.16.0 {hashes}") == ["line 1: six has no hash, or one that is not SHA-256 or better"]


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://evil.example/simple",
        "--extra-index-url=https://evil.example/simple",
        "-i https://evil.example",
        "--find-links ./wheels",
        "--trusted-host evil.example",
        "--no-binary :all:",
        "-r other.txt",
        "-c constraints.txt",
        "-e .",
        "--pre",
        "--extra-index-\\\nurl https://evil.example",
    ],
)
def test_attack_an_option_that_opens_another_source_is_named(line: str) -> None:
    [problem] = problems(GOOD + line)
    assert "not allowed" in problem


def test_attack_one_package_twice_under_two_spellings_is_named() -> None:
    [problem] = problems(f"a.b==1 --hash={H}\nA_B==2 --hash={H}")
    assert "twice" in problem


def test_attack_a_hash_in_a_comment_does_not_count() -> None:
    assert problems(f"six==1.16.0 # --hash={H}")


def test_attack_a_hash_inside_a_marker_does_not_count() -> None:
    assert problems(f'six==1.16.0 ; python_version > "3" or " --hash={H}"')


def test_all_problems_come_at_once_and_the_message_is_bounded() -> None:
    with pytest.raises(LockfileError, match="and 5 more") as caught:
        check_lockfile("\n".join(f"package{number}" for number in range(15)))
    assert len(caught.value.problems) == 15


def test_an_empty_file_is_no_lock() -> None:
    assert problems("# nothing\n") == ["the file names no package"]


@given(st.text(alphabet="ab=1.-# \\\n;@[]<>~", max_size=40))
def test_whatever_comes_it_is_pinned_or_told(text: str) -> None:
    try:
        pins = check_lockfile(text)
    except LockfileError:
        return
    assert all(pin.hashes for pin in pins)
    assert pins


@pytest.mark.parametrize(
    "option", ["--config-settings=x=y", "--global-option=build", "--index-url=https://evil.example"]
)
def test_attack_an_option_does_not_hide_in_a_marker(option: str) -> None:
    assert "not pinned" in problems(f'six==1.16.0 ; python_version > "3" {option} --hash={H}\n')[0]


def test_attack_a_variable_in_a_marker_is_not_taken_since_pip_would_put_in_its_value() -> None:
    assert "not pinned" in problems(f"six==1.16.0 ; ${{MARKER}} --hash={H}\n")[0]


@pytest.mark.parametrize("first", ["# -*- coding: utf-7 -*-\n", "\n#vim: coding=utf_7\n"])
def test_attack_a_line_that_only_pip_sees_because_it_decodes_the_file_otherwise(first: str) -> None:
    assert b"+AAo-".decode("utf-7") == "\n"
    assert "encoding" in problems(f"{first}# +AAo-evil @ https://evil.example/x.zip\nsix==1.16.0 --hash={H}\n")[0]


def test_a_declared_utf_8_is_fine() -> None:
    assert check_lockfile(f"# coding: UTF-8\nsix==1.16.0 --hash={H}\n")
