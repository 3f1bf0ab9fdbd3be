"""How a message can fail to go, the same for e-mail and SMS."""

from core.errors import BackendError


class GatewayError(BackendError):
    """The server or gateway did not take a message.

    `permanent`: trying again cannot help. `bounced`: it is the address that was refused. `uncertain`: the words had
    left us when the connection broke, so the message may have arrived. `stops`: nothing else would get through
    either, for instance because the server is down (not permanent) or refuses our password (permanent).
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        bounced: bool = False,
        uncertain: bool = False,
        stops: bool = False,
    ) -> None:
        super().__init__(message, permanent=permanent)
        self.bounced = bounced
        self.uncertain = uncertain
        self.stops = stops
