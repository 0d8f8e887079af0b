"""Redis, as far as reading needs it. The outside uses `RedisStore` and its options."""

from featuremill_serving.store.options import Credentials, ReadFrom, StoreOptions, TlsOptions
from featuremill_serving.store.redis_store import RedisStore

__all__ = ["Credentials", "ReadFrom", "RedisStore", "StoreOptions", "TlsOptions"]
