"""Authorisation in Django that denies by default: a view without a declared permission is closed to everybody."""

import logging
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

MARK = "needed_permission"
"""The attribute of a view that says what it needs."""

SELF_GUARDED = frozenset({"admin"})
"""Namespaces of apps that check every view by themselves, as Django's admin does."""

View = Callable[..., Any]


def _login_address(request: HttpRequest) -> str:
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"


class PermissionGuard:
    """The middleware; name it in MIDDLEWARE after AuthenticationMiddleware."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on; process_view() decides once the view is known."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, _args: object, _kwargs: object) -> HttpResponse | None:
        """None to go on, a way to the login for nobody; raises PermissionDenied, which becomes 403."""
        match = request.resolver_match
        if match is not None and SELF_GUARDED.intersection(match.app_names):
            return None
        if not hasattr(view, MARK):
            logging.getLogger(__name__).error(
                "%r declares no permission, so it is closed", getattr(view, "view_class", view)
            )
            raise PermissionDenied
        permission = getattr(view, MARK)
        if permission is not None:
            user = getattr(request, "user", None)
            if user is None or not user.is_authenticated:
                return redirect(_login_address(request))
            if not user.has_perm(permission):
                raise PermissionDenied
        request.META[MARK] = permission
        return None


def require_permission_django(permission: str) -> Callable[[View], View]:
    """Let only users in who hold `permission`, such as "shop.delete_invoice"; for functions and View.as_view().

    For a class write @method_decorator(require_permission_django(...), name="dispatch"). In a project without the
    middleware the view fails closed.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.META.get(MARK) != permission:
                raise ImproperlyConfigured("PermissionGuard is missing in MIDDLEWARE, or two permissions are declared")
            return view(request, *args, **kwargs)

        setattr(guarded, MARK, permission)
        return markcoroutinefunction(guarded) if iscoroutinefunction(view) else guarded

    return decorate


def public(view: View) -> View:
    """Open a view to everybody, signed in or not."""
    setattr(view, MARK, None)
    return view
