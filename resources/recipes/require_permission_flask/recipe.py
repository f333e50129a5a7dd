"""Authorisation in Flask that denies by default: a view without a declared permission is closed to everybody."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, abort, current_app, request

MARK = "_needed_permission"
"""The attribute of a view that says what it needs."""

EXTENSION = "require_permission"
"""Where the app keeps how permissions are found; a view with needs() in an app without it fails closed."""

P = ParamSpec("P")
R = TypeVar("R")


def require_permission_flask(app: Flask, permissions_of: Callable[[], Collection[str] | None]) -> None:
    """Close every view of `app`, also of blueprints added later, except those marked with needs() or public().

    `permissions_of` tells what whoever sent the current request may do, from the server's own records, and None when
    nobody is signed in. Static files are a view too: public(app.view_functions["static"]).
    """
    app.extensions[EXTENSION] = permissions_of
    app.before_request(_refuse_unmarked)


def needs(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only those in who hold `permission`: 401 for nobody, 403 for others. Goes below @app.route."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            held = current_app.extensions[EXTENSION]()
            if held is None:
                abort(401)
            if permission not in set(held):  # a set, since part of a text would be "in" it too
                abort(403)
            return current_app.ensure_sync(view)(*args, **kwargs)  # type: ignore[no-any-return]

        setattr(guarded, MARK, permission)
        return guarded

    return decorate


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Open a view to everybody, signed in or not. Goes below @app.route."""
    setattr(view, MARK, None)
    return view


def unmarked(app: Flask) -> list[str]:
    """The endpoints that nobody can reach because they say nothing; a test should find none."""
    return sorted(name for name, view in app.view_functions.items() if not hasattr(view, MARK))


def _refuse_unmarked() -> None:
    # Without an endpoint there is no such page, and Flask answers 404 or 405 by itself.
    if request.endpoint is None or hasattr(current_app.view_functions[request.endpoint], MARK):
        return
    current_app.logger.error("view %s declares no permission, so it is closed", request.endpoint)
    abort(403)
