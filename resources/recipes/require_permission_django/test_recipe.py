import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

import django
import pytest
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import ResolverMatch, path
from django.utils.decorators import method_decorator
from django.views import View

if not settings.configured:
    settings.configure(
        SECRET_KEY="only for tests",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        ALLOWED_HOSTS=["testserver"],
        USE_TZ=True,
    )
    django.setup()

from .recipe import PermissionGuard, public, require_permission_django


class User(SimpleNamespace):
    is_authenticated = True

    def has_perm(self, permission: str) -> bool:
        return permission in self.held


NOBODY = SimpleNamespace(is_authenticated=False)
ANN = User(held={"shop.view_invoice"})
BOSS = User(held={"shop.view_invoice", "shop.delete_invoice"})


@require_permission_django("shop.view_invoice")
def read(_: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(f"invoice {number}")


@method_decorator(require_permission_django("shop.delete_invoice"), name="dispatch")
class Delete(View):
    def post(self, _: HttpRequest, number: int) -> HttpResponse:
        return HttpResponse(f"deleted {number}")


class Forgotten(View):
    def get(self, _: HttpRequest, number: int) -> HttpResponse:
        return HttpResponse(f"secret {number}")


def forgotten(_: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(f"secret {number}")


@public
def home(_: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(f"home {number}")


@pytest.fixture(autouse=True)
def no_urls() -> Iterator[None]:
    module = ModuleType("no_urls")
    module.urlpatterns = []  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=module):
        yield


def sent(view: object, user: object, method: str = "GET", app_names: tuple[str, ...] = ()) -> HttpResponse:
    """What Django does with a request once the view is found."""
    request = RequestFactory().generic(method, "/invoices/7?x=1")
    request.user = user  # type: ignore[assignment]
    request.resolver_match = ResolverMatch(view, (), {"number": 7}, app_names=list(app_names))  # type: ignore[arg-type]
    guard = PermissionGuard(lambda _: HttpResponse())
    early = guard.process_view(request, view, (), {"number": 7})  # type: ignore[arg-type]
    return early or view(request, number=7)  # type: ignore[operator]


def test_who_holds_the_permission_gets_in() -> None:
    assert sent(read, ANN).content == b"invoice 7"
    assert sent(Delete.as_view(), BOSS, "POST").content == b"deleted 7"
    assert sent(home, NOBODY).content == b"home 7"


def test_nobody_is_led_to_the_login_and_back() -> None:
    answer = sent(read, NOBODY)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=%2Finvoices%2F7%3Fx%3D1")


def test_the_admin_goes_on_checking_itself() -> None:
    assert sent(forgotten, NOBODY, app_names=("admin",)).content == b"secret 7"


def test_an_async_view_stays_one() -> None:
    @require_permission_django("shop.view_invoice")
    async def later(_: HttpRequest, number: int) -> HttpResponse:
        return HttpResponse(f"later {number}")

    assert iscoroutinefunction(later)
    assert asyncio.run(sent(later, ANN)).content == b"later 7"  # type: ignore[arg-type]


@pytest.mark.parametrize(("view", "user"), [(read, User(held=set())), (Delete.as_view(), ANN)])
def test_attack_others_are_kept_out(view: object, user: object) -> None:
    with pytest.raises(PermissionDenied):
        sent(view, user, "POST")


@pytest.mark.parametrize("view", [forgotten, Forgotten.as_view()])
@pytest.mark.parametrize("user", [NOBODY, BOSS])
def test_attack_a_forgotten_view_is_closed_even_to_the_boss(
    view: object, user: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(PermissionDenied):
        sent(view, user)
    assert "orgotten" in caplog.text


def test_attack_without_the_middleware_a_marked_view_fails_closed() -> None:
    request = RequestFactory().get("/invoices/7", headers={"needed-permission": "shop.view_invoice"})
    request.user = BOSS  # type: ignore[assignment]
    with pytest.raises(ImproperlyConfigured, match="PermissionGuard"):
        read(request, number=7)


def test_attack_without_the_authentication_middleware_nobody_is_signed_in() -> None:
    request = RequestFactory().get("/invoices/7")
    answer = PermissionGuard(lambda _: HttpResponse()).process_view(request, read, (), {})
    assert answer is not None
    assert answer.status_code == 302


def test_attack_a_second_decorator_does_not_replace_the_first() -> None:
    both = require_permission_django("shop.view_invoice")(require_permission_django("shop.delete_invoice")(forgotten))
    with pytest.raises(ImproperlyConfigured):
        sent(both, ANN)


@contextmanager
def urls(module: ModuleType) -> Iterator[None]:
    with override_settings(ROOT_URLCONF=module, MIDDLEWARE=[f"{PermissionGuard.__module__}.PermissionGuard"]):
        yield


def test_django_itself_runs_it() -> None:
    module = ModuleType("urls_of_this_test")
    module.urlpatterns = [path("home/<int:number>", home), path("forgotten/<int:number>", forgotten)]  # type: ignore[attr-defined]
    with urls(module):
        assert Client().get("/home/7").content == b"home 7"
        assert Client().get("/forgotten/7").status_code == 403
        assert Client().get("/nothing").status_code == 404
