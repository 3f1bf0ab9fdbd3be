"""`make bench`: what we claim about speed, measured against a named baseline in the same run.

A bench is a function in a file of its own here, registered by name:

    @bench("renewal", n=100_000)
    def renewal(n: int) -> Iterator[Row]:
        "Open and invoice the year for n members."
        make_many_members(n)
        ours = measure(lambda: open_due_periods(on=date(2027, 1, 2)))
        small = measure(lambda: with_a_save_an_invoice(1_000))
        yield compare(n=n, ours=ours, baseline="a save an invoice", theirs=small, theirs_n=1_000)

It runs in a process of its own, on a fresh database with all migrations and `manage.py setup` applied, under the
settings of tests/benchmarks/settings.py, once on SQLite and once on PostgreSQL.
"""
