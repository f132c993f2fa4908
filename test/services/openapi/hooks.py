"""What schemathesis does not know of the media types of this interface."""

import schemathesis

schemathesis.serializer.alias("application/sql", "text/plain")


@schemathesis.deserializer("application/x-ndjson", "text/event-stream")
def stream(_context, response):
    """Described as one text: its lines have tests of their own."""
    return response.content.decode()
