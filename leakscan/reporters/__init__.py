"""Diagnostics -> text and JSON. Reporters know nothing of LibCST."""
