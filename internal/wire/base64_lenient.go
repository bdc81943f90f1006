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
	for ; len(dst) >= 8 && len(src) >= 8; dst, src = dst[6:], src[8:] {
		store64(dst, gather(fromAnyASCII(load64(src)))<<16) // six bytes, and two that the next step overwrites
	}
	for len(dst) > 0 {
		x := uint64('A') * lanes // fills up with zero bits
		n := min(len(src), 8)
		for i, c := range src[:n] {
			shift := 56 - 8*i
			x = x&^(0xff<<shift) | uint64(c)<<shift
		}
		x = gather(fromAnyASCII(x))
		m := min(len(dst), 6)
		for i := range dst[:m] {
			dst[i] = byte(x >> (40 - 8*i))
		}
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
