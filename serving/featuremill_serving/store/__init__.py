"""Redis, as far as reading needs it. The outside uses `RedisStore` and its options."""

from featuremill_serving.store.options import Credentials, Mode, ReadFrom, StoreOptions, TlsOptions
from featuremill_serving.store.redis_store import RedisStore

__all__ = ["Credentials", "Mode", "ReadFrom", "RedisStore", "StoreOptions", "TlsOptions"]
