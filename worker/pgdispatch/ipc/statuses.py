"""The statuses with which a backgrounder says why it ends by itself, and what they mean."""

from __future__ import annotations

CUT_OFF = 113
EXHAUSTED = 114
END_REFUSED = 115
WORN = 116
WORDS = {
    CUT_OFF: "lost its channel to the supervisor: the handler has closed or replaced it",
    EXHAUSTED: "had no descriptor left to open anything with",
    END_REFUSED: "could not end its job: the database refuses it",
    WORN: "has served for long enough",
}
