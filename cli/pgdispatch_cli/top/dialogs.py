"""What is asked before something changes, and the list of keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from pgdispatch_cli.top.verbs import Deed

LOWEST = 100


class Ask(ModalScreen[bool]):
    """Ask once more, saying what will happen; the safe answer has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)"),
        Binding("n,escape,q", "answer(False)"),
        Binding("left,right", "app.focus_next"),
    ]

    def __init__(self, deed: Deed) -> None:
        super().__init__()
        self._deed = deed

    def compose(self) -> ComposeResult:
        """Lay the question out."""
        with Vertical(classes="dialog"):
            yield Static(self._deed.question, classes="question", markup=False)
            yield Static(self._deed.consequence, markup=False)
            with Horizontal():
                yield Button("no", id="no", compact=True)
                yield Button(f"y  {self._deed.yes}", id="yes", compact=True)

    def on_mount(self) -> None:
        """Begin with the safe answer."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer as the button says."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, is_yes: bool) -> None:
        """Answer."""
        self.dismiss(is_yes)


class AskNumber(ModalScreen[int | None]):
    """Ask for a number from 1 to 100, saying what it does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)")]

    def __init__(self, deed: Deed) -> None:
        super().__init__()
        self._deed = deed

    def compose(self) -> ComposeResult:
        """Lay the question out."""
        with Vertical(classes="dialog"):
            yield Static(self._deed.question, classes="question", markup=False)
            yield Static(self._deed.consequence, markup=False)
            yield Input(type="integer", max_length=3, compact=True)
            yield Static("Enter sets it, Esc leaves it", classes="hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take a number that is allowed; leave the others there to be changed."""
        if event.value.isdecimal() and 1 <= int(event.value) <= LOWEST:
            self.dismiss(int(event.value))
        else:
            self.query_one(".hint", Static).update("between 1 (highest) and 100, please")


class Keys(ModalScreen[None]):
    """All keys that there are for this person, and what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,question_mark", "dismiss(None)"),
    ]

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Lay the list out."""
        width = max(len(key) for key, _ in self._keys)
        with Vertical(classes="dialog"):
            yield Static("Keys", classes="question")
            for key, words in self._keys:
                yield Static(f"{key.ljust(width)}  {words}", markup=False)
