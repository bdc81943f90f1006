package atomicity_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/proof/internal/readers"
	"github.com/karst-im/karst/ratchet"
)

var pickleKey = []byte("0123456789abcdef0123456789abcdef")

func sealed(raw []byte) []byte { return pickles.Sealed(pickleKey, raw) }

func opened(pickled []byte) []byte { return pickles.Opened(pickleKey, pickled) }

// formats returns a pickle's contents in every version that is read.
func formats() map[string]map[string][]byte {
	a := olm.NewAccount()
	for range 2 {
		if err := a.GenerateFallbackKey(); err != nil {
			panic(err)
		}
		claim(a)
	}
	v4 := opened(must(a.Pickle(pickleKey)))
	const oneTimeLen, head = 4 + 1 + 64, 4 + 96 + 64 + 4 + 2*(4+1+64)
	if v4[head] != 2 || len(v4) != head+1+2*oneTimeLen+4 {
		panic("not two fallback keys")
	}
	version := func(raw []byte, v uint32) []byte {
		raw = bytes.Clone(raw)
		binary.BigEndian.PutUint32(raw, v)
		return raw
	}
	v3 := slices.Delete(version(v4, 3), head, head+1)
	v2 := slices.Delete(version(v4, 2), head, head+1+2*oneTimeLen)

	alice, bob := newTalk()
	turns(alice, bob, 3)
	send(bob)
	session := opened(must(bob.Pickle(pickleKey)))
	fresh := opened(must(begin(a, a).Pickle(pickleKey)))

	double, other := newDoubles()
	sealBox(double)
	if err := openBox(other, sealBox(double)); err != nil {
		panic(err)
	}
	doubles := map[string][]byte{"version 1": opened(must(other.Pickle(pickleKey))), "sending": opened(must(double.Pickle(pickleKey)))}

	out := megolm.NewOutboundSession()
	in := receiver(out)
	if err := reads(in, encryptN(out, 20)[19]); err != nil {
		panic(err)
	}
	inbound := opened(must(in.Pickle(pickleKey)))
	return map[string]map[string][]byte{
		"account":    {"version 4": v4, "version 3": v3, "version 2": v2, "empty": opened(must(olm.NewAccount().Pickle(pickleKey)))},
		"session":    {"version 1": session, "that logs": append(version(session, 0x80000001), 1, 2, 3, 4), "fresh": fresh},
		"outbound":   {"version 1": opened(must(out.Pickle(pickleKey)))},
		"inbound":    {"version 2": inbound, "version 1": version(inbound[:len(inbound)-1], 1)},
		"decryption": {"version 1": opened(must(pk.NewDecryption().Pickle(pickleKey)))},
		"double":     doubles,
		"megolm":     {"version 1": opened(must(ratchet.NewMegolm().Pickle(pickleKey)))},
	}
}

// allPickles has every kind of object in every version: the envelope's bytes, its text, and the key. What
// is read is a new object, so that the owner is an object that was read before, and the text.
func allPickles(t *testing.T) (all []subject) {
	for kind, versions := range formats() {
		for version, raw := range versions {
			text := sealed(raw)
			object, err := readers.ByKind[kind](pickleKey, text)
			require.NoError(t, err, "%s, %s", kind, version)
			envelope := must(base64.RawStdEncoding.DecodeString(string(text)))
			works := func(t *testing.T) {
				again, err := readers.ByKind[kind](pickleKey, text)
				require.NoError(t, err)
				require.Equal(t, must(object.Pickle(pickleKey)), must(again.Pickle(pickleKey)))
			}
			name := "pickle/" + kind + ", " + version + ", "
			owners := []any{object, &text}
			all = append(all,
				subject{name: name + "envelope", honest: envelope, owners: owners, works: works, stateless: true, try: func(b []byte) error {
					_, err := readers.ByKind[kind](pickleKey, text64(b))
					if !errors.Is(err, pickle.ErrKey) {
						return nil // the MAC is what has to refuse it, before anything else is looked at
					}
					return err
				}},
				subject{name: name + "text", honest: text, owners: owners, works: works, stateless: true, try: func(b []byte) error {
					_, err := readers.ByKind[kind](pickleKey, b)
					return err
				}},
				subject{name: name + "key", honest: pickleKey, owners: owners, works: works, stateless: true, try: func(key []byte) error {
					_, err := readers.ByKind[kind](key, text)
					return err
				}},
			)
		}
	}
	return all
}
