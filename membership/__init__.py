"""Who belongs: members, households, types, periods, joining, renewal and leaving."""
