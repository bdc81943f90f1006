package protocol

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/karst-im/karst/internal/errcode"
	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/wire"
)

// expand returns the two halves of an Ed25519 key as libolm keeps them.
func expand(seed []byte) (public, private []byte) {
	h := sha512.Sum512(seed)
	h[0] &= 248
	h[31] &= 63
	h[31] |= 64
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey), h[:]
}

// TestCreate checks which random bytes become which key.
func TestCreate(t *testing.T) {
	random := testkit.Random(rand.New(rand.NewPCG(1, 2)), AccountRandomLen)
	var a Account
	if a.Created() {
		t.Error("created before it is")
	}
	a.Create(random)
	public, _ := expand(random[:32])
	if !a.Created() || !bytes.Equal(a.Ed25519()[:], public) || !bytes.Equal(a.Curve25519()[:], testkit.X25519Public(random[32:])) {
		t.Errorf("%x, %x", *a.Ed25519(), *a.Curve25519())
	}
	var sig [64]byte
	a.Sign(&sig, []byte("message"))
	if want := ed25519.Sign(ed25519.NewKeyFromSeed(random[:32]), []byte("message")); !bytes.Equal(sig[:], want) {
		t.Errorf("signature %x, want %x", sig, want)
	}
	if code := a.Check(nil); code != errcode.OK {
		t.Errorf("code %d", code)
	}
}

func TestOneTimeKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	d := newDevice(rng, 0)
	var private [][]byte
	generate := func(n int) {
		for range n {
			k := testkit.Random(rng, KeyRandomLen)
			private = append(private, k)
			d.GenerateOneTimeKey(d.store, k)
		}
	}
	check := func(first, last int) { // ids
		t.Helper()
		if d.OneTimeKeys() != last-first+1 {
			t.Fatalf("%d keys, want %d to %d", d.OneTimeKeys(), first, last)
		}
		for i := range d.OneTimeKeys() {
			if k := &d.store[i]; k.ID() != uint32(first+i) || !bytes.Equal(k.Public()[:], testkit.X25519Public(private[first+i-1])) {
				t.Fatalf("key %d has id %d, want %d", i, k.ID(), first+i)
			}
		}
	}
	generate(3)
	check(1, 3)
	if n := d.MarkPublished(d.store); n != 3 {
		t.Errorf("%d were not published", n)
	}
	generate(2)
	if d.store[2].Published() != true || d.store[3].Published() || d.MarkPublished(d.store) != 2 || d.MarkPublished(d.store) != 0 {
		t.Error("what is published")
	}
	generate(95)
	check(1, 100)
	generate(1)
	check(2, 101)
	generate(30)
	check(32, 131)

	// A store of less than a hundred.
	small := &device{store: make([]OneTimeKey, 2)}
	for range 5 {
		small.GenerateOneTimeKey(small.store, testkit.Random(rng, KeyRandomLen))
	}
	if small.OneTimeKeys() != 2 || small.store[0].ID() != 4 || small.store[1].ID() != 5 {
		t.Errorf("%d keys: %d, %d", small.OneTimeKeys(), small.store[0].ID(), small.store[1].ID())
	}

	// Removing closes the gap, and wipes what falls free.
	var s Session
	for _, place := range []int{50, 0, d.OneTimeKeys() - 3} {
		want := slices.Delete(slices.Clone(d.store[:d.OneTimeKeys()]), place, place+1)
		s.oneTime = d.store[place].pair.public
		id := d.store[place].ID()
		got, code := d.Remove(d.store, &s)
		if code != errcode.OK || got != id || !slices.Equal(d.store[:d.OneTimeKeys()], want) || d.store[d.OneTimeKeys()] != (OneTimeKey{}) {
			t.Errorf("removing key %d: id %d, want %d, code %d", place, got, id, code)
		}
		before := slices.Clone(d.store)
		if _, code := d.Remove(d.store, &s); code != errcode.BadMessageKeyID || !slices.Equal(d.store, before) {
			t.Errorf("removing it twice: code %d", code)
		}
	}
}

func TestFallbackKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	d := newDevice(rng, 1) // with id 1
	if d.Fallback() != nil || d.ForgetOldFallback() {
		t.Error("a fallback key that was never made")
	}
	if d.MarkPublished(d.store); d.fallback[0].published {
		t.Error("a key that isn't there is published")
	}
	first, second, third := testkit.Random(rng, 32), testkit.Random(rng, 32), testkit.Random(rng, 32)
	d.GenerateFallbackKey(first)
	if k := d.Fallback(); k.ID() != 2 || k.Published() || !bytes.Equal(k.Public()[:], testkit.X25519Public(first)) || d.ForgetOldFallback() {
		t.Errorf("first: ID %d, published %v", k.ID(), k.Published())
	}
	if n := d.MarkPublished(d.store); n != 0 || !d.Fallback().Published() {
		t.Errorf("%d one-time keys, fallback key %v", n, d.Fallback().Published())
	}
	d.GenerateFallbackKey(second)
	if k := d.Fallback(); k.ID() != 3 || k.Published() || !d.fallback[1].Published() {
		t.Errorf("second: ID %d, published %v", k.ID(), k.Published())
	}
	d.GenerateFallbackKey(third)
	var s Session
	remove := func(private []byte) (uint32, errcode.Code) {
		copy(s.oneTime[:], testkit.X25519Public(private))
		return d.Remove(d.store, &s)
	}
	// Using a fallback key doesn't remove it.
	for range 2 {
		if id, code := remove(third); id != 4 || code != errcode.OK {
			t.Errorf("current: id %d, code %d", id, code)
		}
		if id, code := remove(second); id != 3 || code != errcode.OK {
			t.Errorf("previous: id %d, code %d", id, code)
		}
	}
	if _, code := remove(first); code != errcode.BadMessageKeyID {
		t.Errorf("one before: code %d", code)
	}
	if !d.ForgetOldFallback() || d.ForgetOldFallback() || d.fallback[1] != (OneTimeKey{}) {
		t.Error("the previous key is not forgotten")
	}
	if _, code := remove(second); code != errcode.BadMessageKeyID {
		t.Errorf("forgotten: code %d", code)
	}
	// That key's public half is zero now: nobody may find it so.
	if _, code := d.Remove(d.store, new(Session)); code != errcode.BadMessageKeyID {
		t.Errorf("zero: code %d", code)
	}
}

// TestFindOrder checks that of equal keys the newest one-time key is found, and fallback keys last.
func TestFindOrder(t *testing.T) {
	d := newDevice(rand.New(rand.NewPCG(7, 8)), 0)
	same := bytes.Repeat([]byte{9}, 32)
	d.GenerateFallbackKey(same)
	d.GenerateOneTimeKey(d.store, same)
	d.GenerateOneTimeKey(d.store, same)
	var s Session
	copy(s.oneTime[:], testkit.X25519Public(same))
	for _, want := range []uint32{3, 2, 1, 1} {
		if id, code := d.Remove(d.store, &s); id != want || code != errcode.OK {
			t.Errorf("id %d, want %d, code %d", id, want, code)
		}
	}
}

func TestCheckAccount(t *testing.T) {
	for name, break_ := range map[string]func(d *device){
		"signing":           func(d *device) { d.signing.public[0] ^= 1 },
		"signing, private":  func(d *device) { d.signing.private[1] ^= 1 },
		"identity":          func(d *device) { d.identity.public[0] ^= 1 },
		"one-time":          func(d *device) { d.store[2].pair.public[0] ^= 1 },
		"current fallback":  func(d *device) { d.fallback[0].pair.public[0] ^= 1 },
		"previous fallback": func(d *device) { d.fallback[1].pair.private[1] ^= 1 },
	} {
		rng := rand.New(rand.NewPCG(9, 10))
		d := newDevice(rng, 3)
		d.GenerateFallbackKey(testkit.Random(rng, 32))
		d.GenerateFallbackKey(testkit.Random(rng, 32))
		if code := d.Check(d.store); code != errcode.OK {
			t.Fatalf("code %d", code)
		}
		break_(d)
		if code := d.Check(d.store); code != errcode.KeyPairMismatch {
			t.Errorf("%s: code %d", name, code)
		}
	}
}

// rawKey is a key as an account's pickle has it.
func rawKey(id uint32, published byte, private []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, id)
	return slices.Concat(b, []byte{published}, testkit.X25519Public(private), private)
}

// rawAccount is what an account's pickle begins with: up to the one-time keys.
func rawAccount(version uint32, random []byte, oneTime ...[]byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, version)
	public, private := expand(random[:32])
	b = slices.Concat(b, public, private, testkit.X25519Public(random[32:64]), random[32:64])
	b = binary.BigEndian.AppendUint32(b, uint32(len(oneTime)))
	return append(b, slices.Concat(oneTime...)...)
}

func u32(x uint32) []byte { return binary.BigEndian.AppendUint32(nil, x) }

func TestAccountPickle(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	random, one, two, three := testkit.Random(rng, 64), testkit.Random(rng, 32), testkit.Random(rng, 32), testkit.Random(rng, 32)
	d := &device{store: make([]OneTimeKey, 100)}
	d.Create(random)
	pickled := func() []byte {
		buf := bytes.Repeat([]byte{0xee}, d.PickleLen()+1)
		d.Pickle(buf[:len(buf)-1], pickleKey, d.store)
		if buf[len(buf)-1] != 0xee {
			t.Error("written past the end")
		}
		return open(t, buf[:len(buf)-1])
	}
	check := func(want []byte) {
		t.Helper()
		testkit.Equal(t, want, pickled())
		for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
			again := &device{store: make([]OneTimeKey, CountPickled(want))}
			if code := again.Unpickle(want, again.store, tol); code != errcode.OK {
				t.Fatalf("code %d", code)
			}
			testkit.Equal(t, &device{d.Account, d.store[:d.OneTimeKeys()]}, again)
		}
	}
	check(slices.Concat(rawAccount(4, random), []byte{0}, u32(0)))
	d.GenerateOneTimeKey(d.store, one)
	d.MarkPublished(d.store)
	d.GenerateOneTimeKey(d.store, two)
	check(slices.Concat(rawAccount(4, random, rawKey(2, 0, two), rawKey(1, 1, one)), []byte{0}, u32(2)))
	d.GenerateFallbackKey(three)
	d.MarkPublished(d.store)
	check(slices.Concat(rawAccount(4, random, rawKey(2, 1, two), rawKey(1, 1, one)), []byte{1}, rawKey(3, 1, three), u32(3)))
	d.GenerateFallbackKey(one)
	check(slices.Concat(rawAccount(4, random, rawKey(2, 1, two), rawKey(1, 1, one)), []byte{2}, rawKey(4, 0, one), rawKey(3, 1, three), u32(4)))
	for range 98 {
		d.GenerateOneTimeKey(d.store, testkit.Random(rng, 32))
	}
	if raw := pickled(); CountPickled(raw) != 100 {
		t.Errorf("%d keys counted", CountPickled(raw))
	} else {
		check(raw)
	}
}

// TestAccountVersions has pickles of all of libolm's versions.
func TestAccountVersions(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	random, one, two, three := testkit.Random(rng, 64), testkit.Random(rng, 32), testkit.Random(rng, 32), testkit.Random(rng, 32)
	empty := make([]byte, oneTimeKeyLen)
	keys := [][]byte{rawKey(7, 0, two), rawKey(5, 1, one)}
	for name, c := range map[string]struct {
		raw       []byte
		code      errcode.Code
		nFallback uint8
	}{
		"1":                                   {u32(1), errcode.BadLegacyAccountPickle, 0},
		"1, whole":                            {slices.Concat(rawAccount(1, random, keys...), u32(9)), errcode.BadLegacyAccountPickle, 0},
		"2":                                   {slices.Concat(rawAccount(2, random, keys...), u32(9)), errcode.OK, 0},
		"2, with fallback keys":               {slices.Concat(rawAccount(2, random, keys...), []byte{0}, u32(9)), errcode.PickleExtraData, 0},
		"3, none":                             {slices.Concat(rawAccount(3, random, keys...), empty, empty, u32(9)), errcode.OK, 0},
		"3, one":                              {slices.Concat(rawAccount(3, random, keys...), rawKey(8, 1, three), empty, u32(9)), errcode.OK, 1},
		"3, two":                              {slices.Concat(rawAccount(3, random, keys...), rawKey(9, 1, three), rawKey(8, 1, one), u32(9)), errcode.OK, 2},
		"3, a current one not in use":         {slices.Concat(rawAccount(3, random, keys...), rawKey(9, 0, three), rawKey(8, 1, one), u32(9)), errcode.OK, 0},
		"4, none":                             {slices.Concat(rawAccount(4, random, keys...), []byte{0}, u32(9)), errcode.OK, 0},
		"4, two":                              {slices.Concat(rawAccount(4, random, keys...), []byte{2}, rawKey(9, 1, three), rawKey(8, 1, one), u32(9)), errcode.OK, 2},
		"4, three fallback keys":              {slices.Concat(rawAccount(4, random, keys...), []byte{3}, empty, empty, empty, u32(9)), errcode.CorruptedPickle, 0},
		"4, 255 fallback keys":                {slices.Concat(rawAccount(4, random, keys...), []byte{255}, empty, empty, u32(9)), errcode.CorruptedPickle, 0},
		"4, a byte more":                      {slices.Concat(rawAccount(4, random, keys...), []byte{0}, u32(9), []byte{0}), errcode.PickleExtraData, 0},
		"4, a flag that is neither":           {slices.Concat(rawAccount(4, random, rawKey(7, 0, two), rawKey(5, 200, one)), []byte{0}, u32(9)), errcode.OK, 0},
		"0":                                   {slices.Concat(rawAccount(0, random, keys...), []byte{0}, u32(9)), errcode.UnknownPickleVersion, 0},
		"5":                                   {slices.Concat(rawAccount(5, random, keys...), []byte{0}, u32(9)), errcode.UnknownPickleVersion, 0},
		"2^31+4":                              {slices.Concat(rawAccount(1<<31+4, random, keys...), []byte{0}, u32(9)), errcode.UnknownPickleVersion, 0},
		"nothing":                             {nil, errcode.CorruptedPickle, 0},
		"three bytes":                         {[]byte{0, 0, 0}, errcode.CorruptedPickle, 0},
		"more keys than there are":            {slices.Concat(rawAccount(4, random)[:4+signingPairLen+keyPairLen], u32(3), keys[0], keys[1], []byte{0}, u32(9)), errcode.CorruptedPickle, 0},
		"2^32-1 keys":                         {slices.Concat(rawAccount(4, random)[:4+signingPairLen+keyPairLen], u32(1<<32-1), keys[0], keys[1], []byte{0}, u32(9)), errcode.CorruptedPickle, 0},
		"62244681 keys, times 69 is 2^32 + 5": {slices.Concat(rawAccount(4, random)[:4+signingPairLen+keyPairLen], u32(62244681), keys[0], keys[1], []byte{0}, u32(9)), errcode.CorruptedPickle, 0},
		"a number of keys and no more":        {rawAccount(4, random, keys...), errcode.CorruptedPickle, 0},
		"up to the number of keys only":       {rawAccount(4, random)[:4+signingPairLen+keyPairLen], errcode.CorruptedPickle, 0},
	} {
		for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
			d := &device{store: make([]OneTimeKey, CountPickled(c.raw))}
			testkit.Fill(t, &d.Account) // nothing of it may stay
			code := d.Unpickle(c.raw, d.store, tol)
			if code != c.code {
				t.Errorf("%s: code %d, want %d", name, code, c.code)
				continue
			}
			if code != errcode.OK {
				continue
			}
			if d.nFallback != c.nFallback || d.lastID != 9 || !d.created || d.store[0].id != 5 || !d.store[0].published || d.store[1].id != 7 || d.store[1].published {
				t.Errorf("%s: not as pickled: %s", name, testkit.Diff(device{}, *d))
			}
			for i := d.nFallback; i < 2; i++ {
				testkit.Equal(t, OneTimeKey{}, d.fallback[i]) // is not in use
			}
		}
	}
	// Cut short anywhere.
	whole := slices.Concat(rawAccount(4, random, keys...), []byte{2}, rawKey(9, 1, three), rawKey(8, 1, one), u32(9))
	for n := range whole {
		d := &device{store: make([]OneTimeKey, CountPickled(whole[:n]))}
		if code := d.Unpickle(whole[:n], d.store, wire.Lenient); code != errcode.CorruptedPickle {
			t.Errorf("%d bytes of %d: code %d", n, len(whole), code)
		}
	}
	// Less room than keys.
	if d := (&device{store: make([]OneTimeKey, 1)}); d.Unpickle(whole, d.store, wire.Lenient) != errcode.OK || d.nOneTime != 1 || d.store[0].id != 7 {
		t.Errorf("two keys in a store for one: %d, %d", d.nOneTime, d.store[0].id)
	}
	if d := new(device); d.Unpickle(whole, nil, wire.Lenient) != errcode.OK || d.nOneTime != 0 {
		t.Errorf("two keys in a store for none: %d", d.nOneTime)
	}
}

// TestAccountTolerance has what only wire.Strict judges: keys that are zero, and key pairs that don't match.
func TestAccountTolerance(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	random, one, two, three := testkit.Random(rng, 64), testkit.Random(rng, 32), testkit.Random(rng, 32), testkit.Random(rng, 32)
	whole := slices.Concat(rawAccount(4, random, rawKey(2, 0, two), rawKey(1, 1, one)), []byte{2}, rawKey(4, 0, one), rawKey(3, 1, three), u32(4))
	const keys = 4 + signingPairLen + keyPairLen + 4
	const fallback = keys + 2*oneTimeKeyLen + 1
	for name, at := range map[string]int{
		"signing, public": 4, "signing, scalar": 36, "signing, prefix": 68, "identity, public": 100, "identity, private": 132,
		"newest one-time, public": keys + 5, "newest one-time, private": keys + 37,
		"oldest one-time, public": keys + oneTimeKeyLen + 5, "oldest one-time, private": keys + oneTimeKeyLen + 37,
		"current fallback, public": fallback + 5, "current fallback, private": fallback + 37,
		"previous fallback, public": fallback + oneTimeKeyLen + 5, "previous fallback, private": fallback + oneTimeKeyLen + 37,
	} {
		raw := slices.Clone(whole)
		clear(raw[at : at+32])
		var d Account
		if code := d.Unpickle(raw, make([]OneTimeKey, 2), wire.Strict); code != errcode.CorruptedPickle {
			t.Errorf("%s: code %d", name, code)
		}
		if code := d.Unpickle(raw, make([]OneTimeKey, 2), wire.Lenient); code != errcode.OK {
			t.Errorf("%s: code %d from wire.Lenient", name, code)
		}
	}
	// wire.Strict recomputes the identity keys, on which all depends, and leaves the others to Check.
	for name, at := range map[string]int{"signing": 4, "identity": 100, "one-time": keys + 5} {
		raw := slices.Clone(whole)
		raw[at] ^= 1
		want := errcode.KeyPairMismatch
		if name == "one-time" {
			want = errcode.OK
		}
		var d Account
		store := make([]OneTimeKey, 2)
		if code := d.Unpickle(raw, store, wire.Strict); code != want {
			t.Errorf("%s: code %d", name, code)
		}
		if code := d.Unpickle(raw, store, wire.Lenient); code != errcode.OK {
			t.Errorf("%s: code %d from wire.Lenient", name, code)
		}
		if code := d.Check(store); code != errcode.KeyPairMismatch {
			t.Errorf("%s: code %d from Check", name, code)
		}
	}
	// An account that was never created, which libolm can pickle: it still has no keys.
	var d Account
	d.created = true
	zero := slices.Concat(u32(4), make([]byte, signingPairLen+keyPairLen+4+1+4))
	if code := d.Unpickle(zero, nil, wire.Lenient); code != errcode.OK || d.Created() {
		t.Errorf("all zero: code %d from wire.Lenient, created %v", code, d.Created())
	}
	if code := d.Unpickle(zero, nil, wire.Strict); code != errcode.CorruptedPickle {
		t.Errorf("all zero: code %d", code)
	}
}

// TestTooManyOneTimeKeys: of more keys than there is room for the newest are kept, whether they are listed
// first or last, and an id that is there twice is. Goolm, which mixes keys up, keeps no more than we do.
func TestTooManyOneTimeKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	random := testkit.Random(rng, 64)
	for _, n := range []int{99, 100, 101, 103, 200, 5000} {
		ids := make([]uint32, n)
		for i := range ids {
			ids[i] = uint32(7 + i/2*2) // every id twice
		}
		secret := map[string]uint32{}
		keys := make([][]byte, n)
		for i, id := range ids {
			private := testkit.Random(rng, 32)
			keys[i] = rawKey(id, byte(i%2), private)
			secret[string(private)] = id
		}
		oldestFirst := slices.Clone(keys)
		slices.Reverse(keys)
		mixed := slices.Clone(keys)
		rng.Shuffle(n, func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		for name, list := range map[string][][]byte{"newest first": keys, "oldest first": oldestFirst, "in no order": mixed} {
			raw := slices.Concat(rawAccount(4, random, list...), []byte{0}, u32(ids[n-1]))
			for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
				if name == "in no order" && n > MaxOneTimeKeys {
					continue // nobody writes that
				}
				if tol == wire.Lenient && n <= MaxOneTimeKeys {
					continue // as libolm has it
				}
				d := &device{store: make([]OneTimeKey, CountPickled(raw))}
				if code := d.Unpickle(raw, d.store, tol); code != errcode.OK || d.OneTimeKeys() != min(n, 100) || len(d.store) != min(n, 100) {
					t.Fatalf("%d keys, %s: code %d, %d keys in room for %d", n, name, code, d.OneTimeKeys(), len(d.store))
				}
				for i := range d.store {
					k := &d.store[i]
					if want := ids[n-len(d.store)+i]; k.id != want || secret[string(k.pair.private[:])] != want {
						t.Fatalf("%d keys, %s, lenient %v: key %d has id %d, want %d", n, name, tol, i, k.id, want)
					}
				}
			}
		}
	}
}

// TestVodozemacAccounts has what other libraries write differently, which wire.Strict puts right: keys in
// the order of their age, and a last id below one that is in use.
func TestVodozemacAccounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	random, one, two, three := testkit.Random(rng, 64), testkit.Random(rng, 32), testkit.Random(rng, 32), testkit.Random(rng, 32)
	k := func(id uint32) []byte { return rawKey(id, 1, [][]byte{one, two, three}[id%3]) }
	for name, c := range map[string]struct {
		in, strict, lenient []uint32 // ids, in the pickle newest first, and in the store oldest first
		last, want          uint32
	}{
		"newest first":                       {[]uint32{3, 2, 1}, []uint32{1, 2, 3}, []uint32{1, 2, 3}, 3, 3},
		"oldest first":                       {[]uint32{1, 2, 3}, []uint32{1, 2, 3}, []uint32{3, 2, 1}, 3, 3},
		"oldest first, four":                 {[]uint32{1, 2, 3, 9}, []uint32{1, 2, 3, 9}, []uint32{9, 3, 2, 1}, 9, 9},
		"no order":                           {[]uint32{2, 3, 1}, []uint32{1, 2, 3}, []uint32{1, 3, 2}, 3, 3},
		"one":                                {[]uint32{5}, []uint32{5}, []uint32{5}, 6, 6},
		"none":                               {nil, nil, nil, 6, 6},
		"a last id that is too low":          {[]uint32{3, 2, 1}, []uint32{1, 2, 3}, []uint32{1, 2, 3}, 2, 3},
		"a last id of zero, in the middle":   {[]uint32{2, 7, 1}, []uint32{1, 2, 7}, []uint32{1, 7, 2}, 0, 7},
		"a last id that is higher than that": {[]uint32{3, 2, 1}, []uint32{1, 2, 3}, []uint32{1, 2, 3}, 90, 90},
	} {
		var list [][]byte
		for _, id := range c.in {
			list = append(list, k(id))
		}
		raw := slices.Concat(rawAccount(4, random, list...), []byte{0}, u32(c.last))
		for _, tol := range []wire.Tolerance{wire.Strict, wire.Lenient} {
			d := &device{store: make([]OneTimeKey, len(c.in))}
			if code := d.Unpickle(raw, d.store, tol); code != errcode.OK {
				t.Fatalf("code %d", code)
			}
			var ids []uint32
			for i := range d.OneTimeKeys() {
				ids = append(ids, d.store[i].ID())
				if want := k(d.store[i].ID())[5:37]; !bytes.Equal(d.store[i].Public()[:], want) {
					t.Errorf("%s: key %d is another one's", name, d.store[i].ID())
				}
			}
			want, last := c.strict, c.want
			if tol == wire.Lenient {
				want, last = c.lenient, c.last
			}
			if !slices.Equal(ids, want) || d.lastID != last {
				t.Errorf("%s, lenient %v: %v, last %d; want %v, %d", name, tol, ids, d.lastID, want, last)
			}
		}
	}
	// A fallback key's id counts too.
	for n, want := range map[byte]uint32{1: 5, 2: 8} {
		raw := slices.Concat(rawAccount(4, random), []byte{n}, rawKey(5, 1, one))
		if n == 2 {
			raw = append(raw, rawKey(8, 1, two)...)
		}
		var d Account
		if code := d.Unpickle(append(raw, u32(4)...), nil, wire.Strict); code != errcode.OK || d.lastID != want {
			t.Errorf("%d fallback keys: last id %d, want %d, code %d", n, d.lastID, want, code)
		}
	}
}
