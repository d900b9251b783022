"""Drawings of the ten classes of CIFAR-10 over grounds that do not give the class away."""
