"""Secrets of tokens: made by whoever adds one, shown once, and kept nowhere but as a hash."""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32


def make_secret() -> str:
    """Return a new secret: 256 random bits, in letters, digits, hyphens and underscores."""
    return secrets.token_urlsafe(BYTES)


def digest(secret: str) -> bytes:
    """Return what the database keeps of a secret, by which nobody gets in: its SHA-256."""
    return hashlib.sha256(secret.encode()).digest()
