"""The estate of the demo organisation, fleet by fleet: what tools/make_demo.py writes as tables."""
# ruff: noqa: E501 - one fleet a line

from dataclasses import dataclass

Package = tuple[str, str, str]
"""Name, version (several with | between, one of which is drawn), from where it can be reached."""


@dataclass(frozen=True)
class Fleet:
    """Assets that differ by name only. `own` packages go before those of the profiles."""

    names: str
    kind: str
    team: str
    service: str
    role: str
    system: str
    network: str = "10.20.30"
    site: str = "Ostrand"
    environment: str = "production"
    exposure: str = "internal"
    criticality: str = "medium"
    data: tuple[str, ...] = ("none",)
    profiles: tuple[str, ...] = ()
    own: tuple[Package, ...] = ()


PROFILES: dict[str, tuple[Package, ...]] = {
    "debian": (
        ("xz-utils", "5.4.1-0.2|5.4.1-1", ""),
        ("openssh-server", "1:9.2p1-2+deb12u3|1:9.2p1-2+deb12u7", "inside"),
        ("openssl", "3.0.15-1~deb12u1|3.0.17-1~deb12u2", ""),
        ("bash", "5.2.15-2+b7", ""),
        ("sudo", "1.9.13p3-1+deb12u2", ""),
        ("curl", "7.88.1-10+deb12u8|7.88.1-10+deb12u12", ""),
    ),
    "ubuntu22": (
        ("xz-utils", "5.2.5-2ubuntu1", ""),
        ("openssh-server", "1:8.9p1-3ubuntu0.10|1:8.9p1-3ubuntu0.13", "inside"),
        ("openssl", "3.0.2-0ubuntu1.18|3.0.2-0ubuntu1.20", ""),
        ("bash", "5.1-6ubuntu1.1", ""),
        ("sudo", "1.9.9-1ubuntu2.4|1.9.9-1ubuntu2.5", ""),
    ),
    "ubuntu24": (
        ("xz-utils", "5.6.1+really5.4.5-1ubuntu0.2", ""),
        ("openssh-server", "1:9.6p1-3ubuntu13.13", "inside"),
        ("openssl", "3.0.13-0ubuntu3.5|3.0.13-0ubuntu3.6", ""),
        ("bash", "5.2.21-2ubuntu4", ""),
        ("sudo", "1.9.15p5-3ubuntu5.24.04.1", ""),
    ),
    "alpine": (("openssl", "3.1.4-r5|3.1.8-r0", ""), ("musl", "1.2.4_git20230717-r4", ""), ("busybox", "1.36.1-r15", "")),
    "el9": (
        ("xz", "5.2.5-8.el9_0", ""),
        ("openssh-server", "8.7p1-43.el9|8.7p1-45.el9", "inside"),
        ("openssl", "1:3.2.2-6.el9_5.1", ""),
        ("bash", "5.1.8-9.el9", ""),
        ("sudo", "1.9.5p2-10.el9_6.2", ""),
    ),
    "windows-server": (("powershell", "7.4.6|7.4.11", ""), ("edr-sensor", "7.22.1|7.24.0", "")),
    "windows-client": (
        ("google chrome", "141.0.7390.122|142.0.7444.59|142.0.7444.134", ""),
        ("firefox-esr", "140.4.0|140.5.0", ""),
        ("7-zip", "24.09|25.01", ""),
        ("edr-sensor", "7.22.1|7.24.0", ""),
        ("vpn-client", "5.1.8", ""),
    ),
    "fedora": (("xz", "5.8.1-2.fc42", ""), ("openssh-server", "9.9p1-11.fc42", "inside"), ("podman", "5.6.2-1.fc42", "")),
    "java17": (("openjdk-17-jre", "17.0.15+6|17.0.16+8", ""),),
    "tomcat": (("tomcat", "10.1.46|10.1.48", "inside"),),
    "log4j-fixed": (("log4j-core", "2.17.1|2.24.3", ""), ("log4j-api", "2.17.1|2.24.3", "")),
    "postgresql": (("postgresql", "15.13|15.14", "inside"),),
    "agent": (("metrics-exporter", "1.8.2|1.9.1", "inside"), ("log-shipper", "8.17.4|8.19.5", "")),
    "firewall": (("firewall-os", "7.4.8|7.4.9", "internet"),),
    "switch": (("switch-os", "16.11.0.18|16.11.0.25", "inside"),),
    "python311": (("python3.11", "3.11.2-6+deb12u6", ""),),
    "portal": (
        ("flask", "3.0.3", "internet"), ("werkzeug", "3.0.1", "internet"), ("requests", "2.31.0", ""),
        ("urllib3", "1.26.18", ""), ("jinja2", "3.1.2", ""), ("gunicorn", "21.2.0", "internet"),
    ),
    "import": (
        ("fastapi", "0.109.0", "inside"), ("starlette", "0.35.1", "inside"), ("python-multipart", "0.0.6", "inside"),
        ("lxml", "4.9.4", ""), ("pyyaml", "6.0.1", ""), ("redis", "5.0.1", ""), ("uvicorn", "0.27.0", "inside"),
        ("pydantic", "2.6.1", ""),
    ),
    "payment": (("requests", "2.31.0", ""), ("urllib3", "1.26.18", ""), ("cryptography", "42.0.5", ""), ("pyjwt", "2.8.0", "")),
    "runner": (("docker-ce", "5:27.5.1|5:28.3.3", ""), ("ci-runner", "17.11.4|18.2.1", ""), ("git", "1:2.39.5-0+deb12u2", "")),
}  # fmt: skip

PERSONAL, HEALTH, PAYMENT, LOGS, SOURCE, KEYS = "personal", "health", "payment", "logs", "source", "credentials"

FLEETS: tuple[Fleet, ...] = (
    # The six machines of resources/samples/inventory.csv come first, as they stand there.
    Fleet("web-01,web-02", "server", "portal", "customer-portal", "customer portal", "Debian 12", "10.20.10", exposure="internet", criticality="high", data=(PERSONAL, PAYMENT), profiles=("debian", "python311", "portal", "agent"), own=(("xz-utils", "5.4.1-0.2", "internet"), ("openssh-server", "1:9.2p1-2+deb12u2", "inside"))),
    Fleet("db-01", "database", "data", "customer-portal", "database", "Ubuntu 22.04", "10.20.40", criticality="high", data=(PERSONAL, PAYMENT), profiles=("ubuntu22", "agent"), own=(("xz-utils", "5.2.5-2ubuntu1", "inside"), ("openssh-server", "1:8.9p1-3ubuntu0.6", "inside"), ("postgresql", "14.19", "inside"))),
    Fleet("build-03", "CI runner", "platform", "build", "package builds", "Debian testing", "10.20.60", exposure="internet", criticality="high", data=(SOURCE, KEYS), own=(("xz-utils", "5.6.1-1", "internet"), ("openssh-server", "1:9.7p1-2", "internet"), ("dpkg-dev", "1.22.6", ""), ("gnupg", "2.2.40-3", ""), ("git", "1:2.43.0-1", ""))),
    Fleet("desk-17", "workstation", "platform", "workplace", "developer desktop", "Fedora Rawhide", "10.20.80", "Larkmere", data=(SOURCE,), own=(("xz", "5.6.0-2.fc41", "inside"), ("openssh-server", "9.6p1-1.fc41", "inside"), ("podman", "5.0.0-1.fc41", ""))),
    Fleet("edge-01", "server", "network", "edge", "load balancer", "Alpine 3.19", "203.0.113", exposure="internet", criticality="high", data=(LOGS,), profiles=("alpine",), own=(("xz", "5.4.5-r0", "internet"), ("haproxy", "2.8.4-r0", "internet"))),
    Fleet("edge-02", "server", "network", "edge", "load balancer", "Alpine 3.20", "203.0.113", exposure="internet", criticality="high", data=(LOGS,), profiles=("alpine",), own=(("xz", "5.6.2-r0", ""), ("openssl", "3.3.5-r0", ""), ("haproxy", "2.8.15-r0", "internet"))),
    Fleet("web-test-01", "server", "portal", "customer-portal", "customer portal", "Debian 12", "10.20.110", environment="test", criticality="low", data=("synthetic",), profiles=("debian", "python311", "portal")),
    Fleet("site-01", "server", "portal", "web-site", "public web site", "Debian 12", "10.20.10", exposure="internet", profiles=("debian",), own=(("nginx", "1.22.1-9+deb12u3", "internet"), ("php-fpm", "8.2.29-1~deb12u1", "inside"), ("libnghttp2-14", "1.52.0-1+deb12u2", "internet"))),
    Fleet("claims-app-{01..03}", "server", "claims", "claims-core", "claims application", "RHEL 9", criticality="high", data=(PERSONAL, HEALTH), profiles=("el9", "java17", "tomcat", "log4j-fixed", "agent"), own=(("spring-beans", "5.3.39", ""),)),
    Fleet("claims-test-01", "server", "claims", "claims-core", "claims application", "RHEL 9", "10.20.110", environment="test", criticality="low", data=("synthetic",), profiles=("el9", "tomcat"), own=(("openjdk-11-jre", "11.0.24+8", ""), ("tomcat", "9.0.60", "inside"), ("spring-beans", "5.3.17", ""), ("log4j-core", "2.17.1", ""))),
    Fleet("policy-app-{01..03}", "server", "claims", "policy-admin", "policy administration", "RHEL 9", criticality="high", data=(PERSONAL,), profiles=("el9", "java17", "tomcat", "log4j-fixed", "agent"), own=(("spring-beans", "5.3.39", ""), ("commons-text", "1.12.0", ""))),
    Fleet("policy-test-01", "server", "claims", "policy-admin", "policy administration", "RHEL 9", "10.20.110", environment="test", criticality="low", data=("synthetic",), profiles=("el9", "java17", "tomcat", "log4j-fixed"), own=(("commons-text", "1.9", ""),)),
    Fleet("broker-web-{01..02}", "server", "portal", "broker-extranet", "broker extranet", "Debian 12", "10.20.10", exposure="partner", criticality="high", data=(PERSONAL,), profiles=("debian", "java17", "tomcat", "log4j-fixed", "agent"), own=(("tomcat", "9.0.98", "partner"),)),
    Fleet("broker-test-01", "server", "portal", "broker-extranet", "broker extranet", "Debian 12", "10.20.110", environment="test", criticality="low", data=("synthetic",), profiles=("debian", "java17", "log4j-fixed"), own=(("tomcat", "9.0.110", "inside"),)),
    Fleet("import-{01..04}", "server", "claims", "document-import", "document import worker", "Debian 12", "10.20.35", criticality="high", data=(PERSONAL, HEALTH), profiles=("debian", "python311", "import", "agent")),
    Fleet("import-test-01", "server", "claims", "document-import", "document import worker", "Debian 12", "10.20.110", environment="test", criticality="low", data=("synthetic",), profiles=("debian", "python311", "import")),
    Fleet("pay-{01..02}", "server", "payments", "payment-client", "payment jobs", "Debian 12", "10.20.36", criticality="high", data=(PAYMENT, KEYS), profiles=("debian", "python311", "payment", "agent")),
    Fleet("search-{01..03}", "server", "data", "search", "full text search", "Ubuntu 22.04", criticality="medium", data=(PERSONAL,), profiles=("ubuntu22", "java17", "log4j-fixed", "agent"), own=(("elasticsearch", "7.17.29", "inside"),)),
    Fleet("arch-01", "server", "claims", "archive", "claims archive", "Ubuntu 22.04", criticality="high", data=(PERSONAL, HEALTH), profiles=("ubuntu22",), own=(("openjdk-8-jre", "8u422-b05", ""), ("tomcat", "8.5.100", "inside"), ("log4j-core", "2.14.1", "inside"), ("log4j-api", "2.14.1", ""))),
    Fleet("arch-02", "server", "claims", "archive", "claims archive", "Ubuntu 22.04", criticality="high", data=(PERSONAL, HEALTH), profiles=("ubuntu22", "java17"), own=(("tomcat", "9.0.110", "inside"), ("log4j-core", "2.17.2", ""), ("log4j-api", "2.17.2", ""))),
    Fleet("scan-01", "server", "claims", "document-import", "post room scanner", "Ubuntu 24.04", "10.20.85", "Fellby", data=(PERSONAL, HEALTH), profiles=("ubuntu24",), own=(("tesseract-ocr", "5.3.4-1build5", ""), ("libwebp7", "1.3.2-0.4build3", ""))),
    Fleet("scan-02", "server", "claims", "document-import", "post room scanner", "CentOS 6.5", "10.20.86", "Fellby", criticality="low", data=(PERSONAL,), own=(("openssl", "1.0.1e-16.el6_5.4", "inside"), ("bash", "4.1.2-15.el6_4", "inside"), ("httpd", "2.2.15-30.el6.centos", "inside"), ("openssh-server", "5.3p1-94.el6", "inside"))),
    Fleet("flow-01", "server", "claims", "claims-core", "workflow engine", "Ubuntu 22.04", "10.20.87", criticality="low", data=(PERSONAL,), profiles=("ubuntu22",), own=(("openjdk-8-jre", "8u422-b05", ""), ("struts2-core", "2.3.31", "inside"), ("tomcat", "8.5.100", "inside"))),
    Fleet("file-{01..02}", "server", "workplace", "file-shares", "file server", "Windows Server 2022", "10.20.50", criticality="high", data=(PERSONAL,), profiles=("windows-server",)),
    Fleet("xfer-01", "server", "infrastructure", "file-exchange", "file exchange with partners", "Debian 12", "10.20.11", exposure="partner", criticality="high", data=(PERSONAL, PAYMENT), profiles=("debian", "agent"), own=(("openssh-server", "1:9.2p1-2+deb12u2", "partner"), ("vsftpd", "3.0.3-13+b2", "inside"))),
    Fleet("idp-{01..02}", "server", "infrastructure", "identity", "single sign-on", "RHEL 9", "10.20.45", exposure="internet", criticality="high", data=(PERSONAL, KEYS), profiles=("el9", "agent"), own=(("openjdk-21-jre", "21.0.8+9", ""), ("keycloak", "26.3.5", "internet"))),
    Fleet("dc-{01..03}", "server", "infrastructure", "identity", "domain controller", "Windows Server 2022", "10.20.46", criticality="high", data=(PERSONAL, KEYS), profiles=("windows-server",)),
    Fleet("ca-01", "server", "infrastructure", "identity", "certificate authority", "Windows Server 2022", "10.20.46", criticality="high", data=(KEYS,), profiles=("windows-server",)),
    Fleet("mail-gw-{01..02}", "server", "infrastructure", "mail", "mail gateway", "Debian 12", "10.20.10", exposure="internet", criticality="high", data=(PERSONAL,), profiles=("debian", "agent"), own=(("postfix", "3.7.11-0+deb12u1", "internet"), ("clamav", "1.4.3+dfsg-1~deb12u1", ""), ("unrar", "1:6.2.6-1+deb12u1", ""))),
    Fleet("dns-{01..02}", "server", "network", "network", "resolver", "Debian 12", "10.20.20", criticality="high", data=(LOGS,), profiles=("debian",), own=(("bind9", "1:9.18.33-1~deb12u2", "inside"),)),
    Fleet("ntp-01", "server", "network", "network", "time server", "Debian 12", "10.20.20", criticality="low", profiles=("debian",), own=(("chrony", "4.3-2+deb12u1", "inside"),)),
    Fleet("proxy-{01..02}", "server", "network", "network", "outgoing proxy", "Debian 12", "10.20.20", criticality="high", data=(LOGS,), profiles=("debian", "agent"), own=(("squid", "5.7-2+deb12u3", "inside"),)),
    Fleet("mon-01", "server", "infrastructure", "monitoring", "metrics", "Ubuntu 24.04", "10.20.55", data=(LOGS,), profiles=("ubuntu24",), own=(("prometheus", "2.53.4", "inside"), ("grafana", "11.2.1", "inside"))),
    Fleet("log-{01..03}", "server", "security", "monitoring", "log store", "Ubuntu 22.04", "10.20.55", criticality="high", data=(LOGS, PERSONAL), profiles=("ubuntu22", "java17", "log4j-fixed"), own=(("opensearch", "2.19.2", "inside"),)),
    Fleet("siem-01", "server", "security", "monitoring", "detection", "Ubuntu 24.04", "10.20.55", criticality="high", data=(LOGS,), profiles=("ubuntu24", "agent")),
    Fleet("jump-{01..02}", "server", "infrastructure", "remote-access", "jump host", "Debian 12", "10.20.21", criticality="high", data=(KEYS,), profiles=("debian", "agent")),
    Fleet("git-01", "server", "platform", "build", "source control", "Debian 12", "10.20.60", criticality="high", data=(SOURCE, KEYS), profiles=("debian", "agent"), own=(("gitea", "1.22.6", "inside"), ("redis-server", "6:7.2.9-1rl1~bookworm1", ""))),
    Fleet("art-01", "server", "platform", "build", "package and image registry", "Debian 12", "10.20.60", criticality="high", data=(SOURCE,), profiles=("debian", "java17", "agent"), own=(("nexus", "3.79.1", "inside"),)),
    Fleet("build-{01..02}", "CI runner", "platform", "build", "package builds", "Debian 12", "10.20.60", criticality="high", data=(SOURCE, KEYS), profiles=("debian", "runner")),
    Fleet("runner-{01..08}", "CI runner", "platform", "build", "pipeline runner", "Debian 12", "10.20.61", data=(SOURCE, KEYS), profiles=("debian", "runner")),
    Fleet("jenkins-01", "CI runner", "claims", "build", "old build server of claims", "Ubuntu 22.04", "10.20.62", data=(SOURCE, KEYS), profiles=("ubuntu22",), own=(("openjdk-11-jre", "11.0.24+8", ""), ("jenkins", "2.426.1", "inside"))),
    Fleet("bak-{01..02}", "server", "infrastructure", "backup", "backup server", "Debian 12", "10.20.70", criticality="high", data=(PERSONAL, HEALTH, PAYMENT), profiles=("debian",), own=(("restic-rest-server", "0.13.0", "inside"),)),
    Fleet("hv-{01..04}", "server", "infrastructure", "virtualisation", "hypervisor", "Debian 12", "10.20.71", criticality="high", data=(PERSONAL,), profiles=("debian",), own=(("qemu-system-x86", "1:7.2+dfsg-7+deb12u16", ""), ("libvirt-daemon", "9.0.0-4+deb12u2", "inside"))),
    Fleet("k8s-{01..06}", "server", "platform", "cluster", "cluster node", "Ubuntu 24.04", "10.20.65", criticality="high", data=(PERSONAL,), profiles=("ubuntu24",), own=(("kubelet", "1.31.9", "inside"), ("containerd", "1.7.28", ""), ("runc", "1.1.14", ""))),
    Fleet("mq-{01..02}", "server", "platform", "queue", "message queue", "Debian 12", "10.20.37", criticality="high", data=(PERSONAL,), profiles=("debian", "agent"), own=(("rabbitmq-server", "3.13.7", "inside"), ("erlang", "26.2.5.6", "inside"))),
    Fleet("wiki-01", "server", "workplace", "workplace", "wiki", "Ubuntu 22.04", "10.20.50", data=(PERSONAL,), profiles=("ubuntu22", "java17"), own=(("confluence", "8.5.25", "inside"),)),
    Fleet("print-01", "server", "workplace", "workplace", "print server", "Windows Server 2019", "10.20.50", "Larkmere", criticality="low", data=(PERSONAL,), profiles=("windows-server",)),
    Fleet("tel-01", "server", "workplace", "telephony", "telephone exchange", "Debian 12", "10.20.52", "Larkmere", data=(PERSONAL,), profiles=("debian",), own=(("asterisk", "20.15.2", "inside"),)),
    Fleet("db-02", "database", "data", "customer-portal", "database replica", "Ubuntu 22.04", "10.20.40", criticality="high", data=(PERSONAL, PAYMENT), profiles=("ubuntu22", "agent"), own=(("postgresql", "14.19", "inside"),)),
    Fleet("db-{03..04}", "database", "data", "claims-core", "database", "Debian 12", "10.20.40", criticality="high", data=(PERSONAL, HEALTH), profiles=("debian", "postgresql", "agent")),
    Fleet("db-05", "database", "data", "policy-admin", "database", "Debian 12", "10.20.40", criticality="high", data=(PERSONAL,), profiles=("debian", "agent"), own=(("mariadb-server", "1:10.11.14-0+deb12u2", "inside"),)),
    Fleet("db-06", "database", "data", "data-warehouse", "warehouse", "Debian 12", "10.20.41", criticality="high", data=(PERSONAL, HEALTH, PAYMENT), profiles=("debian", "postgresql", "agent")),
    Fleet("db-07", "database", "data", "document-import", "document store", "Ubuntu 22.04", "10.20.41", criticality="high", data=(PERSONAL, HEALTH), profiles=("ubuntu22", "agent"), own=(("mongodb-org-server", "7.0.25", "inside"),)),
    Fleet("redis-{01..02}", "database", "platform", "queue", "cache and queue", "Debian 12", "10.20.37", criticality="medium", data=(PERSONAL,), profiles=("debian",), own=(("redis-server", "6:7.2.10-1rl1~bookworm1", "inside"),)),
    Fleet("db-test-{01..03}", "database", "data", "data-warehouse", "test database", "Debian 12", "10.20.110", environment="test", criticality="low", data=("synthetic",), profiles=("debian", "postgresql")),
    Fleet("img-portal", "container image", "portal", "customer-portal", "customer portal", "Debian 12", "", data=(SOURCE,), profiles=("portal",), own=(("python3.11", "3.11.13", ""), ("xz-utils", "5.4.1-1", ""))),
    Fleet("img-thumbnails", "container image", "portal", "customer-portal", "picture service", "Alpine 3.19", "", data=(SOURCE,), profiles=("alpine",), own=(("pillow", "9.5.0", "inside"), ("libwebp", "1.3.1-r1", ""), ("flask", "2.3.3", "inside"), ("werkzeug", "2.3.8", "inside"))),
    Fleet("img-import", "container image", "claims", "document-import", "document import worker", "Debian 12", "", data=(SOURCE,), profiles=("import",), own=(("python3.11", "3.11.13", ""),)),
    Fleet("img-ocr", "container image", "claims", "document-import", "text recognition", "Ubuntu 24.04", "", data=(SOURCE,), own=(("tesseract-ocr", "5.3.4-1build5", ""), ("pillow", "11.3.0", ""), ("xz-utils", "5.6.1+really5.4.5-1ubuntu0.2", ""))),
    Fleet("img-payment-jobs", "container image", "payments", "payment-client", "payment jobs", "Debian 12", "", data=(SOURCE,), profiles=("payment",), own=(("python3.11", "3.11.13", ""),)),
    Fleet("img-java-base,img-claims,img-policy", "container image", "claims", "claims-core", "Java application", "RHEL 9", "", data=(SOURCE,), profiles=("java17", "log4j-fixed")),
    Fleet("img-python-base,img-nginx-base,img-cron,img-notify,img-exporter", "container image", "platform", "cluster", "base and helper image", "Debian 12", "", data=(SOURCE,), own=(("xz-utils", "5.4.1-1", ""), ("openssl", "3.0.17-1~deb12u2", ""), ("bash", "5.2.15-2+b8", ""))),
    Fleet("img-rates", "container image", "payments", "payment-client", "exchange rates", "Alpine 3.19", "", data=(SOURCE,), profiles=("alpine",), own=(("golang", "1.21.1", ""),)),
    Fleet("img-warehouse-jobs", "container image", "data", "data-warehouse", "warehouse jobs", "Debian 12", "", data=(SOURCE,), own=(("pyyaml", "5.3.1", ""), ("pandas", "2.2.3", ""), ("sqlalchemy", "2.0.36", ""))),
    Fleet("img-front-end", "container image", "portal", "customer-portal", "front end of the portal", "Alpine 3.20", "", data=(SOURCE,), own=(("node", "20.18.1", ""), ("lodash", "4.17.20", ""), ("next", "14.2.24", "internet"))),
    Fleet("lap-{001..036}", "laptop", "workplace", "workplace", "office laptop", "Windows 11 24H2", "10.20.81", "Larkmere", criticality="low", data=(PERSONAL,), profiles=("windows-client",)),
    Fleet("lap-{037..046}", "laptop", "workplace", "workplace", "claims adjuster's laptop", "Windows 11 23H2", "10.20.82", "Fellby", data=(PERSONAL, HEALTH), profiles=("windows-client",)),
    Fleet("desk-{11..16},desk-{18..20}", "workstation", "platform", "workplace", "developer desktop", "Fedora 42", "10.20.80", "Larkmere", data=(SOURCE,), profiles=("fedora",)),
    Fleet("fw-{01..02}", "network device", "network", "network", "outer firewall", "firewall appliance", "203.0.113", exposure="internet", criticality="high", data=(LOGS,), profiles=("firewall",)),
    Fleet("fw-{03..04}", "network device", "network", "network", "inner firewall", "firewall appliance", "10.20.1", criticality="high", data=(LOGS,), own=(("firewall-os", "7.4.9", "inside"),)),
    Fleet("vpn-{01..02}", "network device", "network", "remote-access", "VPN gateway", "VPN appliance", "203.0.113", exposure="internet", criticality="high", data=(KEYS,), own=(("vpn-os", "22.7R2.8", "internet"),)),
    Fleet("sw-{01..08}", "network device", "network", "network", "switch", "switch", "10.20.2", profiles=("switch",)),
    Fleet("wifi-01", "network device", "network", "network", "wireless controller", "appliance", "10.20.2", "Larkmere", own=(("controller-os", "8.11.2.3", "inside"),)),
    Fleet("ups-01", "network device", "infrastructure", "network", "power supply management card", "appliance", "10.20.3", criticality="low", own=(("management-card", "6.9.6", "inside"), ("bash", "4.2.45", ""))),
    Fleet("saas-payroll,saas-crm,saas-signing,saas-meetings,saas-mailboxes,saas-status,saas-survey,saas-helpdesk", "SaaS", "workplace", "workplace", "hosted service", "hosted", "", "hosted", exposure="internet", data=(PERSONAL,)),
    Fleet("bkt-claim-scans,bkt-backups", "bucket", "infrastructure", "backup", "object storage", "object storage", "", "hosted", criticality="high", data=(PERSONAL, HEALTH)),
    Fleet("bkt-avatars,bkt-portal-static", "bucket", "portal", "customer-portal", "object storage", "object storage", "", "hosted", exposure="internet", criticality="low", data=(PERSONAL,)),
    Fleet("bkt-broker-drop", "bucket", "portal", "broker-extranet", "object storage", "object storage", "", "hosted", exposure="partner", data=(PERSONAL,)),
    Fleet("bkt-warehouse-export", "bucket", "data", "data-warehouse", "object storage", "object storage", "", "hosted", criticality="high", data=(PERSONAL, PAYMENT)),
    Fleet("bkt-build-cache,bkt-infra-state", "bucket", "platform", "build", "object storage", "object storage", "", "hosted", data=(SOURCE, KEYS)),
)  # fmt: skip
