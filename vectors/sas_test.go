package vectors_test

import (
	"bytes"
	"testing"

	"github.com/karst-im/karst/internal/curve"
	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/sas"
	"github.com/karst-im/karst/vectors"
)

func newSAS(t *testing.T, random []byte) (s *sas.SAS) {
	feed(t, random, func() { s = sas.New() })
	return s
}

func establish(t *testing.T, random []byte, theirKey string) (*sas.Established, error) {
	theirs, err := keys.ParseCurve25519(theirKey)
	if err != nil {
		return nil, asText(err)
	}
	return newSAS(t, random).Establish(theirs)
}

func TestSAS(t *testing.T) {
	var n counts
	pairs := 0
	for _, c := range vectors.SAS() {
		t.Run(c.Name, func(t *testing.T) {
			n.cases++
			if c.Strict != "" {
				n.special++
			}
			equal(t, "public key", newSAS(t, c.Random).PublicKey().String(), c.PublicKey)
			e, err := establish(t, c.Random, c.TheirKey)
			if !agrees(err, c.Strictly()) {
				t.Fatalf("error is %v, want %s", err, c.Strictly())
			}
			if err != nil {
				return
			}
			sides := []*sas.Established{e}
			if c.TheirRandom != nil {
				pairs++
				theirs, err := establish(t, c.TheirRandom, c.PublicKey)
				if err != nil {
					t.Fatal(err)
				}
				sides = append(sides, theirs)
				equal(t, "their key", theirs.PublicKey().String(), c.TheirKey)
			}
			for i := range c.Outputs {
				for _, e := range sides {
					n.steps++
					o := &c.Outputs[i]
					info, input := string(o.Info), string(o.Input)
					switch o.Op {
					case "bytes":
						got := must(e.RawBytes(info, *o.Length))
						if !bytes.Equal(got, o.Bytes) {
							t.Errorf("%d bytes are %x, want %x", *o.Length, got, []byte(o.Bytes))
						}
						if b := must(e.Bytes(info)); *o.Length == 6 && !bytes.Equal(b[:], o.Bytes) {
							t.Errorf("the short string is %x, want %x", b, []byte(o.Bytes))
						}
					case "mac":
						equal(t, "MAC", must(e.LegacyMAC(input, info)), o.MAC)
						checkMAC(t, o.MAC, func(mac string) error { return e.VerifyLegacyMAC(input, info, mac) })
					case "mac_fixed_base64":
						equal(t, "MAC", must(e.MAC(input, info)).String(), o.MAC)
						checkMAC(t, o.MAC, func(text string) error {
							var mac sas.MAC
							if err := mac.UnmarshalText([]byte(text)); err != nil {
								return err
							}
							return e.VerifyMAC(input, info, mac)
						})
					case "mac_long_kdf":
						equal(t, "MAC", must(e.LongKDFMAC(input, info)), o.MAC)
						checkMAC(t, o.MAC, func(mac string) error { return e.VerifyLongKDFMAC(input, info, mac) })
					default:
						t.Fatalf("no such operation: %s", o.Op)
					}
				}
			}
		})
	}
	n.check(t, 27, 177, 22)
	if pairs < 4 {
		t.Errorf("%d cases with both sides", pairs)
	}
}

// checkMAC verifies mac, and another one.
func checkMAC(t *testing.T, mac string, verify func(string) error) {
	t.Helper()
	if err := verify(mac); err != nil {
		t.Error(err)
	}
	other := []byte(mac)
	if other[0]++; other[0] > 'Z' {
		other[0] = 'A'
	}
	if err := verify(string(other)); err != sas.ErrMAC {
		t.Errorf("error is %v for a wrong MAC", err)
	}
}

// TestSASEngine derives from every key with the engine under libolm's rules, which takes keys that are not
// canonical, but none of small order.
func TestSASEngine(t *testing.T) {
	var n counts
	for _, c := range vectors.SAS() {
		t.Run(c.Name, func(t *testing.T) {
			n.cases++
			theirs, err := decode64(c.TheirKey)
			if err != nil || len(theirs) != 32 {
				n.special++ // a matter of the surface
				return
			}
			var s protocol.SAS
			s.Start(c.Random)
			equal(t, "public key", encode64(s.Public()[:]), c.PublicKey)
			want := c.Expect
			if smallOrder(theirs) {
				n.special++
				want = c.Strict
			}
			if err := toError(s.Establish((*[32]byte)(theirs), wire.Lenient)); !engineAgrees(err, want) {
				t.Fatalf("error is %v, want %s", err, want)
			} else if err != nil {
				return
			}
			for i := range c.Outputs {
				n.steps++
				engineOutput(t, &s, c.Outputs[i].Op, c.Outputs[i].Info, c.Outputs[i].Input, c.Outputs[i].Bytes, c.Outputs[i].MAC)
			}
		})
	}
	n.check(t, 27, 90, 21)
}

func engineOutput(t *testing.T, s *protocol.SAS, op string, info, input, want []byte, wantMAC string) {
	var mac [32]byte
	var text [protocol.MACTextLen]byte
	switch op {
	case "bytes":
		b := make([]byte, len(want))
		if s.Bytes(b, info); !bytes.Equal(b, want) {
			t.Errorf("%d bytes are %x, want %x", len(b), b, want)
		}
	case "mac":
		s.MAC(&mac, input, info)
		protocol.LegacyMACText(&text, &mac)
		equal(t, "MAC", string(text[:]), wantMAC)
	case "mac_fixed_base64":
		s.MAC(&mac, input, info)
		equal(t, "MAC", encode64(mac[:]), wantMAC)
	case "mac_long_kdf":
		s.LongKDFMAC(&mac, input, info)
		protocol.LegacyMACText(&text, &mac)
		equal(t, "MAC", string(text[:]), wantMAC)
	default:
		t.Fatalf("no such operation: %s", op)
	}
}

// smallOrder reports whether a secret that is agreed on with u is zero.
func smallOrder(u []byte) bool {
	var own, shared, theirs [32]byte
	own[0], theirs = 8, [32]byte(u)
	return curve.X25519(&shared, &own, &theirs) == 0
}
