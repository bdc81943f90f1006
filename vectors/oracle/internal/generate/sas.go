package generate

import (
	"slices"

	"github.com/karst-im/karst/vectors/oracle/libolm"
)

type sasCase struct {
	Name        string      `json:"name"`
	Label       string      `json:"label,omitempty"`
	Random      octets      `json:"random"`
	PublicKey   string      `json:"public_key"`
	TheirRandom octets      `json:"their_random,omitzero"`
	TheirKey    string      `json:"their_key"`
	Expect      string      `json:"expect"`
	Strict      string      `json:"strict,omitempty"`
	Outputs     []sasOutput `json:"outputs,omitempty"`
}

type sasOutput struct {
	Op     string `json:"op"`
	Info   octets `json:"info"`
	Input  octets `json:"input,omitzero"`
	Length *int   `json:"length,omitempty"`
	Bytes  octets `json:"bytes,omitzero"`
	MAC    string `json:"mac,omitempty"`
}

func sasFile() file {
	var cases []sasCase
	for i, lengths := range [][]int{{0, 1, 5, 6, 31, 32, 33, 64, 100}, {5, 6}, {6, 255}, {6}} {
		name := "pair_" + string(rune('1'+i))
		r := newStream("sas " + name)
		c := sasCase{Name: name, Label: r.label, Random: r.bytes(32), TheirRandom: r.bytes(32)}
		a, b := must(libolm.NewSAS(c.Random)), must(libolm.NewSAS(c.TheirRandom))
		c.PublicKey, c.TheirKey = a.PublicKey(), b.PublicKey()
		c.Expect = class(a.SetTheirKey(c.TheirKey))
		if err := b.SetTheirKey(c.PublicKey); err != nil {
			fail("SAS: %w", err)
		}
		infos := []octets{{}, text("MATRIX_KEY_VERIFICATION_SAS|@alice:example.org|ALICE|%s|@bob:example.org|BOB|%s|txn", c.PublicKey, c.TheirKey)}
		inputs := []octets{{}, r.bytes(43), octets("ed25519:ALICE,ed25519:MASTER"), r.bytes(64), r.bytes(200)}
		for _, info := range infos {
			for _, n := range lengths {
				out := must(a.Bytes(info, n))
				if string(out) != string(must(b.Bytes(info, n))) {
					fail("SAS: the sides differ")
				}
				c.Outputs = append(c.Outputs, sasOutput{Op: "bytes", Info: info, Length: of(n), Bytes: out})
			}
		}
		for j, input := range inputs {
			info := text("MATRIX_KEY_VERIFICATION_MAC@alice:example.orgALICE@bob:example.orgBOBtxn%s", []string{"", "KEY_IDS"}[j%2])
			if j == 0 {
				info = octets{}
			}
			for _, f := range []struct {
				op string
				do func(*libolm.SAS, []byte, []byte) (string, error)
			}{{"mac", (*libolm.SAS).MAC}, {"mac_fixed_base64", (*libolm.SAS).MACFixedBase64}, {"mac_long_kdf", (*libolm.SAS).MACLongKDF}} {
				mac := must(f.do(a, input, info))
				if mac != must(f.do(b, input, info)) {
					fail("SAS: the sides differ")
				}
				c.Outputs = append(c.Outputs, sasOutput{Op: f.op, Info: info, Input: input, MAC: mac})
			}
		}
		a.Free()
		b.Free()
		cases = append(cases, c)
	}

	r := newStream("sas keys")
	random, other := r.bytes(32), must(libolm.NewSAS(r.bytes(32)))
	theirs := other.PublicKey()
	other.Free()
	odd := nonCanonical(unb64(theirs))
	type edge struct{ name, key, strict string }
	edges := []edge{
		{"key_padded", theirs + "=", ""},
		{"key_too_short", theirs[:42], refused},
		{"key_empty", "", refused},
		{"key_of_45_characters", theirs + "AA", refused},
		{"key_of_46_characters", theirs + "AAA", refused},
		{"key_with_wrong_character", noisy(theirs, 7), "INVALID_BASE64"},
		{"key_with_trailing_bit", trailingBit(theirs), "INVALID_BASE64"},
		{"key_top_bit", b64(odd["top_bit"]), refused},
		{"key_p_plus_9", b64(odd["p_plus_9"]), refused},
	}
	for _, p := range lowOrder {
		edges = append(edges, edge{"key_" + p.name, b64(p.u), refused})
		top := slices.Clone(p.u)
		top[31] |= 0x80
		edges = append(edges, edge{"key_" + p.name + "_top_bit", b64(top), refused})
	}
	for _, e := range edges {
		s := must(libolm.NewSAS(random))
		c := sasCase{Name: e.name, Label: r.label, Random: random, PublicKey: s.PublicKey(), TheirKey: e.key, Expect: class(s.SetTheirKey(e.key)), Strict: e.strict}
		if c.Expect == "OK" {
			c.Outputs = []sasOutput{{Op: "bytes", Info: octets("info"), Length: of(6), Bytes: must(s.Bytes([]byte("info"), 6))}}
		}
		s.Free()
		cases = append(cases, c)
	}
	return file{
		Description: "Short authentication strings: key pairs from given random bytes, derived bytes, the three MACs, keys that are refused.",
		Cases:       cases,
	}
}
