"""`alert`: compare one value with a threshold, and tell people when the condition holds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pgdispatch.delivery import mail
from pgdispatch.errors import InvalidInputError
from pgdispatch.handlers.catalogue import Catalogue, definition_for
from pgdispatch.handlers.catalogue.definition import Alert, Condition
from pgdispatch.handlers.source_session import reading, statement

if TYPE_CHECKING:
    from pgdispatch.handler import Context

TESTS: dict[Condition, Callable[[Any, Any], bool]] = {
    "above": operator.gt,
    "at_least": operator.ge,
    "below": operator.lt,
    "at_most": operator.le,
    "equals": operator.eq,
    "differs_from": operator.ne,
}


def run(context: Context, catalogue: Catalogue) -> dict[str, Any]:
    """Run an alert's query; returns rows, value (null: no row or null), fired and notified.

    Without a value the alert does not fire. Raises InvalidInputError if the query returns more
    than one value, or one that cannot be compared with the threshold.
    """
    definition = definition_for(context.job, "alert", catalogue.alerts)
    with reading(context, definition.source) as connection, connection.cursor("value") as cursor:
        cursor.execute(statement(definition.query))
        rows = cursor.fetchmany(2)
        if len(rows) > 1 or len(cursor.description or ()) != 1:
            raise InvalidInputError(
                f'the query of alert "{definition.name}" must return one value',
                detail=f"it returned {'several rows' if len(rows) > 1 else 'several columns'}",
            )
    value = rows[0][0] if rows else None
    fired = holds(definition, value)
    sentence = f"{value} is {definition.condition.replace('_', ' ')} {definition.threshold}"
    context.log(sentence if fired else f"{value}: not {definition.condition}")
    notified = _notify(context, catalogue, definition, sentence) if fired else 0
    return {"rows": len(rows), "value": _plain(value), "fired": fired, "notified": notified}


def holds(definition: Alert, value: Any) -> bool:
    """Tell whether the alert's condition holds for `value`; never for None."""
    if value is None:
        return False
    threshold = definition.threshold
    if isinstance(threshold, bool):
        comparable = isinstance(value, bool)
    elif isinstance(threshold, str):
        comparable, value = True, str(value)
    else:
        comparable = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        value = float(value) if comparable else value
    if not comparable:
        raise InvalidInputError(
            f'alert "{definition.name}": {value!r} cannot be compared with {threshold!r}',
            hint="let the query return what the threshold is: a number, a text, true or false",
        )
    return TESTS[definition.condition](value, threshold)


def _notify(context: Context, catalogue: Catalogue, definition: Alert, sentence: str) -> int:
    subject = definition.subject or f"Alert: {definition.name}"
    text = f"{definition.name}: {sentence}\n\nsite {context.job.site}, job {context.job.id}\n"
    return mail.send(catalogue.mail, definition.recipients, subject, text)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
