"""Array annotations with shapes (jaxtyping's), for readers and the type checker; at run time nothing is loaded."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Float32, Int, Int16, UInt8
else:

    class _Shaped:
        """Takes the place of jaxtyping's types, whose import is a tenth of the window's start."""

        def __class_getitem__(cls, _: object) -> type:
            return cls

    Bool = Float = Float32 = Int = Int16 = UInt8 = _Shaped

__all__ = ["Bool", "Float", "Float32", "Int", "Int16", "UInt8"]
