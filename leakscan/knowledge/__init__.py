"""What the names of libraries mean."""
