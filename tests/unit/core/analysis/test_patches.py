from hypothesis import given
from hypothesis import strategies as st

from workbench.core.analysis.analyse import analyse_unit
from workbench.core.analysis.patches import is_patch, read_patch
from workbench.core.analysis.repair import unified_diff
from workbench.core.tasks import CodeUnit

PATCH = """\
diff --git a/app/client.py b/app/client.py
index 1..2 100644
--- a/app/client.py
+++ b/app/client.py
@@ -40,4 +40,5 @@ def call():
 def get(url):
-    return requests.get(url, timeout=5)
+    return requests.get(
+        url, timeout=5, verify=False)
~
-- gone
diff --git a/old.py b/old.py
--- a/old.py
+++ /dev/null
@@ -1,2 +0,0 @@
-import os
--- not a header
--
2.40
""".replace("~", " ")


def test_each_file_with_what_was_added_and_removed_at_its_line() -> None:
    client, old = read_patch(PATCH)
    assert client.path == "app/client.py"
    assert list(client.added) == [41, 42]
    assert client.removed == {41: "    return requests.get(url, timeout=5)", 43: "- gone"}
    assert (old.path, old.removed[2], old.after.text) == ("old.py", "-- not a header", "")


def test_findings_in_a_change_have_the_lines_of_the_changed_file() -> None:
    change = read_patch(PATCH)[0]
    (finding,) = analyse_unit(change.after).findings
    assert (finding.line_start, finding.cwe) == (41, "CWE-295")
    assert change.introduces(finding.line_start, finding.line_end)
    assert not change.introduces(40, 40)


def test_a_diff_without_file_names_and_with_wrong_counts_is_read_as_far_as_it_goes() -> None:
    (change,) = read_patch("@@ -1,9 +1,9 @@\n+eval(x)\n")
    assert change.added == {1: "eval(x)"}


def test_a_diff_is_known_by_its_language_or_its_hunks() -> None:
    assert is_patch(CodeUnit(name="a.diff", language="diff", text=""))
    assert is_patch(CodeUnit(name="pasted code", language="python", text=PATCH))
    assert not is_patch(CodeUnit(name="a.py", language="python", text="x = 1  # @@ -1 +1 @@\n"))


lines = st.lists(st.sampled_from(["a", "b", "", "-- c", "++ d", "@@ x", "\\ e"]), max_size=12)


@given(lines, lines)
def test_a_change_read_from_a_diff_holds_every_line_that_was_added(before: list[str], after: list[str]) -> None:
    old, new = ("".join(f"{line}\n" for line in part) for part in (before, after))
    changes = read_patch(unified_diff("f.py", old, new))
    assert len(changes) == (old != new)
    for change in changes:
        assert all(after[number - 1] == text for number, text in change.added.items())
        assert all(before[number - 1] == text for number, text in change.removed.items())
        assert len(change.added) - len(change.removed) == len(after) - len(before)
