"""The statuses with which a backgrounder says why it ends by itself, and what they mean."""

from __future__ import annotations

CUT_OFF = 113
WORN = 114
WORDS = {
    CUT_OFF: "lost its channel to the supervisor: the handler has closed or replaced it",
    WORN: "has served for long enough",
}
