"""Runs the commands of README.md and docs/operate/install.md, as somebody does who follows them.

    scripts/readme.py PROGRAM      PROGRAM is the muster that they install and run

A page's ```sh blocks are one script, from top to bottom, in a directory that is thrown away. What can't be run here has a
comment of its own before the block,

    <!-- not run: WHY -->                 or
    <!-- not run: WHY; instead: COMMAND -->

and is only read by `bash -n`. How many such blocks a page has is counted in PAGES, so that none is added unseen. Nginx, the
mail server, which asks for STARTTLS and a password, and the desk are real. What is changed:

    /etc/, /usr/lib/, /usr/local/         lie below the directory, and so does the data
    sudo -u muster, -o root -g muster     are left out: there is no such user
    name=desk.example.org                 is localhost
    ports                                 are free ones of loopback
    localhost's mail server               stands for smtp.example.org
    nginx                                 runs with the site as it was installed, and nothing else
"""

import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
# Page: how many of its blocks are not run.
PAGES = {
    "README.md": 4,
    "docs/operate/install.md": 5,
    "docs/operate/nginx.md": 1,
    "docs/operate/caddy.md": 1,
    "docs/operate/docker.md": 1,
    "docs/operate/tls.md": 2,
}
BLOCK = re.compile(r"(?:^ *<!-- not run: (?P<why>[^;>]+?)(?:; instead: (?P<instead>.+?))? -->\n+)?"
                   r"^(?P<indent> *)```sh\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
MAILBOX = ("desk@example.org", "the password of that mailbox")
# How long a mail may take to arrive.
PATIENCE = 60

NGINX = """#!/bin/sh
sed -e 's#/etc/#{root}/etc/#' -e 's#127.0.0.1:8080#127.0.0.1:{desk}#' -e 's#listen 80;#listen 127.0.0.1:{plain};#' \\
    -e 's#listen 443 ssl;#listen 127.0.0.1:{secure} ssl;#' {root}/etc/nginx/conf.d/muster.conf >{root}/nginx/muster.conf
exec {program} -p {root}/nginx -c {root}/nginx/nginx.conf "$@"
"""
NGINX_CONF = """{user}pid {root}/nginx/nginx.pid;
error_log {root}/nginx/error.log;
events {{}}
http {{
    access_log {root}/nginx/access.log;
    client_body_temp_path {root}/nginx/body;
    proxy_temp_path {root}/nginx/proxy;
    fastcgi_temp_path {root}/nginx/fastcgi;
    uwsgi_temp_path {root}/nginx/uwsgi;
    scgi_temp_path {root}/nginx/scgi;
    include {root}/nginx/muster.conf;
}}
"""
# What stands in for systemd: the unit's command, and nginx in the foreground. Their process ids are kept to end them.
PRELUDE = """set -euo pipefail
start_desk() {{
    $(sed -n 's#^ExecStart=##p' {root}/etc/systemd/system/muster.service |
        sed 's#/usr/local/#{root}/usr/local/#; s#/etc/#{root}/etc/#') >{root}/desk.log 2>&1 &
    echo $! >>{root}/processes
}}
start_nginx() {{
    nginx -g 'daemon off;' &
    echo $! >>{root}/processes
    until curl --silent --insecure --output {root}/first "https://localhost:{secure}/"; do kill -0 $!; sleep 0.1; done
}}
start_demo() {{
    "$MUSTER" demo --listen 127.0.0.1:{demo} >{root}/demo.out 2>&1 &
    echo $! >>{root}/processes
    until grep --quiet '^listening on' {root}/demo.out; do kill -0 $!; sleep 0.1; done
    eval "$(sed -n 's/^ *\\(API_KEY\\|API_SECRET\\|INBOX\\)=/\\1=/p' {root}/demo.out)"
}}
"""


class Mailbox:
    """Takes mail from whoever knows the password, and counts it by recipient."""

    def __init__(self):
        self.recipients = []

    async def handle_DATA(self, server, session, envelope):
        self.recipients += envelope.rcpt_tos
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    given = (data.login.decode(), data.password.decode())
    return AuthResult(success=given == MAILBOX)


def mail_server(root):
    certificate, key = root / "mail.pem", root / "mail.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=free_ports(1)[0], tls_context=tls, require_starttls=True,
                        auth_required=True, authenticator=authenticate)
    server.start()
    return mailbox, server, certificate


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in held]
    for server in held:
        server.close()
    return ports


def blocks(page):
    """The page's ```sh blocks: (text, whether it is not run, what is run instead)."""
    found = []
    for match in BLOCK.finditer((REPOSITORY / page).read_text()):
        indent = match["indent"]
        text = "".join(line.removeprefix(indent) for line in match["text"].splitlines(keepends=True))
        found.append((text, match["why"] is not None, match["instead"]))
    return found


def read(page):
    """Lets bash read every block, and counts those that aren't run."""
    for text, _, _ in blocks(page):
        subprocess.run(["bash", "-n"], input=text, text=True, check=True)
    unrun = sum(is_unrun for _, is_unrun, _ in blocks(page))
    if unrun != PAGES[page]:
        sys.exit(f"{page}: {unrun} blocks are not run, but PAGES in scripts/readme.py says {PAGES[page]}")


def check_links(page):
    """Finds links of a page to files that aren't there."""
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (REPOSITORY / page).read_text()):
        if not (REPOSITORY / page).parent.joinpath(link).exists():
            sys.exit(f"{page}: there is no {link}")


def script(page, changes):
    lines = []
    for number, (text, is_unrun, instead) in enumerate(blocks(page), 1):
        lines.append(f"echo '== {page}, block {number}{' is not run' if is_unrun else ''}'")
        lines.append((instead or ":") if is_unrun else text)
    text = "\n".join(lines)
    for old, new in changes:
        text = text.replace(old, new)
    return text


def run(page, prelude, changes, directory, environment):
    ended = subprocess.run(["bash", "-c", prelude + script(page, changes)], cwd=directory, env=environment,
                           stdin=subprocess.DEVNULL)
    if ended.returncode != 0:
        sys.exit(f"{page}: the last command above failed")


def nginx(root, ports):
    program = next(path for path in ("/usr/sbin/nginx", "/usr/bin/nginx") if os.path.exists(path))
    (root / "nginx").mkdir()
    (root / "bin").mkdir()
    (root / "etc/nginx/conf.d").mkdir(parents=True)
    user = "user root;\n" if os.getuid() == 0 else ""
    (root / "nginx/nginx.conf").write_text(NGINX_CONF.format(root=root, user=user))
    wrapper = root / "bin/nginx"
    wrapper.write_text(NGINX.format(root=root, program=program, **ports))
    wrapper.chmod(0o755)


# Seconds that a process has to end.
PATIENCE = 20


def is_zombie(process):
    """Whether a process has ended, and only its parent hasn't asked yet."""
    stat = pathlib.Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


def end_processes(root):
    file = root / "processes"
    for process in file.read_text().split() if file.exists() else []:
        try:
            os.kill(int(process), signal.SIGTERM)
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline and not is_zombie(process):
                os.kill(int(process), 0)
                time.sleep(0.05)
        except ProcessLookupError:
            pass


def follow(root, program):
    ports = dict(zip(("desk", "plain", "secure", "demo"), free_ports(4)))
    nginx(root, ports)
    mailbox, server, certificate = mail_server(root)
    environment = {
        "PATH": f"{root}/usr/local/bin:{root}/bin:{os.environ['PATH']}",
        "HOME": str(root),
        "MUSTER": str(program),
        "MUSTER_DIST": str(root / "dist"),
        "MUSTER_SERVER__DATA": f"{root}/var/lib/muster",
        "MUSTER_SERVER__LISTEN": f"127.0.0.1:{ports['desk']}",
        "MUSTER_SERVER__PUBLIC_URL": f"https://localhost:{ports['secure']}",
        "MUSTER_MAIL__HOST": "localhost",
        "MUSTER_MAIL__PORT": str(server.port),
        "MUSTER_MAIL__CA_FILE": str(certificate),
    }
    for name in ("CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "LANG"):
        if name in os.environ:
            environment[name] = os.environ[name]
    environment.setdefault("RUSTUP_HOME", os.path.expanduser("~/.rustup"))
    changes = [
        ("sudo -u muster ", ""),
        (" -o root -g muster", ""),
        ("/etc/", f"{root}/etc/"),
        ("/usr/lib/", f"{root}/usr/lib/"),
        ("/usr/local/", f"{root}/usr/local/"),
        ("name=desk.example.org", "name=localhost"),
        ("127.0.0.1:8080", f"127.0.0.1:{ports['desk']}"),
        ("localhost:8080", f"localhost:{ports['demo']}"),
        ("https://$name", f"https://$name:{ports['secure']}"),
    ]
    prelude = PRELUDE.format(root=root, **ports)
    demo = {name: value for name, value in environment.items() if not re.match("MUSTER_(SERVER|MAIL)__", name)}
    try:
        run("README.md", prelude, changes, REPOSITORY, demo)
        run("docs/operate/install.md", prelude, changes, root / "dist", environment)
        expect_mail(mailbox)
    except SystemExit:
        for log in [*root.glob("*.log"), *root.glob("*.out")]:
            print(f"== {log.name}\n{log.read_text()}", file=sys.stderr)
        raise
    finally:
        end_processes(root)
        server.stop()


def expect_mail(mailbox):
    expected = ["ada@example.org", "amy@example.org"]
    for _ in range(PATIENCE * 10):
        if sorted(mailbox.recipients) == expected:
            return
        time.sleep(0.1)
    sys.exit(f"mail came for {mailbox.recipients}, but should have for {expected}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for page in PAGES:
        read(page)
    for page in ["README.md", *(REPOSITORY / "docs/operate").glob("*.md")]:
        check_links(page)
    with tempfile.TemporaryDirectory(prefix="muster-readme-") as root:
        follow(pathlib.Path(root), pathlib.Path(sys.argv[1]).resolve())
    print("README.md and docs/operate/install.md: every command that can run here did")


main()
