"""Two years in the life of an association of about seventy, made by the same functions that users' clicks call.

`life.py` walks through the two years, week by week, and every other file tells one story: who joins and how they pay
(`people.py`), who may log in (`log_ins.py`), the treasurer's evenings (`treasury.py`) with the bank's files (`bank.py`,
`bank_formats.py`), a course that is invoiced by hand and shows every turn an invoice can take (`course.py`), money paid
at once where play money is switched on (`play_money.py`), the post that takes the messages along (`post.py`), welcome
letters (`letters.py`), registers brought in as files (`registers.py`), and the rest of the office (`office.py`).

The same day gives the same demo, down to every number. Nothing here writes a row that a person could not have made.
"""

from config.demo.life import CLIENTS, build
from config.demo.log_ins import MEMBER, PASSWORD, is_there, log_in_lines

__all__ = ["CLIENTS", "MEMBER", "PASSWORD", "build", "is_there", "log_in_lines"]
