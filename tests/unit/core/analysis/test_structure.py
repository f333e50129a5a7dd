from tests.unit.core.analysis.looking import unit_of
from workbench.core.analysis.structure import read_structure

CODE = """
import os
import requests
from flask import request

@app.route("/")
def show(page, *, size=1):
    name = request.args["name"]
    with open(name) as file:
        cursor.execute("SELECT 1")
    return requests.get("https://a.example", timeout=1)

class Store:
    def save(self, item):
        os.system("sync")
"""


def test_functions_with_their_lines_and_entry_points() -> None:
    structure = read_structure(unit_of(CODE))
    by_name = {function.name: function for function in structure.functions}
    assert (by_name["show"].entry_point, by_name["show"].parameters) == (True, ("page", "size"))
    assert (by_name["save"].entry_point, by_name["save"].line_start) == (False, 13)
    assert structure.classes == ("Store",)


def test_dependencies_are_told_apart_from_the_standard_library() -> None:
    structure = read_structure(unit_of(CODE))
    assert structure.third_party == ("flask", "requests")
    assert structure.standard == ("os",)


def test_what_comes_in_and_what_is_touched() -> None:
    structure = read_structure(unit_of(CODE))
    assert structure.reads_outside == ("request.args",)
    assert structure.touches == {"files": 1, "databases": 1, "processes": 1, "network": 1}


def test_what_was_not_understood_is_said() -> None:
    assert "no static look can follow" in read_structure(unit_of("eval(x)\n")).notices[0]
    assert "only its text" in read_structure(unit_of("x", language="ruby")).notices[0]
    assert "not understood" in read_structure(unit_of("((((" * 2000)).notices[0]
