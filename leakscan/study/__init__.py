"""The study: what the leaks cost by fit length, model, framework, size of what is kept, and by fix."""
