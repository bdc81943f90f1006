//go:build purego

package curve

var equations = map[string]func(R, s *[32]byte, k *sc, A *[32]byte) bool{"halves": equationVarTime}
