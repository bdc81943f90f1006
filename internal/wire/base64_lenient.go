package wire

// DecodeLenient is Decode as libolm does it, which refuses no character: the top bit of each is ignored,
// one outside of the alphabet counts as the value 255, whose upper bits spill into the character before
// it in its group of four, and unused trailing bits mean nothing. What doesn't fit into dst is left out.
//
// len(src) is a length that DecodedLen accepts; dst may be src or begin where src begins.
func DecodeLenient(dst, src []byte) {
	dst = dst[:min(len(dst), DecodedLen(len(src)))]
	read, written := lenientBlocks(dst, src)
	dst, src = dst[written:], src[read:]
	for len(dst) > 0 {
		n, x := loadUpTo8(src)
		x = gather(fromAnyASCII(x))
		m := storeUpTo6(dst, x)
		dst, src = dst[m:], src[n:]
	}
}

// fromAnyASCII maps characters to what libolm makes of them.
func fromAnyASCII(c uint64) uint64 {
	v, bad := fromASCII(c &^ highs)
	bad = bad >> 7 & lanes
	// The first characters of the two groups have none before them.
	spill := bad &^ (1<<56 | 1<<24) << 8
	return v&^(bad*63) | bad*63 | spill*3
}
