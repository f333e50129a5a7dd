"""Start as root for what needs it, then become an ordinary user for good, and make sure that it worked."""

import os
import pwd

UMASK = 0o077
"""Rights that new files do not give."""


class PrivilegeError(RuntimeError):
    """The rights could not be given up wholly. The program must stop at once; it may be root still."""


def drop_privileges(user: str) -> None:
    """Become `user` with its own group and no others, irrevocably. Call it after binding ports and reading keys.

    Before any thread is started and before any byte from outside is read. Files that are open stay open. Raises
    PrivilegeError when the user is unknown or root, when we are not root, or when anything of root is left.
    """
    try:
        account = pwd.getpwnam(user)
    except KeyError as error:
        raise PrivilegeError(f"there is no user {user}") from error
    if account.pw_uid == 0 or account.pw_gid == 0:
        raise PrivilegeError(f"{user} is root, or in the group of root")
    if os.geteuid() != 0:
        raise PrivilegeError("only root can become another user")
    try:
        # Groups first: after setresuid we would have no right to change them, and would keep those of root.
        os.setgroups([])
        os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
        os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)  # the saved id too, or there is a way back
    except OSError as error:
        raise PrivilegeError(f"the rights could not be given up: {error.strerror}") from error
    _check(account)
    os.umask(UMASK)
    os.environ.update(HOME=account.pw_dir, USER=user, LOGNAME=user)


def _check(account: pwd.struct_passwd) -> None:
    """Ask the kernel what we are, and try to go back: a call that claims to have worked has been known to lie."""
    if os.getresuid() != (account.pw_uid,) * 3 or os.getresgid() != (account.pw_gid,) * 3:
        raise PrivilegeError("user or group are not what they should be")
    if not set(os.getgroups()) <= {account.pw_gid}:
        names = ", ".join(str(group) for group in os.getgroups())
        raise PrivilegeError(f"there are groups left: {names}")
    for regain in (os.setuid, os.setgid):
        try:
            regain(0)
        except PermissionError:
            continue
        raise PrivilegeError("root could be regained")
