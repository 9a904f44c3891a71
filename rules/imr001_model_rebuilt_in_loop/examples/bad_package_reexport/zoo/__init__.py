"""Model zoo."""

from .cnn import make_cnn as create_network

__all__ = ["create_network"]
