# SPDX-License-Identifier: LGPL-2.1-or-later
"""Validates JSON documents against a schema, as far as 'hvctl schema' uses JSON
Schema; a keyword that is not known here is an error.

json-schema.py SCHEMA DOCUMENT...
json-schema.py --mutate SCHEMA DOCUMENT...

With --mutate, tries every document with a member too many, one too few, and one
of another type, each of which must not be valid.
"""
import json
import re
import sys

TYPES = {'null': type(None), 'boolean': bool, 'integer': int, 'string': str,
         'array': list, 'object': dict}
ANNOTATIONS = {'$schema', 'title', 'description', 'default', 'examples'}
KEYWORDS = {'type', 'enum', 'const', 'pattern', 'minLength', 'properties',
            'required', 'additionalProperties', 'items', 'anyOf', 'not'}


def check_schema(schema, path='schema'):
    """Raises ValueError: a keyword of the schema is not known, or is not of its
    type."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise ValueError('%s is no schema' % path)
    for key, value in schema.items():
        where = path + '/' + key
        if key not in KEYWORDS | ANNOTATIONS:
            raise ValueError('%s: unknown keyword' % where)
        if key == 'type':
            for name in value if isinstance(value, list) else [value]:
                if name not in TYPES:
                    raise ValueError('%s: no type: %s' % (where, name))
        elif key == 'pattern':
            re.compile(value)
        elif key == 'properties':
            for name, inner in value.items():
                check_schema(inner, where + '/' + name)
        elif key == 'anyOf':
            for inner in value:
                check_schema(inner, where)
        elif key in ('items', 'not', 'additionalProperties'):
            check_schema(value, where)
        elif key in ('required', 'enum') and not isinstance(value, list):
            raise ValueError('%s is no array' % where)


def is_of(value, name):
    return isinstance(value, TYPES[name]) \
        and not (name == 'integer' and isinstance(value, bool))


def errors(schema, value, path=''):
    """Yields what is wrong with the value."""
    path = path or '.'
    if schema is False:
        yield '%s is not allowed' % path
    if isinstance(schema, bool):
        return
    if 'type' in schema:
        names = schema['type']
        names = names if isinstance(names, list) else [names]
        if not any(is_of(value, name) for name in names):
            yield '%s is %r, not of type %s' % (path, value, '/'.join(names))
            return
    if 'enum' in schema and value not in schema['enum']:
        yield '%s is %r, none of %s' % (path, value, schema['enum'])
    if 'const' in schema and value != schema['const']:
        yield '%s is %r, not %r' % (path, value, schema['const'])
    if isinstance(value, str):
        if len(value) < schema.get('minLength', 0):
            yield '%s is empty' % path
        if not re.search(schema.get('pattern', ''), value):
            yield '%s is %r, not like %s' % (path, value, schema['pattern'])
    if isinstance(value, list):
        for i, one in enumerate(value):
            yield from errors(schema.get('items', True), one,
                              '%s[%d]' % (path, i))
    if isinstance(value, dict):
        for name in schema.get('required', []):
            if name not in value:
                yield '%s has no %s' % (path, name)
        for name, one in value.items():
            inner = schema.get('properties', {}).get(
                name, schema.get('additionalProperties', True))
            yield from errors(inner, one, path.rstrip('.') + '.' + name)
    if 'anyOf' in schema:
        ways = [list(errors(inner, value, path)) for inner in schema['anyOf']]
        if all(ways):
            yield from min(ways, key=len)
    if 'not' in schema and not list(errors(schema['not'], value, path)):
        yield '%s is %r, which is excluded' % (path, value)


def mutants(value):
    """Yields changed documents, and what was done."""
    one = value[0] if isinstance(value, list) else value
    rest = value[1:] if isinstance(value, list) else None
    if not one or 'error' in one:
        return
    for name in one:
        short = {k: v for k, v in one.items() if k != name}
        for changed in ({**one, name: 7.5}, {**one, name + '_': 1}, short):
            yield changed if rest is None else [changed] + rest, name


def mutate(schema, value, name):
    """Returns how many changed documents were tried; exits at one that is
    valid."""
    count = 0
    for changed, member in mutants(value):
        if not list(errors(schema, changed)):
            sys.exit('%s: still valid with another %s' % (name, member))
        count += 1
    return count


def main():
    names = sys.argv[1:]
    mutating = names[0] == '--mutate'
    names = names[mutating:]
    with open(names[0], encoding='utf-8') as f:
        schema = json.load(f)
    check_schema(schema)
    bad = count = 0
    for name in names[1:]:
        with open(name, encoding='utf-8') as f:
            value = json.load(f)
        for error in errors(schema, value):
            print('%s: %s' % (name, error))
            bad = 1
        if mutating:
            count += mutate(schema, value, name)
    return bad or (mutating and count == 0)


if __name__ == '__main__':
    sys.exit(main())
