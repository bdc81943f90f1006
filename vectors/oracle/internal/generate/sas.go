package generate

import (
	"slices"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

func sasFile() file {
	var cases []vectors.SASExchange
	for i, lengths := range [][]int{{0, 1, 5, 6, 31, 32, 33, 64, 100}, {5, 6}, {6, 255}, {6}} {
		name := "pair_" + string(rune('1'+i))
		r := newStream("sas " + name)
		c := vectors.SASExchange{Name: name, Label: r.Label(), Random: r.Bytes(32), TheirRandom: r.Bytes(32)}
		a, b := must(libolm.NewSAS(c.Random)), must(libolm.NewSAS(c.TheirRandom))
		c.PublicKey, c.TheirKey = a.PublicKey(), b.PublicKey()
		c.Expect = class(a.SetTheirKey(c.TheirKey))
		if err := b.SetTheirKey(c.PublicKey); err != nil {
			fail("SAS: %w", err)
		}
		infos := []vectors.Bytes{{}, text("MATRIX_KEY_VERIFICATION_SAS|@alice:example.org|ALICE|%s|@bob:example.org|BOB|%s|txn", c.PublicKey, c.TheirKey)}
		inputs := []vectors.Bytes{{}, r.Bytes(43), vectors.Bytes("ed25519:ALICE,ed25519:MASTER"), r.Bytes(64), r.Bytes(200)}
		for _, info := range infos {
			for _, n := range lengths {
				out := must(a.Bytes(info, n))
				if string(out) != string(must(b.Bytes(info, n))) {
					fail("SAS: the sides differ")
				}
				c.Outputs = append(c.Outputs, vectors.SASOutput{Op: "bytes", Info: info, Length: of(n), Bytes: out})
			}
		}
		for j, input := range inputs {
			info := text("MATRIX_KEY_VERIFICATION_MAC@alice:example.orgALICE@bob:example.orgBOBtxn%s", []string{"", "KEY_IDS"}[j%2])
			if j == 0 {
				info = vectors.Bytes{}
			}
			for _, f := range []struct {
				op string
				do func(*libolm.SAS, []byte, []byte) (string, error)
			}{{"mac", (*libolm.SAS).MAC}, {"mac_fixed_base64", (*libolm.SAS).MACFixedBase64}, {"mac_long_kdf", (*libolm.SAS).MACLongKDF}} {
				mac := must(f.do(a, input, info))
				if mac != must(f.do(b, input, info)) {
					fail("SAS: the sides differ")
				}
				c.Outputs = append(c.Outputs, vectors.SASOutput{Op: f.op, Info: info, Input: input, MAC: mac})
			}
		}
		a.Free()
		b.Free()
		cases = append(cases, c)
	}

	r := newStream("sas keys")
	random, other := r.Bytes(32), must(libolm.NewSAS(r.Bytes(32)))
	theirs := other.PublicKey()
	other.Free()
	odd := nonCanonical(unb64(theirs))
	type edge struct{ name, key, strict string }
	edges := []edge{
		{"key_padded", theirs + "=", ""},
		{"key_too_short", theirs[:42], vectors.Refused},
		{"key_empty", "", vectors.Refused},
		{"key_of_45_characters", theirs + "AA", vectors.Refused},
		{"key_of_46_characters", theirs + "AAA", vectors.Refused},
		{"key_with_wrong_character", noisy(theirs, 7), "INVALID_BASE64"},
		{"key_with_trailing_bit", trailingBit(theirs), "INVALID_BASE64"},
		{"key_top_bit", b64(odd["top_bit"]), vectors.Refused},
		{"key_p_plus_9", b64(odd["p_plus_9"]), vectors.Refused},
	}
	for _, p := range lowOrder {
		edges = append(edges, edge{"key_" + p.name, b64(p.u), vectors.Refused})
		top := slices.Clone(p.u)
		top[31] |= 0x80
		edges = append(edges, edge{"key_" + p.name + "_top_bit", b64(top), vectors.Refused})
	}
	for _, e := range edges {
		s := must(libolm.NewSAS(random))
		c := vectors.SASExchange{Name: e.name, Label: r.Label(), Random: random, PublicKey: s.PublicKey(), TheirKey: e.key, Verdict: vectors.Verdict{Expect: class(s.SetTheirKey(e.key)), Strict: e.strict}}
		if c.Expect == "OK" {
			c.Outputs = []vectors.SASOutput{{Op: "bytes", Info: vectors.Bytes("info"), Length: of(6), Bytes: must(s.Bytes([]byte("info"), 6))}}
		}
		s.Free()
		cases = append(cases, c)
	}
	return file{
		Description: "Short authentication strings: key pairs from given random bytes, derived bytes, the three MACs, keys that are refused.",
		Cases:       cases,
	}
}
