"""The process that makes one forecast, told to by a supervisor, and ends.

It has the lowest priority, and takes little more processor time than it was given, whatever happens
to it. It talks to its supervisor as a backgrounder does: it gets `begin`, and says `made`, or
`failed` and why. When the supervisor is gone it ends at once.
"""

from __future__ import annotations

import gc
import os
import resource
import socket
import sys
from functools import partial

from pgdispatch.database import session_settings
from pgdispatch.forecast.making import Order, make_forecast
from pgdispatch.host import log_lines
from pgdispatch.ipc.channel import Channel, Message
from pgdispatch.ipc.lifeline import die_with_parent
from pgdispatch.ipc.secrecy import take_begin

LOWEST = 19
BESIDES = 20  # seconds of processor time beside the simulated runs: to read, to sum up, to write


def make(begin: Message, channel: Channel) -> None:
    """Make the forecast, and say how that went."""
    order = Order(**begin["order"])
    connect = partial(
        session_settings.connect,
        begin["dsn"],
        autocommit=True,
        application_name=f"{begin['node']} forecasts",
    )
    try:
        made = make_forecast(connect, order)
    except Exception as error:  # whatever it is, the supervisor tells of it
        channel.send("failed", problem=f"{type(error).__name__}: {error}"[:500])
    else:
        channel.send("made", runs=made.runs, seconds=made.seconds, is_kept=made.is_kept)


def main() -> None:
    """Make one forecast. Arguments: the numbers of the channel's descriptor and of the lifeline."""
    die_with_parent(int(sys.argv[2]))
    log_lines.set_up()
    os.nice(LOWEST)
    gc.disable()  # runs leave no circles behind
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    begin = take_begin(channel)
    if begin is None:
        return
    most = int(begin["order"]["seconds"]) + BESIDES
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    make(begin, channel)


if __name__ == "__main__":
    main()
