"""A mail server for tests, made of aiosmtpd: it prints its port, then each message it takes as a line of JSON.

Its arguments say how it misbehaves. Messages stand on standard output before the client hears that they were taken.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, options):
        self.greylisted = options.greylist
        self.silent = options.silent
        self.refuse = options.refuse
        self.hold = options.hold

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if self.refuse:
            return "550 5.1.1 There is no such mailbox"
        if self.greylisted > 0:
            self.greylisted -= 1
            return "451 4.7.1 Greylisted, come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        silent, self.silent = self.silent, 0
        await asyncio.sleep(silent)
        tell(server, session, envelope)
        if self.hold:
            await asyncio.Event().wait()
        return "250 OK"


def tell(server, session, envelope):
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    taken = {
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "headers": {name.lower(): value for name, value in message.items()},
        "text": text.get_content(),
        "html": html.get_content(),
        "tls": server.transport.get_extra_info("ssl_object") is not None,
        "authenticated": bool(session.authenticated),
    }
    print(json.dumps(taken), flush=True)


def context(options):
    if not options.certificate:
        return None
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(options.certificate)
    return tls


async def serve(options):
    tls = context(options)
    wanted = options.login.encode().split(b":") if options.login else None

    def check(server, session, envelope, mechanism, login):
        return AuthResult(success=[login.login, login.password] == wanted, handled=False)

    def connection():
        return SMTP(
            handler,
            hostname="mail.example.org",
            tls_context=tls if not options.implicit else None,
            require_starttls=tls is not None and not options.implicit,
            authenticator=check,
            auth_required=wanted is not None,
            auth_require_tls=False,
        )

    handler = Handler(options)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        connection, "127.0.0.1", options.port, ssl=tls if options.implicit else None
    )
    print(listener.sockets[0].getsockname()[1], flush=True)
    await listener.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--greylist", type=int, default=0, help="recipients refused for now before one is accepted")
    parser.add_argument("--silent", type=float, default=0, help="seconds without a word about the first message")
    parser.add_argument("--refuse", action="store_true", help="refuse every recipient for good")
    parser.add_argument("--hold", action="store_true", help="take messages and never say so")
    parser.add_argument("--login", help="name:password without which nothing is accepted")
    parser.add_argument("--certificate", help="PEM of certificate and key: nothing is accepted without TLS")
    parser.add_argument("--implicit", action="store_true", help="TLS from the first byte")
    asyncio.run(serve(parser.parse_args()))


main()
