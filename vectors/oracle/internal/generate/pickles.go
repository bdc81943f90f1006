package generate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/karst-im/karst/vectors"
	"github.com/karst-im/karst/vectors/oracle/internal/reference"
	"github.com/karst-im/karst/vectors/oracle/libolm"
)

// unpickle gives what libolm writes for what it has read, and one fact about the object that an
// application sees: identity keys, session id or public key.
func unpickle(kind string, key vectors.Bytes, text string) (again, shows string, err error) {
	type object interface {
		Pickle([]byte) string
		Free()
	}
	var o object
	switch kind {
	case vectors.KindAccount:
		var a *libolm.Account
		if a, err = libolm.UnpickleAccount(key, text); err == nil {
			o, shows = a, a.IdentityKeys()
		}
	case vectors.KindSession:
		var s *libolm.Session
		if s, err = libolm.UnpickleSession(key, text); err == nil {
			o, shows = s, s.ID()
		}
	case vectors.KindInboundGroup:
		var g *libolm.InboundGroup
		if g, err = libolm.UnpickleInboundGroup(key, text); err == nil {
			o, shows = g, g.ID()
		}
	case vectors.KindOutboundGroup:
		var g *libolm.OutboundGroup
		if g, err = libolm.UnpickleOutboundGroup(key, text); err == nil {
			o, shows = g, g.ID()
		}
	case vectors.KindPKDecryption:
		var d *libolm.PKDecryption
		if d, shows, err = libolm.UnpicklePKDecryption(key, text); err == nil {
			o = d
		}
	}
	if err != nil {
		return "", "", err
	}
	defer o.Free()
	return o.Pickle(key), shows, nil
}

// samples are raw pickles of objects that a conversation leads to.
type samples struct {
	accounts, sessions, inbound, outbound, pk map[string][]byte
}

func makeSamples(r *vectors.Stream) samples {
	s := samples{map[string][]byte{}, map[string][]byte{}, map[string][]byte{}, map[string][]byte{}, map[string][]byte{}}
	key := vectors.Bytes("k")
	raw := func(o interface{ Pickle([]byte) string }) []byte { return openPickle(key, o.Pickle(key)) }

	alice, bob := must(libolm.NewAccount(r.Bytes(64))), must(libolm.NewAccount(r.Bytes(64)))
	defer alice.Free()
	defer bob.Free()
	var identity struct{ Curve25519 string }
	if err := json.Unmarshal([]byte(bob.IdentityKeys()), &identity); err != nil {
		panic(failure{err})
	}
	s.accounts["fresh"] = raw(bob)
	must(bob.GenerateOneTimeKeys(2, r.Bytes(64)))
	bob.MarkPublished()
	must(bob.GenerateOneTimeKeys(1, r.Bytes(32)))
	s.accounts["one_time_keys"] = raw(bob)
	oneTime := keysIn(bob.OneTimeKeys())[0]
	fallback := func() {
		if err := bob.GenerateFallbackKey(r.Bytes(32)); err != nil {
			panic(failure{err})
		}
	}
	fallback()
	s.accounts["one_fallback_key"] = raw(bob)
	bob.MarkPublished()
	s.accounts["one_fallback_key_published"] = raw(bob)
	fallback()
	s.accounts["two_fallback_keys"] = raw(bob)

	a := must(libolm.NewOutboundSession(alice, identity.Curve25519, oneTime, r.Bytes(64)))
	defer a.Free()
	s.sessions["outbound"] = raw(a)
	send := func(from, to *libolm.Session, deliver bool) {
		typ, body, err := from.Encrypt([]byte("message"), r.Bytes(from.EncryptRandomLength()))
		if err != nil {
			panic(failure{err})
		}
		if deliver {
			must(to.Decrypt(typ, body))
		}
	}
	typ, body, err := a.Encrypt([]byte("message"), nil)
	if err != nil {
		panic(failure{err})
	}
	b := must(libolm.NewInboundSession(bob, body))
	defer b.Free()
	s.sessions["inbound"] = raw(b)
	must(b.Decrypt(typ, body))
	s.sessions["inbound_received"] = raw(b)
	send(b, a, true)
	s.sessions["both_ways"] = raw(b)
	for range 3 {
		send(a, b, false)
	}
	send(a, b, true)
	s.sessions["skipped_keys"] = raw(b)
	for range 6 {
		send(b, a, true)
		send(a, b, false)
		send(a, b, true)
	}
	send(b, a, true)
	for range 45 {
		send(a, b, false)
	}
	send(a, b, true)
	s.sessions["full"] = raw(b)

	out := must(libolm.NewOutboundGroup(r.Bytes(160)))
	defer out.Free()
	in := must(libolm.NewInboundGroup(out.Key()))
	defer in.Free()
	s.outbound["fresh"], s.inbound["fresh"] = raw(out), raw(in)
	imported := must(libolm.ImportInboundGroup(must(in.Export(0))))
	defer imported.Free()
	s.inbound["imported"] = raw(imported)
	for range 300 {
		must(out.Encrypt(nil))
	}
	if _, _, err := in.Decrypt(must(out.Encrypt([]byte("message")))); err != nil {
		panic(failure{err})
	}
	s.outbound["index_301"], s.inbound["latest_300"] = raw(out), raw(in)

	d, _, err := libolm.NewPKDecryption(r.Bytes(32))
	if err != nil {
		panic(failure{err})
	}
	defer d.Free()
	s.pk["key"] = raw(d)
	return s
}

func (s samples) of(kind string) map[string][]byte {
	return map[string]map[string][]byte{vectors.KindAccount: s.accounts, vectors.KindSession: s.sessions, vectors.KindInboundGroup: s.inbound, vectors.KindOutboundGroup: s.outbound, vectors.KindPKDecryption: s.pk}[kind]
}

var kinds = []string{vectors.KindAccount, vectors.KindSession, vectors.KindInboundGroup, vectors.KindOutboundGroup, vectors.KindPKDecryption}

func sortedNames(m map[string][]byte) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func picklesFile() file {
	var cases []vectors.Pickle
	r := newStream("pickles")
	s := makeSamples(r)
	key := vectors.Bytes("pickle key")

	try := func(name, kind string, key vectors.Bytes, text, strict string) {
		c := vectors.Pickle{Name: kind + "_" + name, Kind: kind, Key: key, Pickle: text}
		again, shows, err := unpickle(kind, key, text)
		c.Expect, c.Shows = class(err), shows
		if again != text {
			c.Repickled = again
		}
		if raw, ok := reference.OpenPickle(key, text); ok && len(raw) >= 4 {
			head := reader(raw)
			c.Version = of(head.u32())
		}
		if strict != c.Expect {
			c.Strict = strict
		}
		cases = append(cases, c)
	}
	seal := func(name, kind string, raw []byte, strict string) {
		try(name, kind, key, reference.SealPickle(key, raw), strict)
	}

	// What libolm writes, under keys of several lengths.
	for _, kind := range kinds {
		for _, name := range sortedNames(s.of(kind)) {
			seal(name, kind, s.of(kind)[name], "")
		}
		first := s.of(kind)[sortedNames(s.of(kind))[0]]
		for _, n := range []int{0, 1, 32, 64, 65, 200} {
			k := r.Bytes(n)
			try(fmt.Sprintf("key_of_%d", n), kind, k, reference.SealPickle(k, first), "")
		}
	}
	oldVersions(s, seal)
	oddContents(s, seal)
	tooLong(s, func(name, kind string, raw, kept []byte) {
		seal(name, kind, raw, "")
		cases[len(cases)-1].Kept = reference.SealPickle(key, kept)
	})

	for _, kind := range kinds {
		raw := s.of(kind)[map[string]string{vectors.KindAccount: "one_fallback_key", vectors.KindSession: "skipped_keys",
			vectors.KindInboundGroup: "latest_300", vectors.KindOutboundGroup: "index_301", vectors.KindPKDecryption: "key"}[kind]]
		good := reference.SealPickle(key, raw)

		// The envelope.
		try("wrong_key", kind, vectors.Bytes("another key"), good, "")
		try("empty_key", kind, vectors.Bytes{}, good, "")
		try("empty_text", kind, key, "", vectors.Refused)
		try("length_1_mod_4", kind, key, good[:len(good)-len(good)%4-3], vectors.Refused)
		try("cut_text", kind, key, good[:len(good)-len(good)%4-4], vectors.Refused)
		try("eleven_characters", kind, key, good[:11], vectors.Refused)
		try("padded_text", kind, key, good+"===="[:4-len(good)%4], vectors.Refused)
		if len(good)%4 != 0 { // what libolm refuses, the specification wants to be read
			padded := &cases[len(cases)-1]
			padded.Strict, padded.Repickled = "OK", good
			_, padded.Shows, _ = unpickle(kind, key, good)
		}
		try("wrong_character", kind, key, noisy(good, 30), vectors.Refused)
		flipped := unb64(good)
		flipped[len(flipped)-1] ^= 1
		try("flipped_mac", kind, key, b64(flipped), "")
		flipped = unb64(good)
		flipped[20] ^= 1
		try("flipped_ciphertext", kind, key, b64(flipped), "")
		padded := reference.Pad(raw)
		padded[len(padded)-1] = 0xff // more than some of the pickles are long
		try("padding_255", kind, key, reference.SealPadded(key, padded), vectors.Refused)
		padded = slices.Concat(raw, make([]byte, 16-len(raw)%16))
		try("padding_0", kind, key, reference.SealPadded(key, padded), vectors.Refused)
		padded = reference.Pad(raw)
		if n := int(padded[len(padded)-1]); n > 1 {
			padded[len(padded)-2] ^= 1
			try("padding_uneven", kind, key, reference.SealPadded(key, padded), vectors.Refused)
		}

		// The contents.
		seal("one_byte_more", kind, append(slices.Clone(raw), 0), "")
		seal("empty", kind, nil, "")
		for _, n := range cuts(kind, raw) {
			seal(fmt.Sprintf("cut_at_%d", n), kind, raw[:n], "")
		}
		for _, version := range []uint32{0, 3, 5, 0x7fffffff, 0x80000000, 0x80000001, 0x80000002, 0xffffffff} {
			if kind == vectors.KindAccount && version == 3 || kind == vectors.KindSession && version == 0x80000001 {
				continue
			}
			seal(fmt.Sprintf("version_%d", version), kind, append(u32(nil, version), raw[4:]...), "")
		}
		// A pickle of another kind: the layouts differ, so that it is refused or means something else.
		for _, other := range kinds {
			if other != kind {
				seal("read_from_"+other, kind, s.of(other)[sortedNames(s.of(other))[0]], vectors.Refused)
			}
		}
	}
	return file{
		Description: "Pickles of every kind and version, with what libolm reads and writes again, and pickles that it refuses.",
		Cases:       cases,
	}
}

// oldVersions are what earlier versions of libolm wrote. This version writes the newest form again.
func oldVersions(s samples, seal func(name, kind string, raw []byte, strict string)) {
	a := parseAccount(s.accounts["two_fallback_keys"])
	none := rawKey{pair: make(vectors.Bytes, 64)}
	for _, v := range []struct {
		name             string
		current, old     rawKey
		published, older byte
	}{
		{"none", none, none, 0, 0},
		{"one", a.fallback[0], none, 1, 0},
		{"two", a.fallback[0], a.fallback[1], 1, 1},
		{"unpublished", a.fallback[0], none, 0, 0},
		{"second_only", a.fallback[0], a.fallback[1], 0, 1},
	} {
		b := a
		v.current.published, v.old.published = v.published, v.older
		b.fallback = []rawKey{v.current, v.old}
		seal("version_3_fallback_"+v.name, vectors.KindAccount, b.encode(3), "")
	}
	a.fallback = nil
	seal("version_2", vectors.KindAccount, a.encode(2), "")
	a.oneTime = nil
	seal("version_2_no_keys", vectors.KindAccount, a.encode(2), "")
	seal("version_1", vectors.KindAccount, a.encode(1), "")
	seal("version_1_alone", vectors.KindAccount, u32(nil, 1), "")

	for _, name := range []string{"outbound", "skipped_keys"} {
		withIndex := u32(slices.Concat(u32(nil, 0x80000001), s.sessions[name][4:]), 7)
		seal("version_80000001_"+name, vectors.KindSession, withIndex, "")
		seal("version_80000001_"+name+"_without_its_number", vectors.KindSession, withIndex[:len(withIndex)-4], "")
		seal("version_80000001_"+name+"_and_more", vectors.KindSession, append(withIndex, 0), "")
	}

	for _, name := range sortedNames(s.inbound) {
		raw := s.inbound[name]
		seal("version_1_"+name, vectors.KindInboundGroup, append(u32(nil, 1), raw[4:len(raw)-1]...), "")
	}
	seal("version_1_and_more", vectors.KindInboundGroup, append(u32(nil, 1), s.inbound["fresh"][4:]...), "")
}

// oddContents are pickles that libolm accepts, or refuses, for what is in them.
func oddContents(s samples, seal func(name, kind string, raw []byte, strict string)) {
	a := parseAccount(s.accounts["two_fallback_keys"])
	raw := s.accounts["two_fallback_keys"]
	at := len(raw) - 4 - 2*69 - 1 // the number of fallback keys
	for _, n := range []byte{3, 4, 255} {
		b := slices.Clone(raw)
		b[at] = n
		seal(fmt.Sprintf("fallback_count_%d", n), vectors.KindAccount, b, "")
	}
	b := slices.Clone(raw)
	b[at] = 1
	seal("fallback_count_too_small", vectors.KindAccount, b, "")
	odd := a
	odd.oneTime = slices.Clone(a.oneTime)
	odd.oneTime[0].published = 2
	odd.oneTime[1].published = 255
	seal("published_2", vectors.KindAccount, odd.encode(4), "")
	odd.oneTime = clones(a.oneTime, 103)[3:]
	seal("100_one_time_keys_in_clones", vectors.KindAccount, odd.encode(4), "")
	count := slices.Clone(raw)
	copy(count[164:], []byte{0xff, 0xff, 0xff, 0xff})
	seal("one_time_key_count_2^32-1", vectors.KindAccount, count, "")
	seal("never_created", vectors.KindAccount, openPickle(nil, libolm.EmptyAccount().Pickle(nil)), vectors.Refused)

	seal("never_created", vectors.KindSession, openPickle(nil, libolm.EmptySession().Pickle(nil)), vectors.Refused)
	x := parseSession(s.sessions["both_ways"])
	x.received = 2
	seal("received_2", vectors.KindSession, x.encode(), "")
	out := parseSession(s.sessions["outbound"])
	x = out
	x.senders = []rawChain{out.senders[0], out.senders[0]}
	x.senders[1].index = 9
	seal("2_sender_chains", vectors.KindSession, x.encode(), vectors.Refused)
	x = out
	x.senders = nil
	seal("no_chains", vectors.KindSession, x.encode(), vectors.Refused)
	skipped := s.sessions["skipped_keys"]
	seal("skipped_keys_cut_by_one", vectors.KindSession, skipped[:len(skipped)-68], "CORRUPTED_PICKLE")
	seal("skipped_keys_cut_to_none", vectors.KindSession, skipped[:len(skipped)-3*68], "CORRUPTED_PICKLE")
	seal("skipped_keys_cut_within", vectors.KindSession, skipped[:len(skipped)-67], "")

	in := slices.Clone(s.inbound["fresh"])
	in[len(in)-1] = 2
	seal("verified_2", vectors.KindInboundGroup, in, "")
	seal("never_created", vectors.KindInboundGroup, openPickle(nil, libolm.EmptyInboundGroup().Pickle(nil)), vectors.Refused)
	seal("never_created", vectors.KindOutboundGroup, openPickle(nil, libolm.EmptyOutboundGroup().Pickle(nil)), vectors.Refused)
	seal("never_created", vectors.KindPKDecryption, openPickle(nil, libolm.EmptyPKDecryption().Pickle(nil)), vectors.Refused)
	seal("latest_before_initial", vectors.KindInboundGroup, slices.Concat(
		u32(nil, 2), s.inbound["latest_300"][4+132:4+264], s.inbound["latest_300"][4:4+132], s.inbound["latest_300"][4+264:]), vectors.Refused)
	mismatched := slices.Clone(s.pk["key"])
	mismatched[4] ^= 1
	seal("other_public_key", vectors.KindPKDecryption, mismatched, vectors.Refused)
}

// clones are n one-time keys, the newest first, with the ids from n to 1.
func clones(of []rawKey, n int) (keys []rawKey) {
	for i := range n {
		k := of[i%len(of)]
		k.id = uint32(n - i)
		keys = append(keys, k)
	}
	return keys
}

// tooLong are pickles with lists that are longer than libolm's. It overwrites the last element with those
// for which it has no room; others keep the newest.
func tooLong(s samples, seal func(name, kind string, raw, kept []byte)) {
	a := parseAccount(s.accounts["two_fallback_keys"])
	long, kept := a, a
	long.oneTime = clones(a.oneTime, 103)
	kept.oneTime = long.oneTime[:100]
	// Who keeps them does not give an id out again.
	long.lastID, kept.lastID = 103, 103
	seal("103_one_time_keys", vectors.KindAccount, long.encode(4), kept.encode(4))
	long.oneTime = slices.Clone(long.oneTime)
	slices.Reverse(long.oneTime)
	seal("103_one_time_keys_oldest_first", vectors.KindAccount, long.encode(4), kept.encode(4))
	mixed := newStream("one-time keys in no order")

	x := parseSession(s.sessions["full"])
	y := x
	x.saved, y.saved = nil, nil
	for i := range 45 {
		x.saved = append(x.saved, rawChain{ratchet: x.receivers[0].ratchet, key: mixed.Bytes(32), index: uint32(100 + 45 - i)})
	}
	y.saved = x.saved[:40]
	seal("45_skipped_keys", vectors.KindSession, x.encode(), y.encode())
	x.saved = slices.Clone(x.saved)
	slices.Reverse(x.saved)
	seal("45_skipped_keys_oldest_first", vectors.KindSession, x.encode(), y.encode())
	x = parseSession(s.sessions["full"])
	y = x
	x.receivers = append(slices.Clone(x.receivers), x.receivers[0])
	x.receivers[5].ratchet = mixed.Bytes(32)
	seal("6_receiver_chains", vectors.KindSession, x.encode(), y.encode())
}

// cuts are lengths at which a raw pickle is cut: at the end of each field, and within one.
func cuts(kind string, raw []byte) (at []int) {
	switch kind {
	case vectors.KindAccount:
		at = []int{1, 4, 36, 100, 132, 164, 168, len(raw) - 5, len(raw) - 4, len(raw) - 1}
	case vectors.KindSession:
		at = []int{3, 4, 5, 37, 69, 101, 133, 137, len(raw) - 4, len(raw) - 1}
	case vectors.KindInboundGroup:
		at = []int{4, 132, 136, 264, 268, 300}
	case vectors.KindOutboundGroup:
		at = []int{4, 132, 136, 168, 231}
	case vectors.KindPKDecryption:
		at = []int{4, 36, 67}
	}
	if !slices.IsSorted(at) || bytes.Equal(raw[:at[len(at)-1]], raw) {
		fail("cuts of %s", kind)
	}
	return at
}
