package leaks_test

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/ratchet"
	"github.com/karst-im/karst/sas"
)

// shape is a value with an object in it.
type shape struct {
	name  string
	value any
}

// object is a case: an exported type, in all shapes in which a program may print it.
type object struct {
	typ     string
	secrets [][]byte // what must not be shown
	holds   bool     // the object itself has the secrets; others are looked at beside the one that has
	shapes  []shape
	stored  []storedShape // for what encodes and decodes
}

// The shapes that are the same for all types.
type (
	shown[T any] struct {
		Value   T
		Pointer *T
		List    []T
		Any     any
	}
	hiddenPointers[T any] struct {
		pointer *T
		list    []*T
		byName  map[string]*T
	}
	hiddenValue[T any] struct{ value T }
	hiddenList[T any]  struct{ list []T }
	hiddenAny[T any]   struct{ any any }
)

// The names of shapes that are several.
const (
	inUnexportedField = "by value in an unexported field"
	behindUnexported  = "behind a pointer in an unexported field"
)

// newObject is a case of type T. embedded are structs that embed it, for a type that holds secrets.
func newObject[T any](p *T, secrets [][]byte, embedded ...any) object {
	shapes := []shape{
		{name: "pointer", value: p}, {name: "value", value: *p}, {name: "pointer to a pointer", value: &p},
		{name: "list of values", value: []T{*p}}, {name: "list of pointers", value: []*T{p}}, {name: "array", value: [1]T{*p}},
		{name: "map of values", value: map[string]T{"k": *p}}, {name: "map of pointers", value: map[string]*T{"k": p}},
		{name: "exported fields", value: shown[T]{*p, p, []T{*p}, p}}, {name: "exported fields, by pointer", value: &shown[T]{*p, p, []T{*p}, *p}},
		{name: behindUnexported, value: hiddenPointers[T]{p, []*T{p}, map[string]*T{"k": p}}},
		{name: behindUnexported, value: &hiddenPointers[T]{p, []*T{p}, map[string]*T{"k": p}}},
		{name: inUnexportedField, value: hiddenValue[T]{*p}}, {name: inUnexportedField, value: &hiddenValue[T]{*p}},
		{name: inUnexportedField, value: hiddenList[T]{[]T{*p}}}, {name: inUnexportedField, value: hiddenAny[T]{*p}},
		{name: behindUnexported, value: hiddenAny[T]{p}},
	}
	for _, e := range embedded {
		shapes = append(shapes, shape{"embedded", e})
	}
	return object{fmt.Sprintf("%T", *p), secrets, len(embedded) > 0, shapes, storedShapes(p)}
}

// embedded returns a struct whose one field is a copy of what p points to. Such a copy is a mistake, which
// go vet reports: but it must not show anything either.
func embedded(empty, p any) any {
	s := reflect.New(reflect.TypeOf(empty)).Elem()
	s.Field(0).Set(reflect.ValueOf(p).Elem())
	return s.Interface()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func must1[T any](x T, err error) T {
	must(err)
	return x
}

// objects makes one of each exported type, in use.
func objects() (all []object) {
	alice, bob := olm.NewAccount(), olm.NewAccount()
	must1(bob.GenerateOneTimeKeys(2))
	must(bob.GenerateFallbackKey())
	must(bob.GenerateFallbackKey())
	var oneTime keys.Curve25519
	for _, oneTime = range bob.OneTimeKeys() {
		break
	}
	out := must1(alice.NewOutboundSession(bob.IdentityKeys().Curve25519, oneTime))
	prekey := must1(out.Encrypt([]byte("hello")))
	in, _, err := bob.Accept(alice.IdentityKeys().Curve25519, prekey)
	must(err)
	must1(out.Decrypt(must1(in.Encrypt([]byte("answer")))))
	must1(out.Encrypt([]byte("skipped")))
	normal := must1(out.Encrypt([]byte("not skipped")))
	must1(in.Decrypt(normal))
	must1(in.Encrypt([]byte("begins a chain")))
	ofOlm := append(append(secretsOf(alice), secretsOf(bob)...), append(secretsOf(in), secretsOf(out)...)...)
	parsed := must1(olm.ParsePreKeyMessage(prekey.Body))
	identity, id := alice.IdentityKeys(), olm.KeyID(7)
	sessionKeys, kind := in.Keys(), olm.Normal
	all = append(all,
		newObject(bob, secretsOf(bob), embedded(struct{ olm.Account }{}, bob), struct{ *olm.Account }{bob}),
		newObject(in, secretsOf(in), embedded(struct{ olm.Session }{}, in), struct{ *olm.Session }{in}),
		newObject(&prekey, ofOlm), newObject(&normal.Body, ofOlm), newObject(parsed, ofOlm), newObject(&identity, ofOlm),
		newObject(&id, ofOlm), newObject(&sessionKeys, ofOlm), newObject(&kind, ofOlm), newObject(&olm.GapError{Index: 3}, ofOlm),
		newObject(&olm.KnownSessionError{SessionID: in.ID()}, ofOlm), newObject(&olm.DroppedKey{ID: 7, Key: oneTime, Published: true}, ofOlm),
	)
	signature := must1(bob.Sign([]byte("message")))
	all = append(all, newObject(&identity.Curve25519, ofOlm), newObject(&identity.Ed25519, ofOlm), newObject(&signature, ofOlm))

	group := megolm.NewOutboundSession()
	sessionKey := must1(group.SessionKey())
	member := must1(megolm.NewInboundSession(sessionKey))
	message := must1(group.Encrypt([]byte("hello")))
	must3(member.Decrypt(message))
	exported := must1(member.Export(0))
	order := megolm.Better
	ofMegolm := append(secretsOf(group), secretsOf(member)...)
	secretPart := func(b []byte) [][]byte { return [][]byte{b[5 : 5+128]} }
	all = append(all,
		newObject(group, secretsOf(group), embedded(struct{ megolm.OutboundSession }{}, group), struct{ *megolm.OutboundSession }{group}),
		newObject(member, secretsOf(member), embedded(struct{ megolm.InboundSession }{}, member), struct{ *megolm.InboundSession }{member}),
		newObject(&sessionKey, secretPart(must1(sessionKey.Bytes())), struct{ megolm.SessionKey }{sessionKey}, struct{ *megolm.SessionKey }{&sessionKey}),
		newObject(&exported, secretPart(must1(exported.Bytes())), struct{ megolm.ExportedKey }{exported}, struct{ *megolm.ExportedKey }{&exported}),
		newObject(&message, ofMegolm), newObject(&order, ofMegolm), newObject(&megolm.UnknownIndexError{Index: 1, FirstKnown: 2}, ofMegolm),
	)

	mine, theirs := sas.New(), sas.New()
	established := must1(sas.New().Establish(theirs.PublicKey()))
	ofSAS := append(secretsOf(mine), secretsOf(established)...)
	short, mac := must1(established.Bytes("info")), must1(established.MAC("input", "info"))
	emoji := short.Emoji()[0]
	all = append(all,
		newObject(mine, secretsOf(mine), embedded(struct{ sas.SAS }{}, mine), struct{ *sas.SAS }{mine}),
		newObject(established, secretsOf(established), embedded(struct{ sas.Established }{}, established), struct{ *sas.Established }{established}),
		newObject(&short, ofSAS), newObject(&mac, ofSAS), newObject(&emoji, ofSAS),
	)

	decryption := pk.NewDecryption()
	encryption := pk.NewEncryption(decryption.PublicKey())
	signing := must1(pk.NewSigning(pk.GenerateSeed()))
	backup := must1(encryption.Encrypt([]byte("hello")))
	ofPK := append(secretsOf(decryption), secretsOf(signing)...)
	all = append(all,
		newObject(decryption, secretsOf(decryption), embedded(struct{ pk.Decryption }{}, decryption), struct{ *pk.Decryption }{decryption}),
		newObject(signing, secretsOf(signing), embedded(struct{ pk.Signing }{}, signing), struct{ *pk.Signing }{signing}),
		newObject(encryption, ofPK), newObject(&backup, ofPK), newObject(&backup.Ciphertext, ofPK),
	)
	return append(all, ratchetObjects()...)
}

func must3[T, U any](_ T, _ U, err error) { must(err) }

func ratchetObjects() []object {
	shared := [ratchet.SharedLen]byte(bytes.Repeat(pk.GenerateSeed(), 3))
	alice := ratchet.Initiate(&shared)
	var key [ratchet.KeyLen]byte
	ours, _, err := alice.Send(&key)
	must(err)
	bob := must1(ratchet.Respond(&shared, ours))
	take := func(*[ratchet.KeyLen]byte) error { return nil }
	must(bob.Receive(ours, 2, take)) // it keeps the keys of two messages
	theirs, index, err := bob.Send(&key)
	must(err)
	must(alice.Receive(theirs, index, take))
	must3(alice.Send(&key))
	group := ratchet.NewMegolm()
	return []object{
		newObject(alice, secretsOf(alice), embedded(struct{ ratchet.Double }{}, alice), struct{ *ratchet.Double }{alice}),
		newObject(bob, secretsOf(bob), embedded(struct{ ratchet.Double }{}, bob), struct{ *ratchet.Double }{bob}),
		newObject(group, secretsOf(group), embedded(struct{ ratchet.Megolm }{}, group), struct{ *ratchet.Megolm }{group}),
	}
}
