"""Languages as they are written in a sentence."""

_SPOKEN = {
    "c": "C", "cpp": "C++", "csharp": "C#", "css": "CSS", "go": "Go", "html": "HTML", "java": "Java",
    "javascript": "JavaScript", "json": "JSON", "kotlin": "Kotlin", "markdown": "Markdown", "php": "PHP",
    "python": "Python", "ruby": "Ruby", "rust": "Rust", "sql": "SQL", "terraform": "Terraform", "toml": "TOML",
    "typescript": "TypeScript", "xml": "XML", "yaml": "YAML",
}  # fmt: skip


def spoken(language: str) -> str:
    """A language's own spelling, `JavaScript` for `javascript`; one that is not known stays as it is written."""
    return _SPOKEN.get(language, language)
