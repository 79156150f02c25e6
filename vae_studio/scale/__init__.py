"""Owns runs on several processes (its floor is kept free).

May import torch.distributed.
The commands will speak to it.
"""
