"""To which package of care does each planned visit belong?"""

import polars as pl

KEY = ("service_user", "provider", "service")
# What a visit's own columns would otherwise hide.
OF_PACKAGE = {"starts": "package_starts", "ends": "package_ends", "outcome": "package_outcome"}


def with_package(visits: pl.DataFrame, packages: pl.DataFrame) -> pl.DataFrame:
    """Frames: KEY and `day` (of the planned start, in London), `PACKAGES` → the visits with their package's columns, null where none fits.

    Adds `two_packages`: more than one fits, and then it has none.
    """
    own = packages.rename(OF_PACKAGE)
    columns = [name for name in own.columns if name not in KEY]
    if packages.is_empty():
        nothing = (pl.lit(None, dtype=own.schema[name]).alias(name) for name in columns)
        return visits.with_columns(*nothing, two_packages=pl.lit(value=False))
    numbered = own.with_row_index("package_no")
    in_days = (pl.col("day") >= pl.col("package_starts")) & (pl.col("package_ends").is_null() | (pl.col("day") <= pl.col("package_ends")))
    days = numbered.select(*KEY, "package_no", "package_starts", "package_ends")
    places = visits.select(*KEY, "day").with_row_index("visit_no")
    fitting = places.join(days, on=KEY).filter(in_days).group_by("visit_no").agg(pl.col("package_no").first(), fitting=pl.len())
    chosen = places.select("visit_no").join(fitting, on="visit_no", how="left", maintain_order="left")
    two = pl.col("fitting").fill_null(0) > 1
    found = chosen.select(package_no=pl.when(~two).then("package_no"), two_packages=two)
    return visits.hstack(found).join(numbered.drop(KEY), on="package_no", how="left", maintain_order="left").drop("package_no")
