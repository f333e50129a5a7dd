"""Packages by one name everywhere: package URLs made of what feeds and inventories call them.

https://github.com/package-url/purl-spec; what is made and read is done by packageurl-python.
"""

from packageurl import PackageURL

ECOSYSTEMS = {
    "pypi": ("pypi", None), "pip": ("pypi", None), "npm": ("npm", None), "maven": ("maven", None),
    "go": ("golang", None), "crates.io": ("cargo", None), "rust": ("cargo", None), "rubygems": ("gem", None),
    "nuget": ("nuget", None), "packagist": ("composer", None), "composer": ("composer", None), "hex": ("hex", None),
    "erlang": ("hex", None), "pub": ("pub", None), "swifturl": ("swift", None), "swift": ("swift", None),
    "github actions": ("githubactions", None), "actions": ("githubactions", None), "cran": ("cran", None),
    "hackage": ("hackage", None), "conancenter": ("conan", None), "bitnami": ("bitnami", None),
    "debian": ("deb", "debian"), "ubuntu": ("deb", "ubuntu"), "alpine": ("apk", "alpine"),
    "chainguard": ("apk", "chainguard"), "wolfi": ("apk", "wolfi"), "red hat": ("rpm", "redhat"),
    "rocky linux": ("rpm", "rocky-linux"), "almalinux": ("rpm", "almalinux"), "suse": ("rpm", "suse"),
    "opensuse": ("rpm", "opensuse"), "mageia": ("rpm", "mageia"), "openeuler": ("rpm", "openeuler"),
}  # fmt: skip
"""Type and namespace of package URLs for the ecosystems of OSV and GitHub, in lower case."""

_SLASHED = frozenset({"npm", "golang", "composer", "swift", "githubactions"})
"""Types whose names have their namespace before a slash."""


def without_version(purl: str) -> str:
    """A package URL without version, qualifiers and subpath, in its canonical spelling; empty when it is none."""
    parsed = parsed_purl(purl)
    return "" if parsed is None else PackageURL(parsed.type, parsed.namespace, parsed.name).to_string()


def parsed_purl(purl: str) -> PackageURL | None:
    """The parts of a package URL; None when it is none."""
    try:
        return PackageURL.from_string(purl)
    except ValueError:
        return None


def purl_of(ecosystem: str, name: str) -> str:
    """The package URL of a package by its ecosystem (PyPI, `Debian:12`) and name; empty where there is no type."""
    known = ECOSYSTEMS.get(ecosystem.partition(":")[0].strip().lower())
    if known is None or not name:
        return ""
    kind, namespace = known
    if kind == "maven" and ":" in name:
        namespace, _, name = name.rpartition(":")
    elif kind in _SLASHED and "/" in name:
        namespace, _, name = name.rpartition("/")
    try:
        return PackageURL(kind, namespace, name).to_string()
    except ValueError:
        return ""
