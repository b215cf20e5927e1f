"""How is a sentence made that many lines share?

Most sentences depend on a few whole numbers that come again and again. They are made once for each that occurs, and handed out.
"""

from collections.abc import Sequence

import polars as pl


def once(lines: pl.DataFrame, sentences: Sequence[pl.Expr]) -> pl.Series:
    """The sentences, one after another, of each row; null where it has none. They look at their own row only."""
    told = pl.concat_str(sentences, separator=" ", ignore_nulls=True)
    read = sorted({name for sentence in sentences for name in sentence.meta.root_names()})
    if not read or lines.is_empty():
        return lines.select(told=told.replace("", None))["told"]
    seen = lines.select(read)
    kinds = seen.unique().rechunk()
    said = kinds.with_columns(told=told.replace("", None))
    return seen.join(said, on=read, how="left", nulls_equal=True, maintain_order="left")["told"]
