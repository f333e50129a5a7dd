"""Bandit's rules as we read them: the weakness each means, the topic it belongs to, and what is left out as noise.

Bandit 1.9 labels some rules with a neighbouring CWE (eval as CWE-78, yaml.load and the XML parsers as CWE-20, debug
mode as CWE-94). The labels below are given by the meaning of each rule
(https://bandit.readthedocs.io/en/latest/plugins/), for both exactness and merging with our own rules.
"""

CWE_OF: dict[str, str] = {
    "B102": "CWE-95",  # exec
    "B103": "CWE-732",  # permissive file mode
    "B104": "CWE-1327",  # bound to all interfaces
    "B105": "CWE-798",  # password in a string
    "B106": "CWE-798",  # password as an argument
    "B107": "CWE-798",  # password as a default
    "B108": "CWE-377",  # fixed name in a shared temporary folder
    "B113": "CWE-400",  # request without timeout
    "B201": "CWE-489",  # Flask debug mode
    "B202": "CWE-22",  # tarfile extractall
    "B301": "CWE-502",  # pickle
    "B302": "CWE-502",  # marshal
    "B303": "CWE-328",  # md5, sha1
    "B304": "CWE-327",  # weak cipher
    "B305": "CWE-327",  # weak cipher mode
    "B306": "CWE-377",  # mktemp
    "B307": "CWE-95",  # eval
    "B308": "CWE-79",  # mark_safe
    "B310": "CWE-918",  # urlopen with any scheme
    "B311": "CWE-338",  # random for secrets
    "B312": "CWE-319",  # telnet
    "B313": "CWE-611",
    "B314": "CWE-611",
    "B315": "CWE-611",
    "B316": "CWE-611",
    "B317": "CWE-611",
    "B318": "CWE-611",
    "B319": "CWE-611",
    "B320": "CWE-611",  # XML parsers
    "B321": "CWE-319",  # ftp
    "B323": "CWE-295",  # unverified TLS context
    "B324": "CWE-328",  # weak hash in hashlib
    "B501": "CWE-295",  # verify=False
    "B502": "CWE-327",
    "B503": "CWE-327",
    "B504": "CWE-327",  # old TLS versions
    "B505": "CWE-326",  # short keys
    "B506": "CWE-502",  # yaml.load
    "B507": "CWE-295",  # SSH host key not checked
    "B508": "CWE-319",
    "B509": "CWE-319",  # SNMP without encryption
    "B601": "CWE-78",
    "B602": "CWE-78",
    "B604": "CWE-78",
    "B605": "CWE-78",
    "B608": "CWE-89",
    "B609": "CWE-78",
    "B610": "CWE-89",
    "B611": "CWE-89",
    "B612": "CWE-94",  # logging configuration from a socket
    "B613": "CWE-838",  # bidirectional control characters
    "B614": "CWE-502",  # torch.load
    "B615": "CWE-494",  # model download without a pinned revision
    "B701": "CWE-79",
    "B702": "CWE-79",
    "B703": "CWE-79",  # templates without escaping
    "B704": "CWE-79",  # Markup
}
"""Weakness by rule; a rule that is not here keeps Bandit's own label."""

LEFT_OUT: dict[str, str] = {
    "B101": "an assert is no weakness in itself",
    "B110": "a swallowed exception is a matter of style unless something depends on it",
    "B112": "a swallowed exception is a matter of style unless something depends on it",
    "B401": "an import says nothing about a use",
    "B402": "an import says nothing about a use",
    "B403": "an import says nothing about a use",
    "B404": "an import says nothing about a use",
    "B405": "an import says nothing about a use",
    "B406": "an import says nothing about a use",
    "B407": "an import says nothing about a use",
    "B408": "an import says nothing about a use",
    "B409": "an import says nothing about a use",
    "B410": "an import says nothing about a use",
    "B411": "an import says nothing about a use",
    "B412": "an import says nothing about a use",
    "B413": "an import says nothing about a use",
    "B415": "an import says nothing about a use",
    "B603": "a process started with a list and without a shell is the recommended way",
    "B606": "a process started without a shell is the recommended way",
    "B607": "a program found on the PATH is a matter of deployment",
}
"""Rules that flag good or neutral code, with the reason why they are left out."""

TOPIC_OF: dict[str, str] = {
    "B601": "command",
    "B602": "command",
    "B604": "command",
    "B605": "command",
    "B609": "command",
    "B608": "sql",
    "B308": "html",
    "B703": "html",
    "B704": "html",
    "B301": "deserialise",
    "B506": "deserialise",
    "B310": "ssrf",
    "B311": "random",
    "B105": "secret",
    "B106": "secret",
    "B107": "secret",
    "B202": "archive",
    "B313": "xml",
    "B314": "xml",
    "B318": "xml",
    "B319": "xml",
    "B324": "hash",
    "B102": "code",
    "B307": "code",
}
"""Topics that our own rules look at more closely than Bandit does."""

FIX_OF: dict[str, str] = {
    "B102": "Do not execute text as code; choose among functions you wrote.",
    "B103": "Give the file the narrowest mode that works, e.g. 0o600.",
    "B104": "Bind to 127.0.0.1 unless the service is meant for the network.",
    "B108": "Use tempfile.NamedTemporaryFile() or mkstemp().",
    "B113": "Pass timeout=10 (seconds) to the request.",
    "B201": "Turn debug off outside development: app.run(debug=False).",
    "B202": "Use extractall(path, filter='data') (Python 3.12 and patched older ones).",
    "B301": "Use JSON with a schema; pickle runs code of whoever wrote the data.",
    "B302": "Use JSON with a schema.",
    "B303": "Use SHA-256; for passwords scrypt or argon2.",
    "B304": "Use AES-GCM or ChaCha20-Poly1305.",
    "B305": "Use an authenticated mode such as GCM.",
    "B306": "Use tempfile.NamedTemporaryFile() or mkstemp().",
    "B307": "Use ast.literal_eval() for literals, or a parser of your own.",
    "B311": "Use the secrets module for anything that must not be guessed.",
    "B323": "Keep ssl.create_default_context() as it is.",
    "B324": "Use SHA-256; for passwords scrypt or argon2; say usedforsecurity=False where it is a checksum.",
    "B501": "Leave verify at True, or point it at your own CA bundle.",
    "B506": "Use yaml.safe_load().",
    "B507": "Use RejectPolicy and known host keys.",
    "B608": "Bind the values as parameters.",
    "B701": "Create the environment with autoescape=select_autoescape().",
}
"""What to write instead, for rules that have a short answer."""

TITLE_OF: dict[str, str] = {
    "B102": "Text is executed as Python",
    "B103": "File gets a mode that lets others in",
    "B104": "Server listens on every network of the machine",
    "B105": "Text that looks like a password is written in the code",
    "B106": "Password is written in the code as an argument",
    "B107": "Password is written in the code as a default",
    "B108": "File with a fixed name in a folder that everybody may write to",
    "B113": "Request to another server without a time limit",
    "B201": "Flask runs in debug mode",
    "B202": "Archive is unpacked without a look at the names in it",
    "B301": "Objects are loaded from pickled data",
    "B302": "Objects are loaded from marshalled data",
    "B303": "Hash function that is broken (MD5, SHA-1 or older)",
    "B304": "Cipher that is broken or too weak",
    "B305": "Cipher mode that shows patterns of the data (ECB)",
    "B306": "Name of a temporary file is chosen before the file exists",
    "B307": "Text is evaluated as Python",
    "B308": "Text is marked as safe HTML",
    "B310": "Address is opened whatever its scheme, file: too",
    "B311": "Random value that can be guessed",
    "B312": "Telnet sends everything without encryption",
    "B313": "XML is parsed with entities (cElementTree)",
    "B314": "XML is parsed with entities (ElementTree)",
    "B315": "XML is parsed with entities (expatreader)",
    "B316": "XML is parsed with entities (expatbuilder)",
    "B317": "XML is parsed with entities (SAX)",
    "B318": "XML is parsed with entities (minidom)",
    "B319": "XML is parsed with entities (pulldom)",
    "B320": "XML is parsed with entities (lxml)",
    "B321": "FTP sends everything without encryption",
    "B323": "Connection whose certificate is not checked",
    "B324": "Hash function that is broken (MD5, SHA-1 or older)",
    "B501": "Certificate of the other side is not checked",
    "B502": "Old version of TLS or SSL is asked for",
    "B503": "Old version of TLS or SSL is the default",
    "B504": "Version of TLS is left open, so old ones may be used",
    "B505": "Key is too short",
    "B506": "YAML is loaded with tags that build objects",
    "B507": "Key of the SSH server is not checked",
    "B508": "SNMP in a version without encryption",
    "B509": "SNMP without encryption or without a login",
    "B601": "Command is sent to another machine by SSH",
    "B602": "Command goes through a shell",
    "B604": "Function is called with shell=True",
    "B605": "Command goes through a shell",
    "B608": "SQL is put together from text",
    "B609": "Command with a wildcard goes through a shell",
    "B610": "SQL is given to Django's extra()",
    "B611": "SQL is given to Django's RawSQL()",
    "B612": "Logging takes its configuration from a socket",
    "B613": "Characters turn the direction of the text, so code reads otherwise than it runs",
    "B614": "PyTorch loads a file that can name code",
    "B615": "Model or data set is downloaded in no fixed version",
    "B701": "Jinja2 puts values into pages without escaping",
    "B702": "Mako puts values into pages without escaping",
    "B703": "Text is marked as safe HTML",
    "B704": "Text is marked as safe HTML",
}
"""What each rule means, as the title of its findings: Bandit's own names are those of its functions."""
