package main

import "slices"

// timing are changes that give every result as before and take a time that depends on a secret.
func timing() []mutation {
	return slices.Concat(
		in("internal/secret/secret.go", byTime, changes{
			{"comparing ends at the first difference", "		or |= x ^ b[i]\n", "		if x != b[i] {\n			return 0\n		}\n"},
			{"looking for zeros ends at the first other byte", "	for _, x := range b {\n		or |= x\n	}\n", "	for _, x := range b {\n		if or |= x; or != 0 {\n			break\n		}\n	}\n"},
		}),
		in("internal/aessha2/aessha2.go", byTime, changes{
			{"a MAC is compared up to the first difference", "	ok := secret.Equal(want[:TagLen], tag[:])\n", "	ok := 1\n	for i := range tag {\n		if want[i] != tag[i] {\n			ok = 0\n			break\n		}\n	}\n"},
			{"padding is checked by a branch", "		inside := (i - pad - 1) >> 31 // 1 if i <= pad\n		bad |= -inside & (uint32(last[blockSize-i]) ^ pad)\n", "		if i <= pad && uint32(last[blockSize-i]) != pad {\n			bad = 1\n			break\n		}\n"},
		}),
		in("internal/curve/x25519.go", byTime, changes{
			{"the ladder swaps by a branch", "	feSwap(&s.x2, &s.x3, swap)\n", "	if swap == 1 {\n		s.x2, s.x3 = s.x3, s.x2\n	}\n"},
		}),
		in("internal/curve/formulas_amd64.go", byTime, changes{
			{"the ladder in assembly swaps by a branch", "		ladderStepADX(s, swap)\n", "		if swap == 1 {\n			s.exchange(1)\n		}\n		ladderStepADX(s, 0)\n"},
			{"no multiple of the base point is quicker than one", "	if cpu.ADX {\n		selectMultipleADX", "	if digit == 0 {\n		*q = cached{sum: fe{1}, diff: fe{1}}\n	} else if cpu.ADX {\n		selectMultipleADX"},
		}),
		in("internal/curve/base_purego.go", byPortable, changes{
			{"the multiples of the base point are looked up", "		m := mask(isEqual(abs, byte(j+1)))\n", "		if int(abs) != j+1 {\n			continue\n		}\n		m := mask(1)\n"},
		}),
		in("internal/wire/base64.go", byTime, changes{
			{"base64 is looked up in a table", "func toASCII(v uint64) uint64 {\n", "func toASCII(v uint64) uint64 {\n	const alphabet = \"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\"\n	if len(alphabet) == 64 {\n		out := uint64(0)\n		for s := 0; s < 64; s += 8 {\n			out |= uint64(alphabet[v>>s&63]) << s\n		}\n		return out\n	}\n"},
		}),
		in("internal/curve/scalar_purego.go", byPortable, changes{
			{"a scalar is reduced by a branch", "	for i := range v[:] {\n		v[i] = d[i] ^ keep&(d[i]^t[i])\n	}\n", "	if keep == 0 {\n		*v = d\n	} else {\n		*v = *t\n	}\n"},
		}),
		in("internal/aes/bitslice.go", byPortable, changes{
			{"a word of zeros is quicker in the key schedule", "	substitute(q)\n	w = 0x63636363", "	if w == 0 {\n		return 0x63636363\n	}\n	substitute(q)\n	w = 0x63636363"},
		}),
	)
}
