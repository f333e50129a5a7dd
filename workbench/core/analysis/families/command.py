"""Commands put together as one text for a shell (CWE-78), and arguments that reach a process unchecked (CWE-88)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import Atom, Atoms, strongest
from workbench.core.analysis.follow import values
from workbench.core.analysis.module import argument, constant, keyword
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import SURE_OF, Match, Rule, Scan, describe
from workbench.core.analysis.shapes import Shape, holes, literal
from workbench.core.evidence import Severity

TOPIC = "command"

SHELL_RULE = Rule(
    "command-in-shell",
    "CWE-78",
    "Shell command with a value put into it",
    Severity.HIGH,
    "A shell reads `;`, `|`, `$( )` and quotes in the value as its own syntax, so whoever controls the value runs "
    "commands with the rights of this program.",
    "Pass a list of arguments to subprocess.run() without shell=True; shlex.quote() is only second best.",
)
RUNNER_RULE = Rule(
    "command-text-to-runner",
    "CWE-78",
    "Command line built as one text",
    Severity.MEDIUM,
    "The call takes a whole command line as text, which is usually read by a shell; a value in it can become syntax.",
    "Hand the arguments over as a list, so that no shell reads them.",
)
EXECUTABLE_RULE = Rule(
    "command-chosen-outside",
    "CWE-78",
    "Program to run is chosen from outside",
    Severity.HIGH,
    "Whoever chooses the program or its first arguments runs what they like.",
    "Choose the program from a fixed set of allowed ones.",
)

SHELL_CALLS = frozenset({
    "os.system", "os.popen", "os.popen2", "os.popen3", "os.popen4", "popen2.popen2", "popen2.popen3", "popen2.popen4",
    "popen2.Popen3", "popen2.Popen4", "commands.getoutput", "commands.getstatusoutput", "subprocess.getoutput",
    "subprocess.getstatusoutput", "asyncio.create_subprocess_shell", "pty.spawn", "platform.popen",
})  # fmt: skip
"""Calls whose first argument a shell reads."""

PROCESS_CALLS = frozenset({
    "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen",
    "Popen", "check_output", "check_call",
})  # fmt: skip
"""Calls whose first argument a shell reads with `shell=True`."""

REMOTE_SHELLS = frozenset({"exec_command", "run_command", "sudo", "run_shell", "shell", "run_cmd", "send_command"})
"""Methods that hand a text to a shell on this or another machine (paramiko, fabric, testinfra, salt)."""

RUNNERS = re.compile(
    r"(?:^|_)(?:run|exec|execute|call|check_output|check_call|system|popen|getoutput|shell|ssh|spawn|cmd|command|cli|"
    r"sudo|local)(?:_|$)|^(?:run|exec|execute)[A-Z]\w*|runcmd"
)
"""Names by which programs call their own wrapper around a shell."""

SHELLS = re.compile(
    r"(?:/usr)?(?:/bin/)?(?:(?:ba|da|z|k|c)?sh|cmd(?:\.exe)?|powershell(?:\.exe)?|pwsh)$", re.IGNORECASE
)

QUOTERS = frozenset({"quote", "shlex.quote", "list2cmdline", "pipes.quote", "shellquote", "shell_quote", "quotearg"})
"""Calls that make a value one word to a shell."""

EXEC_CALLS = frozenset({
    "os.execl", "os.execle", "os.execlp", "os.execv", "os.execve", "os.execvp", "os.execvpe", "os.spawnl", "os.spawnv",
    "os.spawnlp", "os.spawnvp", "os.startfile", "asyncio.create_subprocess_exec",
})  # fmt: skip

_COMMAND_LINE = re.compile(
    r"^(?:[\w.]+=\S*\s+|\0\s+|sudo\s+)*(?:/?(?:usr/|s?bin/|local/)*)"
    r"(?:rm|cp|mv|ls|cat|tar|zip|unzip|gzip|git|ssh|scp|rsync|curl|wget|ping|nslookup|dig|ip|ifconfig|iptables|mount|"
    r"umount|chmod|chown|kill|pkill|docker|kubectl|helm|systemctl|service|apt|apt-get|yum|dnf|pip|npm|make|gcc|java|"
    r"javac|python\d?|perl|ruby|node|bash|sh|echo|grep|sed|awk|find|touch|mkdir|ffmpeg|convert|openssl|gpg|mysql|"
    r"mysqldump|psql|pg_dump|svn|hg|rclone|aws|gcloud|virsh|qemu-img|lvs|lvcreate|dd|mkfs|useradd|passwd|crontab|"
    r"notify-send|xdg-open|whois|nmap|tcpdump|tail|head|wc|date|screen|tmux|dpkg|rpm|snap|"
    r"ovs-vsctl|brctl|route|tc|iw|modprobe|insmod|lsof|ps|df|du|lpr|sendmail|mail|latex|pdflatex|pandoc|youtube-dl)"
    r"\s+\S"
)
"""A text that begins with a well-known program and goes on: a command line."""


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Every call that starts a process with a text or a program that is not fixed."""
    for call in scan.module.calls:
        name = scan.module.dotted(call)
        last = name.rsplit(".", 1)[-1]
        if name in SHELL_CALLS or last in REMOTE_SHELLS:
            yield from _in_shell(scan, call, argument(call, 0, "cmd", "command", "args"))
        elif name in PROCESS_CALLS:
            yield from _in_process(scan, call)
        elif name in EXEC_CALLS:
            yield from _in_exec(scan, call)
        elif RUNNERS.search(last):
            yield from _in_runner(scan, call)


def _looked_at(call: ast.Call) -> Examined:
    return Examined(topic=TOPIC, line_start=call.lineno, line_end=call.end_lineno or call.lineno)


def _in_process(scan: Scan, call: ast.Call) -> Iterator[Match | Examined]:
    shell = keyword(call, "shell")
    given = argument(call, 0, "args")
    if shell is None or constant(shell) is False or constant(shell) == 0:
        yield _looked_at(call)
        yield from _in_list(scan, call, given)
    elif constant(shell) is ... and not any(scan.shapes.of(given)):
        yield _looked_at(call)
    else:
        yield from _in_shell(scan, call, given)


def _in_shell(scan: Scan, call: ast.Call, given: ast.expr | None) -> Iterator[Match | Examined]:
    yield _looked_at(call)
    if given is None or isinstance(given, ast.List | ast.Tuple):
        return
    atoms = _open(scan, given)
    origin = strongest(atoms)
    if origin >= Origin.CONFIG:
        severity = Severity.MEDIUM if origin is Origin.CONFIG else Severity.HIGH
        yield Match(SHELL_RULE, call, max(SURE_OF[origin], 0.4), f"the command has {describe(atoms)} in it", severity)


def _in_list(scan: Scan, call: ast.Call, given: ast.expr | None) -> Iterator[Match | Examined]:
    """Without a shell only two things remain: `sh -c TEXT`, and a program that comes from outside."""
    if given is None:
        return
    if isinstance(given, ast.List | ast.Tuple) and len(given.elts) >= 3 and SHELLS.match(str(constant(given.elts[0]))):
        yield from _in_shell(scan, call, given.elts[2])
        return
    lists = values(scan.flow, given)
    programs = [one.elts[0] if isinstance(one, ast.List | ast.Tuple) and one.elts else one for one in lists]
    atoms = frozenset[Atom]().union(*(_open(scan, program) for program in programs))
    atoms = _not_the_operators(scan.unchecked(atoms, given))
    if strongest(atoms) is Origin.REQUEST:
        yield Match(EXECUTABLE_RULE, call, 0.6, f"the program is {describe(atoms)}")


def _in_exec(scan: Scan, call: ast.Call) -> Iterator[Match | Examined]:
    yield _looked_at(call)
    if call.args:
        atoms = _not_the_operators(scan.unchecked(_open(scan, call.args[0]), call.args[0]))
        if strongest(atoms) is Origin.REQUEST:
            yield Match(EXECUTABLE_RULE, call, 0.7, f"the program is {describe(atoms)}")


def _not_the_operators(atoms: Atoms) -> Atoms:
    """Without what the command line says: who starts this program may start another one just as well."""
    return frozenset(atom for atom in atoms if "argv" not in atom.root and "parse_args" not in atom.root)


def _in_runner(scan: Scan, call: ast.Call) -> Iterator[Match | Examined]:
    given = argument(call, 0, "cmd", "command")
    if given is None or isinstance(given, ast.List | ast.Tuple) or len(call.args) > 2:
        return
    for shape in scan.shapes.of(given):
        if holes(shape) and _COMMAND_LINE.match(literal(shape).lstrip()):
            yield _looked_at(call)
            atoms = _shape_atoms(scan, shape, given)
            if strongest(atoms) >= Origin.UNKNOWN:
                yield Match(RUNNER_RULE, call, 0.7 * SURE_OF[strongest(atoms)], f"it has {describe(atoms)} in it")
                return


def _shape_atoms(scan: Scan, shape: Shape, use: ast.expr) -> Atoms:
    atoms = frozenset(atom for hole in holes(shape) if not hole.numeric for atom in hole.atoms)
    dangerous = frozenset(a for a in atoms if a.origin >= Origin.CONFIG and not a.calls & QUOTERS)
    return scan.unchecked(dangerous, use)


def _open(scan: Scan, given: ast.expr) -> Atoms:
    """Origins in a command's text that nothing quotes or checks, over all its alternatives."""
    shapes = scan.shapes.of(given)
    return frozenset().union(*(_shape_atoms(scan, shape, given) for shape in shapes))
