"""Install the schema, upgrade it, and compare it with what it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["Installation", "Options", "install"]

if TYPE_CHECKING:  # who checks types has to know of every name: a misspelt one is an error
    from pgdispatch.schema.installer import install
    from pgdispatch.schema.upgrade import Installation, Options
else:

    def __getattr__(name: str) -> Any:
        """Import these on first use: most who import a module from here have no need of them."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from pgdispatch.schema import installer, upgrade  # noqa: PLC0415  # that is the point

        return getattr(installer if name == "install" else upgrade, name)
