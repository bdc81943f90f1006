package curve

import "math/big"

var bigL, _ = new(big.Int).SetString("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", 16)

func toBig(b []byte) *big.Int {
	be := make([]byte, len(b))
	for i, x := range b {
		be[len(b)-1-i] = x
	}
	return new(big.Int).SetBytes(be)
}

func fromBig(a *big.Int) (b [32]byte) {
	be := a.FillBytes(make([]byte, 32))
	for i, x := range be {
		b[31-i] = x
	}
	return
}
