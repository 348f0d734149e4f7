"""The noise field of model/README.md in Python integers, keyed by seed, world, month and purpose."""

MASK = 0xFFFFFFFFFFFFFFFF
G = 0x9E3779B97F4A7C15
S = 2.6428997921303014e-05


def mix(h):
    """Scramble 64 bits (splitmix64; Steele, Lea & Flood 2014)."""
    h ^= h >> 30
    h = (h * 0xBF58476D1CE4E5B9) & MASK
    h ^= h >> 27
    h = (h * 0x94D049BB133111EB) & MASK
    return h ^ (h >> 31)


def fnv1a(text):
    """Hash the UTF-8 bytes of a text (FNV-1a, 64 bits; Fowler, Noll & Vo)."""
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


def key(purpose):
    """Name a purpose in 64 bits."""
    return mix(fnv1a(purpose))


def stream(seed, world):
    """Start the stream of one world."""
    return mix((mix((seed + G) & MASK) + G * (world + 1)) & MASK)


def hashed(seed, world, month, purpose):
    """Give the 64 bits of one purpose in one month of one world; month -1 belongs to the whole world."""
    return mix(mix((stream(seed, world) + G * (month + 1)) & MASK) ^ key(purpose))


def normal(h):
    """Turn 64 bits into a nearly normal number of mean 0 and variance 1."""
    fields = (h & 0xFFFF) + (h >> 16 & 0xFFFF) + (h >> 32 & 0xFFFF) + (h >> 48)
    return float(fields - 131070) * S


def uniform(h):
    """Turn 64 bits into a number in [0, 1)."""
    return float(h >> 11) * 2.0**-53


def draw(seed, world, path, low, high):
    """Draw one world's value of a number from its range."""
    return low + (high - low) * uniform(hashed(seed, world, -1, f"prior/{path}"))
