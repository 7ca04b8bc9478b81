"""The language: schemas, types, profiles as expressions, checks."""
