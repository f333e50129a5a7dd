from collections.abc import Collection
from inspect import iscoroutinefunction

import pytest
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from flask.views import MethodView

from .recipe import needs, public, require_permission_flask, unmarked

HELD = {"ann": {"invoice.read"}, "boss": {"invoice.read", "invoice.delete"}, "new": set()}


def permissions_of() -> Collection[str] | None:
    return HELD.get(request.headers.get("X-Test-User", ""))


class Invoice(MethodView):
    decorators = (needs("invoice.read"),)

    def get(self) -> str:
        return "class"


class HalfMarked(MethodView):
    @needs("invoice.read")
    def get(self) -> str:
        return "class"

    def delete(self) -> str:
        return "deleted"


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    require_permission_flask(app, permissions_of)

    @app.route("/")
    @public
    def home() -> str:
        return "home"

    @app.route("/invoices/<int:number>")
    @needs("invoice.read")
    def read(number: int) -> str:
        return f"invoice {number}"

    @app.route("/invoices/<int:number>", methods=["DELETE"])
    @needs("invoice.delete")
    def delete(number: int) -> str:
        return f"deleted {number}"

    @app.route("/forgotten", methods=["GET", "POST"])
    def forgotten() -> str:
        return "secret"

    later = Blueprint("later", __name__)

    @needs("invoice.read")
    @later.route("/wrong-order")
    def wrong_order() -> str:
        return "secret"

    app.register_blueprint(later)
    app.add_url_rule("/class", view_func=Invoice.as_view("class"))
    app.add_url_rule("/half", view_func=HalfMarked.as_view("half"))
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def get(client: FlaskClient, path: str, user: str, method: str = "GET") -> int:
    return client.open(path, method=method, headers={"X-Test-User": user}).status_code


def test_who_holds_the_permission_gets_in(client: FlaskClient) -> None:
    assert client.get("/invoices/7", headers={"X-Test-User": "ann"}).text == "invoice 7"
    assert get(client, "/invoices/7", "boss", "DELETE") == 200
    assert get(client, "/class", "ann") == 200


def test_a_public_page_is_for_everybody_and_a_missing_one_is_missing(client: FlaskClient) -> None:
    assert client.get("/").text == "home"
    assert client.get("/nothing").status_code == 404
    assert client.put("/invoices/7").status_code == 405


def test_a_test_finds_the_views_that_say_nothing(app: Flask) -> None:
    assert unmarked(app) == ["forgotten", "half", "later.wrong_order", "static"]
    public(app.view_functions["static"])
    assert "static" not in unmarked(app)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_attack_nobody_and_others_are_kept_out(client: FlaskClient, method: str) -> None:
    assert get(client, "/invoices/7", "", method) == 401
    assert get(client, "/invoices/7", "new", method) == 403
    assert get(client, "/class", "new", method) == 403


def test_attack_reading_is_not_deleting(client: FlaskClient) -> None:
    assert get(client, "/invoices/7", "ann", "DELETE") == 403


@pytest.mark.parametrize("path", ["/forgotten", "/wrong-order", "/half", "/static/x.js"])
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "DELETE"])
def test_attack_a_forgotten_view_is_closed_even_to_the_boss(client: FlaskClient, path: str, method: str) -> None:
    assert get(client, path, "boss", method) in (403, 405)


def test_attack_a_marked_view_in_an_app_without_the_guard_fails_closed() -> None:
    app = Flask(__name__)
    app.add_url_rule("/x", view_func=needs("a")(lambda: "secret"), endpoint="x")
    assert app.test_client().get("/x").status_code == 500


def test_an_async_view_is_guarded_too(app: Flask) -> None:
    @app.route("/async")
    @needs("invoice.read")
    async def later() -> str:
        return "later"

    app.ensure_sync = lambda view: (lambda: "ran by Flask") if iscoroutinefunction(view) else view  # type: ignore[method-assign]
    assert get(app.test_client(), "/async", "new") == 403
    assert app.test_client().get("/async", headers={"X-Test-User": "ann"}).text == "ran by Flask"


def test_attack_a_permission_is_no_part_of_a_text_given_by_mistake() -> None:
    app = Flask(__name__)
    require_permission_flask(app, lambda: "invoice.read")
    app.add_url_rule("/read", view_func=needs("read")(lambda: "read"))
    assert app.test_client().get("/read").status_code == 403
