"""A backgrounder's handler may fork, and its child may come back out of the handler.

That child has all that the backgrounder has: its job, its channel, its connection. But the job was
given to the other process.
"""

from __future__ import annotations

import os
import traceback


def leave_if_forked(owner: int, error: BaseException | None = None) -> None:
    """End this process at once, unless it is `owner`.

    `error` is what it raises, if it does; its status is that of a program which ends like this.
    Nothing is cleaned up on the way: all that is here is the owner's.
    """
    if os.getpid() == owner:
        return
    status = 1
    try:
        if error is None:
            status = 0
        elif isinstance(error, SystemExit):
            status = _status(error.code)
        else:
            os.write(2, "".join(traceback.format_exception(error)).encode(errors="replace"))
    finally:
        os._exit(status)


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    os.write(2, f"{code}\n".encode(errors="replace"))
    return 1
