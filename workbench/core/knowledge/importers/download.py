"""Downloads one official file, only when it was asked for: over https with checked certificates, within limits.

Every request is entered into the ledger with its host, purpose and size, whatever became of it. A file that has not
changed since (ETag, Last-Modified) is not fetched again; a connection that breaks is resumed where the server allows
it, and tried anew where not. What arrives takes the place of an earlier file only when it is whole.
"""

import contextlib
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from loguru import logger

from workbench import __version__
from workbench.core.knowledge.import_events import DownloadInfo
from workbench.core.knowledge.importers.contents import MAX_FILE_BYTES, bare_name
from workbench.core.knowledge.importers.store import ImportStore
from workbench.core.values import WorkbenchError

if TYPE_CHECKING:
    import httpx

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
MAX_REDIRECTS = 5
ATTEMPTS = 4


class DownloadError(WorkbenchError):
    """A file could not be downloaded: from where, why, and what to do."""


class _BrokenOffError(Exception):
    """An attempt failed in a way that the next may not."""


@dataclass(frozen=True)
class DownloadLimits:
    """How long and how much. Seconds and bytes."""

    connect_seconds: float = 20.0
    silent_seconds: float = 30.0
    """Longest wait for the next piece."""
    whole_seconds: float = 1_800.0
    """Longest time for the whole file with all attempts."""
    most_bytes: int = MAX_FILE_BYTES
    pause_seconds: float = 1.0
    """Before the second attempt; twice as long before each further one."""


@dataclass
class _Partial:
    """What has arrived so far, and what tells that the rest belongs to it."""

    path: Path
    etag: str = ""
    total: int | None = None
    size: int = 0
    last_modified: str = ""
    whole: bool = field(default=False)

    def restart(self) -> None:
        """Forget what arrived."""
        self.size, self.total, self.etag, self.last_modified = 0, None, "", ""
        self.path.unlink(missing_ok=True)


class FromAddress:
    """The official file of an importer, as the origin of an import. Used once."""

    def __init__(
        self,
        kind: str,
        address: str,
        part: str,
        *,
        folder: Path,
        store: ImportStore,
        to_this_machine: bool = False,
        limits: DownloadLimits | None = None,
    ) -> None:
        """`to_this_machine` also allows plain http to the loopback address, for a mirror behind a tunnel and tests."""
        file = urlsplit(address).path.rpartition("/")[2] or "file"
        # As the same file on the disk is called, so that both are versions of one thing.
        self.label, self.part = shown(address), bare_name(file) if part and part in file else part
        self._kind, self._address, self._store = kind, address, store
        self._to_this_machine = to_this_machine
        self._limits = limits or DownloadLimits()
        self._path = folder / kind / f"{part or 'official'}-{file}"
        self._stopped = threading.Event()
        self._connection: socket.socket | None = None
        self._sha256 = ""
        self._deadline = 0.0
        self._partial = _Partial(self._path.with_name(f"{self._path.name}.part"))

    def progress(self) -> str:
        """How much has arrived."""
        host, total = urlsplit(self._address).hostname, self._partial.total
        of = f" of {total / 1e6:.1f}" if total else ""
        return f"downloading from {host}: {self._partial.size / 1e6:.1f}{of} MB"

    def stop(self) -> None:
        """Give the download up; a wait for the server ends at once."""
        self._stopped.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                # Not that of an SSLSocket, which would take the session from under the thread that reads.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def refused(self) -> None:
        """Do not use this file again: the next download fetches it anew."""
        self._path.unlink(missing_ok=True)

    def obtain(self) -> Path:
        """The whole file on this disk. Raises DownloadError."""
        import tenacity

        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._partial.restart()
        self._deadline = time.monotonic() + self._limits.whole_seconds
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_BrokenOffError),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=tenacity.wait_exponential(multiplier=self._limits.pause_seconds),
            sleep=self._rest,
            reraise=True,
        )
        try:
            retrying(self._attempt)
        except _BrokenOffError as error:
            raise DownloadError(
                f"{self.label} could not be downloaded in {ATTEMPTS} attempts ({error}); nothing was changed, "
                "try again later or import the file from the disk"
            ) from error
        except OSError as error:
            raise DownloadError(
                f"{self.label} could not be written to {self._path.parent} ({error.strerror}); make room there"
            ) from error
        finally:
            self._partial.path.unlink(missing_ok=True)
        return self._path

    def _rest(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def _attempt(self) -> None:
        """One go at the file, over as many redirects as it takes."""
        import httpx

        timeout = httpx.Timeout(self._limits.silent_seconds, connect=self._limits.connect_seconds)
        with httpx.Client(verify=_certificates(), timeout=timeout, follow_redirects=False) as client:
            address = self._address
            for _ in range(MAX_REDIRECTS + 1):
                self._check(address)
                target = self._request(client, address)
                if target is None:
                    return
                address = urljoin(address, target)
        raise DownloadError(f"{self.label} leads from one address to the next without end; check it in the settings")

    def _check(self, address: str) -> None:
        if self._stopped.is_set():
            raise DownloadError("The download was stopped; start it again")
        if time.monotonic() > self._deadline:
            raise DownloadError(
                f"{self.label} took longer than {self._limits.whole_seconds / 60:.0f} minutes and was given up; try "
                "again later or import the file from the disk"
            )
        parts = urlsplit(address)
        if parts.username or parts.password:
            raise DownloadError(
                f"{self.label} is led to with a name or a password in the address, so nothing was downloaded; take it "
                "out of the address in the settings"
            )
        here = self._to_this_machine and parts.hostname in LOOPBACK
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
            raise DownloadError(
                f"{self.label} leads to {shown(address)[:200]}, which is not https, so nothing was downloaded; check "
                "the address in the settings"
            )

    def _request(self, client: "httpx.Client", address: str) -> str | None:
        """Ask one address and ledger it; returns where it redirects to, None when the file is there."""
        import httpx

        request = client.build_request("GET", address, headers=self._headers(), extensions={"trace": self._trace})
        before, outcome = self._partial.size, "broken off"
        try:
            with self._answered(client, request) as response:
                target = self._take(response)
                outcome = (
                    "downloaded" if self._partial.whole else f"redirected to {shown(target)}" if target else "unchanged"
                )
                return target
        except _BrokenOffError as error:
            outcome = f"broken off: {error}"
            raise
        except DownloadError as error:
            outcome = str(error)
            raise
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            outcome = f"broken off: {type(error).__name__} {error}"
            raise _BrokenOffError(f"{type(error).__name__}: {error}") from error
        finally:
            self._enter(request, max(0, self._partial.size - before), outcome)

    @contextlib.contextmanager
    def _answered(self, client: "httpx.Client", request: "httpx.Request") -> "Iterator[httpx.Response]":
        response = client.send(request, stream=True)
        try:
            yield response
        finally:
            response.close()

    def _trace(self, event: str, about: dict[str, Any]) -> None:
        """Remember the connection as soon as there is one, so that `stop` can end it."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._connection = about["return_value"].get_extra_info("socket")

    def _headers(self) -> dict[str, str]:
        """Nothing is told but the program's name. With a part of the file, the rest is asked for."""
        headers = {"User-Agent": f"analyst-workbench/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
        if self._partial.size and self._partial.etag.startswith('"'):  # only a strong one tells bytes from bytes
            return headers | {"Range": f"bytes={self._partial.size}-", "If-Range": self._partial.etag}
        self._partial.restart()
        sha256, etag, last_modified = self._store.validators(self.label)
        if (etag or last_modified) and self._path.exists() and _sha256(self._path) == sha256:
            headers |= {"If-None-Match": etag} if etag else {"If-Modified-Since": last_modified}
        return headers

    def _take(self, response: "httpx.Response") -> str | None:
        """What the answer holds; returns where it redirects to."""
        status = response.status_code
        if status in {301, 302, 303, 307, 308} and "location" in response.headers:
            return str(response.headers["location"])
        if status == 304 and self._path.exists():
            return None
        if status == 429 or status >= 500:
            raise _BrokenOffError(f"the server answered {status}")
        if status not in {200, 206}:
            raise DownloadError(
                f"{shown(str(response.url))} answered {status}, so nothing was downloaded; check the address in "
                "the settings"
            )
        start = f"bytes {self._partial.size}-"
        if status == 200:
            self._partial.restart()
        elif not response.headers.get("content-range", "").startswith(start):
            self._partial.restart()
            raise _BrokenOffError("the server sent another part than the one that was asked for")
        self._expect(response)
        self._receive(response)
        return None

    def _expect(self, response: "httpx.Response") -> None:
        self._partial.etag = response.headers.get("etag", "")
        self._partial.last_modified = response.headers.get("last-modified", "")
        length = response.headers.get("content-length", "")
        self._partial.total = self._partial.size + int(length) if length.isdigit() else None
        if (self._partial.total or 0) > self._limits.most_bytes:
            raise self._too_large(self._partial.total or 0)

    def _receive(self, response: "httpx.Response") -> None:
        with self._partial.path.open("ab") as file:
            for piece in response.iter_raw():  # as it comes: with a size, what came before a break would be lost
                file.write(piece)
                self._partial.size += len(piece)
                if self._partial.size > self._limits.most_bytes:
                    raise self._too_large(self._partial.size)
                self._check(str(response.url))
        if self._partial.total is not None and self._partial.size != self._partial.total:
            raise _BrokenOffError(f"{self._partial.size:,} of {self._partial.total:,} bytes came")
        self._sha256 = _sha256(self._partial.path)
        self._partial.path.replace(self._path)
        self._partial.whole = True

    def _too_large(self, size: int) -> DownloadError:
        limit = self._limits.most_bytes
        return DownloadError(
            f"{self.label} is {size / 1e6:.0f} MB or more, and {limit / 1e6:.0f} MB is the limit, so it was not "
            "downloaded; check the address in the settings"
        )

    def _enter(self, request: "httpx.Request", received: int, outcome: str) -> None:
        """Into the ledger and the log: what left this machine, whereto and why."""
        head = sum(len(name) + len(value) + 4 for name, value in request.headers.raw)
        sent = head + len(request.method) + len(request.url.raw_path) + 13
        told = DownloadInfo(
            at=datetime.now(UTC),
            kind=self._kind,
            host=request.url.host,
            address=shown(str(request.url)),
            bytes_sent=sent,
            bytes_received=received,
            sha256=self._sha256 if self._partial.whole else "",
            outcome=outcome,
        )
        logger.info("Asked {} for {} ({} bytes sent, {} received): {}", told.host, told.kind, sent, received, outcome)
        # The validators belong to the address that was asked for, wherever it led.
        as_asked = told.model_copy(update={"address": self.label}) if self._partial.whole else told
        self._store.write_download(as_asked, self._partial.etag, self._partial.last_modified)


def shown(address: str) -> str:
    """An address as it may be told and kept: without the credentials that user part and query may hold."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _certificates() -> ssl.SSLContext:
    """The authorities that this system trusts; those of certifi where the system's cannot be found."""
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1_000_000):
            digest.update(piece)
    return digest.hexdigest()
