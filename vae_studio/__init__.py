"""VAE Studio: train, watch, explore and judge variational autoencoders."""

__version__ = "0.1.0"
