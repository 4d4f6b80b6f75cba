"""TLS as libpq means it, for asyncpg: roots, revocations, the own certificate, the name to meet."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

from pgdispatch.database.conninfo import Options
from pgdispatch.errors import ConnectionStringError
from pgdispatch.host.home import home

PROTOCOL = "postgresql"  # for ALPN
SYSTEM = "system"
HINT = "name another file, or use the system's trusted roots with sslrootcert=system"


class _Context(ssl.SSLContext):
    """A context for one server, whose name it knows: asyncpg knows only where it connects."""

    host: str

    def wrap_bio(self, *ends: Any, **options: Any) -> ssl.SSLObject:
        return super().wrap_bio(*ends, **{**options, "server_hostname": self.host or None})


def make_context(options: Options, host: str) -> ssl.SSLContext:
    """Return the context for `sslmode` require, verify-ca or verify-full.

    Raises `ConnectionStringError` for a file that is not there, or is not right.
    """
    mode = options["sslmode"]
    if mode == "verify-full" and not host:
        raise ConnectionStringError("host name must be specified for a verified SSL connection")
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.host = host
    context.check_hostname = mode == "verify-full"
    try:
        is_rooted = _load_roots(context, options, is_needed=mode.startswith("verify"))
        context.verify_mode = ssl.CERT_REQUIRED if is_rooted else ssl.CERT_NONE
        if is_rooted:
            _load_revocations(context, options)
        shown = own_certificate(options)
        if shown is not None:
            password = options.get("sslpassword", "")
            context.load_cert_chain(*shown, password=lambda: password)
    except OSError as error:  # of ssl, too
        raise ConnectionStringError(
            "a certificate of the connection string cannot be used", detail=str(error)
        ) from error
    _bound_versions(context, options)
    context.set_alpn_protocols([PROTOCOL])
    return context


def own_certificate(options: Options) -> tuple[str, str] | None:
    """Return the files of the certificate to show and of its key; None if there is none to show."""
    certificate = _named(options, "sslcert", "postgresql.crt")
    is_there = certificate is not None and certificate.exists()
    if certificate is None or not is_there or options.get("sslcertmode") == "disable":
        return None
    key = _named(options, "sslkey", "postgresql.key")
    if key is None or not key.is_file():
        raise ConnectionStringError(
            f'certificate present, but not private key file "{key}"', hint="name it with sslkey"
        )
    found = key.stat()
    others = 0o037 if found.st_uid == 0 else 0o077  # root may let a group of its choice read it
    if found.st_mode & others:
        raise ConnectionStringError(
            f'private key file "{key}" has group or world access',
            hint="chmod 0600 it; 0640 if it is root's",
        )
    return str(certificate), str(key)


def _load_roots(context: ssl.SSLContext, options: Options, *, is_needed: bool) -> bool:
    if options.get("sslrootcert") == SYSTEM:
        context.set_default_verify_paths()
        return True
    roots = _named(options, "sslrootcert", "root.crt")
    if roots is not None and roots.exists():
        context.load_verify_locations(cafile=roots)
        return True
    if is_needed:
        missing = "~/.postgresql/root.crt" if roots is None else roots
        raise ConnectionStringError(f'root certificate file "{missing}" does not exist', hint=HINT)
    return False


def _load_revocations(context: ssl.SSLContext, options: Options) -> None:
    """Load them if they are there, as libpq says."""
    file, folder = _named(options, "sslcrl", "root.crl"), options.get("sslcrldir")
    if folder:
        file = _named(options, "sslcrl", "") if options.get("sslcrl") else None
    with suppress(FileNotFoundError, NotADirectoryError):
        if file is not None or folder:
            context.load_verify_locations(cafile=file, capath=folder or None)
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN


def _bound_versions(context: ssl.SSLContext, options: Options) -> None:
    lowest, highest = (options.get(f"ssl_{end}_protocol_version") for end in ("min", "max"))
    if lowest:
        context.minimum_version = _version(lowest)
    if highest:
        context.maximum_version = _version(highest)


def _version(name: str) -> ssl.TLSVersion:
    return ssl.TLSVersion[f"TLSv{name[4:].replace('.', '_')}"]  # libpq takes tlsv1.2, too


def _named(options: Options, option: str, usual: str) -> Path | None:
    """Return the file that an option names, else the usual one in the home, if there is one."""
    if options.get(option):
        return Path(options[option])
    folder = home()
    return None if folder is None else folder / ".postgresql" / usual
