package curve

import "github.com/karst-im/karst/internal/sha2"

// sum512 sets out to SHA-512(a || b || c).
func sum512(out *[64]byte, a, b, c []byte) { sha2.Sum512(out, a, b, c) }
