"""A mail server for tests: PyPI's aiosmtpd, which keeps each mail as a JSON file instead of passing it on.

    smtpd.py FOLDER [--port N] [--tls CERT KEY] [--wrapped] [--auth NAME PASSWORD]

Prints its port when it listens and ends when its standard input does. FOLDER/answers may hold lines such as
"451 later": each answers the next mail instead of taking it. TLS is offered by STARTTLS and then required; with
--wrapped it is spoken from the first byte. With --auth nobody else may send.
"""

import argparse
import asyncio
import email
import email.policy
import itertools
import json
import pathlib
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# What is deprecated or less than safe there is so on purpose, or aiosmtpd's own.
warnings.simplefilter("ignore")

args = argparse.ArgumentParser()
args.add_argument("folder", type=pathlib.Path)
args.add_argument("--port", type=int, default=0)
args.add_argument("--tls", nargs=2)
args.add_argument("--wrapped", action="store_true")
args.add_argument("--auth", nargs=2)
args = args.parse_args()
numbers = itertools.count(1)


def planned_answer():
    """The next line of FOLDER/answers, which is used up by it."""
    path = args.folder / "answers"
    lines = path.read_text().splitlines() if path.exists() else []
    if not lines:
        return None
    path.write_text("".join(f"{line}\n" for line in lines[1:]))
    return lines[0]


class Keeper:
    async def handle_DATA(self, server, session, envelope):
        if answer := planned_answer():
            return answer
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = lambda kind: part.get_content() if (part := mail.get_body((kind,))) else ""
        kept = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "headers": [[name, str(value)] for name, value in mail.items()],
            "subject": str(mail["subject"]),
            "text": body("plain"),
            "html": body("html"),
            "tls": session.ssl is not None or args.wrapped,
            "authenticated": session.authenticated,
        }
        path = args.folder / f"{next(numbers):06}.json"
        unfinished = path.with_suffix(".new")
        unfinished.write_text(json.dumps(kept))
        unfinished.rename(path)
        return "250 kept"


def authenticate(server, session, envelope, mechanism, data):
    known = LoginPassword(*(text.encode() for text in args.auth))
    return AuthResult(success=data == known)


context = None
if args.tls:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*args.tls)


def session():
    """One connection."""
    starttls = None if args.wrapped else context
    return SMTP(
        Keeper(),
        hostname="mail.test",
        enable_SMTPUTF8=True,
        tls_context=starttls,
        require_starttls=starttls is not None,
        authenticator=authenticate if args.auth else None,
        auth_required=bool(args.auth),
        # A test may authenticate in the clear on the machine's own loopback.
        auth_require_tls=starttls is not None,
    )


async def main():
    loop = asyncio.get_running_loop()
    wrapped = context if args.wrapped else None
    server = await loop.create_server(session, "127.0.0.1", args.port, ssl=wrapped)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
