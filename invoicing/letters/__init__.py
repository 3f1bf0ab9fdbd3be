"""The paper way: letters put together in one file, in the order of their postcodes, behind a cover sheet."""
