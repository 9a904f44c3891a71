"""Diagnostics -> text for people and documents for programs. Reporters know nothing of LibCST."""
