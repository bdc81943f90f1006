package ratchet

// Grown returns keys with room for n, which Room has asked for, and clears the old ones if they move. It is for those
// who have a heap.
func Grown(keys []SkippedKey, n int) []SkippedKey {
	if n <= len(keys) {
		return keys
	}
	// Messages go missing in runs: a few entries more save an allocation for each.
	grown := make([]SkippedKey, min((n+7)/8*8, MaxSkipped))
	copy(grown, keys)
	clear(keys)
	return grown
}
