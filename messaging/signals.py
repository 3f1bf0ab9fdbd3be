"""What others may hear about messages."""

from django.dispatch import Signal

message_sent = Signal()
"""The server took a message. Arguments: message (Message), at (datetime)."""

message_failed = Signal()
"""A message will not be sent again by itself. Arguments: message (Message), at (datetime)."""

message_bounced = Signal()
"""An address was refused, or the message came back. Arguments: message (Message), at (datetime)."""

message_unknown = Signal()
"""Nobody can know whether a message arrived; a person must decide. Arguments: message (Message), at (datetime)."""

address_suppressed = Signal()
"""Nothing more is sent to an address. Arguments: address (str), reason (str, English), at (datetime)."""

channel_paused = Signal()
"""A channel has stopped until a person resumes it. Arguments: pause (Pause), at (datetime)."""

swept = Signal()
"""Once a minute: the moment to ring again for work that a lost task has left behind. Arguments: at (datetime)."""
