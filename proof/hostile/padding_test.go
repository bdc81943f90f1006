package hostile_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/karst-im/karst/internal/envelope"
	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/wire"
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/proof/internal/readers"
	"github.com/karst-im/karst/ratchet"
	"github.com/karst-im/karst/sas"
)

// "When decoding, implementations SHOULD decode input with and without padding" (Matrix specification,
// appendices, "Unpadded Base64"): whatever takes base64 takes both, for every length there is, and no other.

// reader is a decoder of base64.
type reader struct {
	texts func() []string                   // unpadded, of every length that there is
	read  func(text string) (string, error) // what it reads, in a form to compare
}

// notBase64 are the decoders that take bytes, or base64 that is decoded already.
var notBase64 = []string{
	"keys.Ed25519.Verify", "internal/envelope.OpenSealed", "olm.ParsePreKeyMessage", "olm.PreKeyMessage.SessionID", "olm.PreKeyMessage.IdentityKey",
	"olm.PreKeyMessage.BaseKey", "olm.PreKeyMessage.OneTimeKey", "olm.PreKeyMessage.Message", "olm.Account.NewOutboundSession",
	"olm.Account.Accept", "olm.Account.NewInboundSession", "olm.Account.NewInboundSessionFrom", "olm.Session.Decrypt",
	"olm.Session.AppendDecrypt", "olm.Session.Matches", "megolm.SessionKeyFromBytes", "megolm.ExportedKeyFromBytes",
	"megolm.NewInboundSession", "megolm.ImportSession", "megolm.Message.MessageIndex", "megolm.InboundSession.Decrypt",
	"megolm.InboundSession.AppendDecrypt", "sas.SAS.Establish", "sas.Established.VerifyMAC", "pk.DecryptionFromKey", "pk.NewSigning",
	"pk.NewEncryption", "pk.Decryption.Decrypt", "ratchet.Respond", "ratchet.Double.Receive", "ratchet.MegolmFromKey",
	"internal/ratchet.Double.Unpickle", "internal/ratchet.PassPickle", "internal/ratchet.Double.Receive", "internal/ratchet.Megolm.Unpickle",
}

// unmarshals is a reader of type T with texts of n bytes.
func unmarshals[T any, P interface {
	*T
	UnmarshalText(text []byte) error
}](lengths ...int) reader {
	return reader{func() (texts []string) {
		for _, n := range lengths {
			texts = append(texts, wire.Text(bytes.Repeat([]byte{1, 2, 3, 4}, (n+3)/4)[:n]))
		}
		return texts
	}, func(text string) (string, error) {
		var x T
		err := P(&x).UnmarshalText([]byte(text))
		return fmt.Sprint(x), err
	}}
}

func parses[T fmt.Stringer](text func() string, parse func(string) (T, error)) reader {
	return reader{func() []string { return []string{text()} }, func(text string) (string, error) {
		x, err := parse(text)
		return x.String(), err
	}}
}

func pickled(kind string, objects func() []readers.Pickled) reader {
	return reader{func() (texts []string) {
		for _, o := range objects() {
			texts = append(texts, string(must(o.Pickle(pickleKey))))
		}
		return texts
	}, func(text string) (string, error) {
		o, err := readers.ByKind[kind](pickleKey, []byte(text))
		if err != nil {
			return "", err
		}
		return string(must(o.Pickle(pickleKey))), nil
	}}
}

func one(o readers.Pickled) func() []readers.Pickled {
	return func() []readers.Pickled { return []readers.Pickled{o} }
}

// base64Readers are all that take base64.
func base64Readers() map[string]reader {
	var every []int
	for n := range 257 {
		every = append(every, n)
	}
	a, b := olm.NewAccount(), olm.NewAccount()
	out, in := newGroup()
	mine, other := sas.New(), sas.New()
	e := must(mine.Establish(other.PublicKey()))
	envelopes := func() (texts []string) {
		for _, n := range every {
			texts = append(texts, string(sealed(make([]byte, n))))
		}
		return texts
	}
	accounts := func() (all []readers.Pickled) { // one-time keys change the length
		for n := range 6 {
			account := olm.NewAccount()
			must(account.GenerateOneTimeKeys(n))
			all = append(all, account)
		}
		return all
	}
	doubles := func() []readers.Pickled {
		d, other := newDoubles()
		return []readers.Pickled{d, other}
	}
	legacy := func(make func(input, info string) (string, error), verify func(input, info, mac string) error) reader {
		return parses(func() string { return must(make("key", "info")) }, func(text string) (olm.Body, error) {
			return olm.Body("verified"), verify("key", "info", text)
		})
	}
	return map[string]reader{
		"keys.ParseCurve25519":          parses(identity(a).String, keys.ParseCurve25519),
		"keys.ParseEd25519":             parses(a.IdentityKeys().Ed25519.String, keys.ParseEd25519),
		"keys.ParseSignature":           parses(must(a.Sign(nil)).String, keys.ParseSignature),
		"keys.Curve25519.UnmarshalText": unmarshals[keys.Curve25519](32),
		"keys.Ed25519.UnmarshalText":    unmarshals[keys.Ed25519](32),
		"keys.Signature.UnmarshalText":  unmarshals[keys.Signature](64),
		"olm.KeyID.UnmarshalText":       unmarshals[olm.KeyID](4),
		"olm.Body.UnmarshalText":        unmarshals[olm.Body](every...),
		"megolm.Message.UnmarshalText":  unmarshals[megolm.Message](every...),
		"pk.Text.UnmarshalText":         unmarshals[pk.Text](every...),
		"sas.MAC.UnmarshalText":         unmarshals[sas.MAC](32),
		"pickle.Open": {envelopes, func(text string) (string, error) {
			raw, err := pickle.Open(pickleKey, []byte(text))
			return string(raw), err
		}},
		"internal/envelope.Open": {envelopes, func(text string) (string, error) {
			raw, c := envelope.Open([]byte(text), pickleKey)
			return string(raw), code(c)
		}},
		"internal/envelope.Read": {envelopes, func(text string) (raw string, err error) {
			c := envelope.Read(pickleKey, []byte(text), func(contents []byte) errcode.Code {
				raw = string(contents)
				return errcode.OK
			})
			return raw, code(c)
		}},
		"olm.PreKeyMessage.UnmarshalText": {func() (texts []string) {
			for n := range 257 {
				s := must(b.NewOutboundSession(identity(a), claim(a)))
				texts = append(texts, must(s.Encrypt(make([]byte, n))).Body.String())
			}
			return texts
		}, func(text string) (string, error) {
			var p olm.PreKeyMessage
			if err := p.UnmarshalText([]byte(text)); err != nil {
				return "", err
			}
			return p.SessionID() + p.Message().Body.String(), nil
		}},
		"megolm.ParseSessionKey": {func() []string {
			k := must(out.SessionKey())
			return []string{must(k.Base64())}
		}, func(text string) (string, error) {
			k, err := megolm.ParseSessionKey(text)
			if err != nil {
				return "", err
			}
			return k.Base64()
		}},
		"megolm.ParseExportedKey": {func() []string {
			k := must(in.Export(0))
			return []string{must(k.Base64())}
		}, func(text string) (string, error) {
			k, err := megolm.ParseExportedKey(text)
			if err != nil {
				return "", err
			}
			return k.Base64()
		}},
		"sas.Established.VerifyLegacyMAC":  legacy(e.LegacyMAC, e.VerifyLegacyMAC),
		"sas.Established.VerifyLongKDFMAC": legacy(e.LongKDFMAC, e.VerifyLongKDFMAC),
		"olm.UnpickleAccount":              pickled("account", accounts),
		"olm.UnpickleSession":              pickled("session", one(openSession())),
		"megolm.UnpickleInboundSession":    pickled("inbound", one(in)),
		"megolm.UnpickleOutboundSession":   pickled("outbound", one(out)),
		"pk.UnpickleDecryption":            pickled("decryption", one(pk.NewDecryption())),
		"ratchet.UnpickleDouble":           pickled("double", doubles),
		"ratchet.UnpickleMegolm":           pickled("megolm", one(ratchet.NewMegolm())),
	}
}

// wrongPaddings are texts around an unpadded one that nobody may take for it.
func wrongPaddings(text string) (all []string) {
	right := (4 - len(text)%4) % 4
	for n := 1; n <= 8; n++ {
		if n != right {
			all = append(all, text+strings.Repeat("=", n))
		}
	}
	padded := text + strings.Repeat("=", right)
	all = append(all, padded+"\n", padded+" ", "="+text, "===="+text, padded+"A===", padded+"====", padded+"\r\n", text[:len(text)/2]+"\n"+text[len(text)/2:])
	for _, at := range []int{1, 2, 3, 4, len(text) / 2, len(text) - 1} {
		if at > 0 && at < len(text) {
			for n := 1; n <= 4; n++ {
				all = append(all, text[:at]+strings.Repeat("=", n)+text[at:])
			}
			all = append(all, text[:at]+"="+text[at+1:]+"A")
		}
	}
	if right > 0 {
		all = append(all, text+"-==="[:right], text+"=A=="[:right]+"A")
	}
	return all
}

// TestBase64Padding: each decoder that takes base64, for every length that it can have.
func TestBase64Padding(t *testing.T) {
	deterministic(t, 13)
	all := base64Readers()
	for _, d := range decoders {
		_, reads := all[d.name]
		if reads == slices.Contains(notBase64, d.name) {
			t.Errorf("%s: does it take base64? It belongs into base64Readers, or into notBase64", d.name)
		}
	}
	if len(all)+len(notBase64) != len(decoders) {
		t.Errorf("%d and %d decoders, of %d", len(all), len(notBase64), len(decoders))
	}
	n, refused := 0, 0
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			remainders := map[int]bool{}
			for _, text := range r.texts() {
				remainders[len(text)%4] = true
				want, err := r.read(text)
				if err != nil {
					t.Fatalf("%q: %v", text, err)
				}
				padded := text + strings.Repeat("=", (4-len(text)%4)%4)
				if got, err := r.read(padded); err != nil || got != want {
					t.Errorf("%q: %q, %v; without padding %q", padded, got, err, want)
				}
				n++
				for _, wrong := range wrongPaddings(text) {
					if got, err := r.read(wrong); err == nil {
						t.Errorf("%q is taken for %q", wrong, got)
					}
					refused++
				}
			}
			if len(r.texts()) > 3 && len(remainders) != 3 {
				t.Errorf("only lengths of %v modulo 4", remainders)
			}
		})
	}
	t.Logf("hostile: %d texts of %d decoders are read with and without padding, %d other ones by none", n, len(all), refused)
}
