"""What schemathesis does not know of the media types of this interface."""

import schemathesis

schemathesis.serializer.alias("application/sql", "text/plain")


@schemathesis.deserializer("application/x-ndjson", "text/event-stream")
def stream(_context, response):
    """Described as one text: its lines have tests of their own."""
    return response.content.decode()


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """A query follows its topic for ever unless it is told not to."""
    if case.operation.path == "/v1/query" and isinstance(case.body, dict) and case.body.get("untilEnd", False) is False:
        case.body["untilEnd"] = True


@schemathesis.hook
def filter_body(_context, body):
    """No JSON that could reach prototypes is read at all (400), whatever a schema allows as a name."""
    return "__proto__" not in repr(body)
