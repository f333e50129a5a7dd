import os
import pwd
from collections.abc import Sequence

import pytest

from .recipe import PrivilegeError, drop_privileges

APP, APP_GROUP = 1234, 2345


class Kernel:
    """Plays the calls of the kernel: only root changes groups and ids freely."""

    def __init__(self, uid: int = 0, ignored: str = "") -> None:
        self.uids, self.gids, self.groups = (uid,) * 3, (uid,) * 3, [0, 4, 27]
        self.mask = 0
        self.ignored = ignored

    def root(self, call: str) -> bool:
        """Whether the call is done; a call of the name `ignored` says it was, and was not."""
        if self.uids[1] != 0:
            raise PermissionError(1, "Operation not permitted")
        return call != self.ignored

    def setgroups(self, groups: Sequence[int]) -> None:
        if self.root("setgroups"):
            self.groups = list(groups)

    def setresgid(self, *ids: int) -> None:
        if self.root("setresgid"):
            self.gids = (ids[0], ids[1], ids[2])

    def setresuid(self, *ids: int) -> None:
        if self.root("setresuid"):
            self.uids = (ids[0], ids[1], ids[2])

    def setuid(self, uid: int) -> None:
        if uid not in self.uids:
            raise PermissionError(1, "Operation not permitted")
        self.uids = (self.uids[0], uid, self.uids[2])

    def setgid(self, gid: int) -> None:
        if gid not in self.gids and self.uids[1] != 0:
            raise PermissionError(1, "Operation not permitted")

    def umask(self, mask: int) -> int:
        self.mask = mask
        return 0

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("setgroups", "setresgid", "setresuid", "setuid", "setgid", "umask"):
            patch.setattr(os, name, getattr(self, name))
        patch.setattr(os, "geteuid", lambda: self.uids[1])
        patch.setattr(os, "getresuid", lambda: self.uids)
        patch.setattr(os, "getresgid", lambda: self.gids)
        patch.setattr(os, "getgroups", lambda: self.groups)


@pytest.fixture(autouse=True)
def users(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"app": (APP, APP_GROUP), "toor": (0, 0), "rootish": (APP, 0)}

    def getpwnam(name: str) -> pwd.struct_passwd:
        uid, gid = known[name]
        return pwd.struct_passwd((name, "x", uid, gid, "", f"/srv/{name}", "/bin/false"))

    monkeypatch.setattr(pwd, "getpwnam", getpwnam)
    monkeypatch.setenv("HOME", "/root")
    monkeypatch.setenv("USER", "root")
    monkeypatch.setenv("LOGNAME", "root")


def test_root_becomes_the_user_wholly(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel()
    kernel.install(monkeypatch)
    drop_privileges("app")
    assert kernel.uids == (APP,) * 3
    assert kernel.gids == (APP_GROUP,) * 3
    assert kernel.groups == []
    assert kernel.mask == 0o077
    assert (os.environ["HOME"], os.environ["USER"]) == ("/srv/app", "app")


@pytest.mark.parametrize("call", ["setgroups", "setresgid", "setresuid"])
def test_attack_a_call_that_only_claims_to_have_worked_is_noticed(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    Kernel(ignored=call).install(monkeypatch)
    with pytest.raises(PrivilegeError):
        drop_privileges("app")


def test_attack_a_way_back_to_root_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    Kernel().install(monkeypatch)
    monkeypatch.setattr(os, "setuid", lambda _: None)
    with pytest.raises(PrivilegeError, match="regained"):
        drop_privileges("app")


@pytest.mark.parametrize("user", ["toor", "rootish", "nobody-here"])
def test_attack_a_user_that_is_root_by_another_name_is_refused(monkeypatch: pytest.MonkeyPatch, user: str) -> None:
    kernel = Kernel()
    kernel.install(monkeypatch)
    with pytest.raises(PrivilegeError, match=user):
        drop_privileges(user)
    assert kernel.uids == (0, 0, 0)


def test_who_is_not_root_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    Kernel(uid=1000).install(monkeypatch)
    with pytest.raises(PrivilegeError, match="only root"):
        drop_privileges("app")


def test_attack_a_refusal_of_the_kernel_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    Kernel().install(monkeypatch)

    def refuse(*_: int) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "setresuid", refuse)
    with pytest.raises(PrivilegeError, match="temporarily"):
        drop_privileges("app")
