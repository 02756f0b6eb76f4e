"""Which model this house may use: read from settings, and off unless a model is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from store import settings
from store.errors import ConfigProblem

OPENAI = "https://api.openai.com/v1"
_KEYLESS = "none"


@dataclass(frozen=True)
class Endpoint:
    """A model behind a base URL. The key is never printed; prices are per million tokens."""

    url: str
    model: str
    key: str = field(default=_KEYLESS, repr=False)
    price_in: Decimal = Decimal(0)
    price_out: Decimal = Decimal(0)
    currency: str = "USD"

    def cost(self, read: int, written: int) -> Decimal:
        """What so many tokens cost, in `currency`."""
        return (self.price_in * read + self.price_out * written) / 1_000_000


def configured() -> Endpoint | None:
    """The endpoint of this installation; None when no model is named, or neither a URL nor a key is set.

    Raises `ConfigProblem` when the key file cannot be read or the URL is none.
    """
    model = str(settings.get("model")).strip()
    url, key = str(settings.get("model_url")).strip(), _key()
    if not model or not (url or key):
        return None
    if url and not url.startswith(("http://", "https://")):
        raise ConfigProblem(
            "The address of the model server is no URL.", hint="Write OPENAI_BASE_URL as https://host/v1."
        )
    return Endpoint(
        url=url.rstrip("/") or OPENAI,
        model=model,
        key=key or _KEYLESS,
        price_in=Decimal(str(settings.get("model_price_in"))),
        price_out=Decimal(str(settings.get("model_price_out"))),
        currency=str(settings.get("model_currency")),
    )


def _key() -> str:
    file = str(settings.get("model_key_file")).strip()
    if not file:
        return str(settings.get("model_key")).strip()
    try:
        return Path(file).expanduser().read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise ConfigProblem(
            "The file with the model's key cannot be read.",
            hint="Searched: the file that PLAINSAY_MODEL_KEY_FILE names.",
        ) from error
