from .order import in_order
from .scaling import Standardized

__all__ = ["in_order", "Standardized"]
