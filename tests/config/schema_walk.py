"""A walk through the schema, for the tests that compare it with what is written elsewhere."""

from collections.abc import Iterator

from dialerd.config.complaints import section_of
from dialerd.config.schema import Section


def keys_of(schema: type[Section]) -> Iterator[str]:
    """Yield every key of the schema and of the sections in it."""
    for key, field in schema.model_fields.items():
        yield key
        inner = section_of(field.annotation)
        if inner is not None:
            yield from keys_of(inner)
