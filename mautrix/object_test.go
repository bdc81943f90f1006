package mautrix

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	mautrix "maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/megolm"
	"github.com/karst-im/karst/olm"
)

// replaceable is an object of this package, with what the tests do to any of them.
type replaceable struct {
	name  string
	first pickled
	// second is the pickle of another object of that kind.
	second []byte
	// inner returns what Pickle of the core's object answers that first has at the moment.
	inner func() func(key []byte) ([]byte, error)
	wiped error
	// use calls every method once. It returns the errors, and complains about other answers than those of
	// the one object, of the other, or of a blank one.
	use   func() []error
	clear func() error
}

func replaceables(t *testing.T) []replaceable {
	var all []replaceable
	alice, bob, other := must[*Account](t)(NewAccount()), must[*Account](t)(NewAccount()), must[*Account](t)(NewAccount())
	for _, account := range []*Account{alice, other} {
		require.NoError(t, account.GenOneTimeKeys(3))
		require.NoError(t, account.GenFallbackKey())
	}
	_, bobKey, err := bob.IdentityKeys()
	require.NoError(t, err)
	toAlice := must[mautrix.Session](t)(bob.NewOutboundSession(must2(alice.IdentityKeys()), only(alice.FallbackKey())))
	_, preKey, err := toAlice.Encrypt([]byte("text"))
	require.NoError(t, err)
	accepted := must[mautrix.Session](t)(alice.NewInboundSession(string(preKey)))

	pickleOf := func(object pickled) []byte { return must[[]byte](t)(object.Pickle(testKey)) }
	oneOf := func(what, got string, all ...string) error {
		if slices.Contains(all, got) {
			return nil
		}
		return errors.New(what + " is " + got + ", of no object there was")
	}

	ed1, curve1, err := alice.IdentityKeys()
	require.NoError(t, err)
	ed2, curve2, err := other.IdentityKeys()
	require.NoError(t, err)
	all = append(all, replaceable{
		name: "account", first: alice, second: pickleOf(other), wiped: olm.ErrWiped, clear: alice.Clear,
		inner: func() func([]byte) ([]byte, error) { return alice.inner.Pickle },
		use: func() []error {
			ed, curve, err := alice.IdentityKeys()
			errs := []error{err, oneOf("the identity", string(ed)+string(curve), string(ed1+id.Ed25519(curve1)), string(ed2+id.Ed25519(curve2)), "")}
			add := func(err error) { errs = append(errs, err) }
			add(second(alice.IdentityKeysJSON()))
			add(second(alice.Sign([]byte("text"))))
			add(second(alice.OneTimeKeys()))
			add(alice.GenOneTimeKeys(1))
			add(alice.GenFallbackKey())
			alice.MarkKeysAsPublished()
			alice.FallbackKey()
			alice.FallbackKeyUnpublished()
			alice.ForgetOldFallbackKey()
			add(second(alice.NewOutboundSession(bobKey, bobKey)))
			for _, err := range []error{second(alice.NewInboundSession(string(preKey))), alice.RemoveOneTimeKeys(accepted)} {
				if !errors.Is(err, mautrix.ErrBadMessageKeyID) { // the other account has not that key
					add(err)
				}
			}
			add(second(alice.Pickle(testKey)))
			return errs
		},
	})

	a, b := establish(t, must[*Account](t)(NewAccount()), must[*Account](t)(NewAccount()))
	session := a.(*Session)
	_, message, err := b.Encrypt([]byte("text"))
	require.NoError(t, err)
	sessionIDs := []string{string(a.ID()), string(accepted.ID()), blankSessionID}
	all = append(all, replaceable{
		name: "session", first: session, second: pickleOf(accepted.(*Session)), wiped: olm.ErrWiped, clear: session.Clear,
		inner: func() func([]byte) ([]byte, error) { return session.inner.Pickle },
		use: func() []error {
			errs := []error{oneOf("the id", string(session.ID()), sessionIDs...)}
			add := func(err error) { errs = append(errs, err) }
			if !strings.HasPrefix(session.Describe(), "sender chain index: ") {
				add(errors.New(session.Describe()))
			}
			session.HasReceivedMessage()
			session.EncryptMsgType()
			add(second(session.MatchesInboundSession(string(preKey))))
			_, _, err := session.Encrypt([]byte("text"))
			add(err)
			if _, err = session.Decrypt(string(message), id.OlmMsgTypeMsg); !errors.Is(err, mautrix.ErrBadMAC) {
				add(err) // the other session can't, and the one can once
			}
			add(second(session.Pickle(testKey)))
			return errs
		},
	})

	out, otherOut := must[*OutboundGroupSession](t)(NewOutboundGroupSession()), must[*OutboundGroupSession](t)(NewOutboundGroupSession())
	in := must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(out.Key())))
	otherIn := must[*InboundGroupSession](t)(NewInboundGroupSession([]byte(otherOut.Key())))
	roomMessage := must[[]byte](t)(out.Encrypt([]byte("text")))
	groupIDs := []string{string(out.ID()), string(otherOut.ID()), ""}
	all = append(all, replaceable{
		name: "outbound", first: out, second: pickleOf(otherOut), wiped: megolm.ErrWiped, clear: out.Clear,
		inner: func() func([]byte) ([]byte, error) { return out.inner.Pickle },
		use: func() []error {
			errs := []error{oneOf("the id", string(out.ID()), groupIDs...)}
			out.MessageIndex()
			if key := out.Key(); key != "" {
				session, err := NewInboundGroupSession([]byte(key)) // it is signed, so none of zeros
				if err == nil {
					err = oneOf("the id of the key", string(session.ID()), groupIDs...)
				}
				errs = append(errs, err)
			}
			return append(errs, second(out.Encrypt([]byte("text"))), second(out.Pickle(testKey)))
		},
	}, replaceable{
		name: "inbound", first: in, second: pickleOf(otherIn), wiped: megolm.ErrWiped, clear: in.Clear,
		inner: func() func([]byte) ([]byte, error) { return in.inner.Pickle },
		use: func() []error {
			errs := []error{oneOf("the id", string(in.ID()), groupIDs...), second(in.Export(in.FirstKnownIndex()))}
			in.IsVerified()
			if _, _, err := in.Decrypt(roomMessage); !errors.Is(err, mautrix.ErrBadSignature) { // of the other session's sender
				errs = append(errs, err)
			}
			return append(errs, second(in.Pickle(testKey)))
		},
	})
	return all
}

// second returns the error of a call.
func second[T any](_ T, err error) error { return err }

// must2 returns the second value of a call that can't fail.
func must2[A, B any](_ A, value B, err error) B {
	if err != nil {
		panic(err)
	}
	return value
}

// What Unpickle and Clear take the place of is wiped. An Unpickle that fails leaves it as it was.
func TestReplacedObjectsAreWiped(t *testing.T) {
	for _, object := range replaceables(t) {
		t.Run(object.name, func(t *testing.T) {
			before := must[[]byte](t)(object.first.Pickle(testKey))
			replaced := object.inner()
			broken := changed(object.second, 0)
			for name, unpickle := range map[string]func() error{
				"no key":    func() error { return object.first.Unpickle(object.second, nil) },
				"wrong key": func() error { return object.first.Unpickle(object.second, []byte("wrong")) },
				"broken":    func() error { return object.first.Unpickle(broken, testKey) },
				"cut":       func() error { return object.first.Unpickle(object.second[:len(object.second)-4], testKey) },
				"empty":     func() error { return object.first.Unpickle(nil, testKey) },
			} {
				require.Error(t, unpickle(), name)
				require.Equal(t, before, must[[]byte](t)(object.first.Pickle(testKey)), name)
				require.Equal(t, before, must[[]byte](t)(replaced(testKey)), "%s: it is another object", name)
			}

			require.NoError(t, object.first.Unpickle(object.second, testKey))
			require.Equal(t, object.second, must[[]byte](t)(object.first.Pickle(testKey)))
			_, err := replaced(testKey)
			require.ErrorIs(t, err, object.wiped)

			replaced = object.inner()
			require.NoError(t, object.clear())
			_, err = replaced(testKey)
			require.ErrorIs(t, err, object.wiped)
		})
	}
}

// While an object is replaced and cleared, every call ends in an answer of one of the objects there were,
// or in the error that it is blank. The race detector watches this too.
func TestUseWhileReplaced(t *testing.T) {
	for _, object := range replaceables(t) {
		t.Run(object.name, func(t *testing.T) {
			pickles := [][]byte{must[[]byte](t)(object.first.Pickle(testKey)), object.second}
			var used atomic.Bool
			var replacers sync.WaitGroup
			for _, pickle := range pickles {
				replacers.Go(func() {
					for !used.Load() {
						assert.NoError(t, object.first.Unpickle(pickle, testKey))
						assert.Error(t, object.first.Unpickle(pickle[:8], testKey))
						runtime.Gosched()
						assert.NoError(t, object.clear())
					}
				})
			}
			var users sync.WaitGroup
			for range 3 {
				users.Go(func() {
					const each = 100
					for answers, blanks := 0, 0; (answers < each || blanks < each) && !t.Failed(); {
						for _, err := range object.use() {
							switch {
							case err == nil:
								answers++
							case errors.Is(err, ErrBlank):
								blanks++
							default:
								assert.NoError(t, err)
							}
						}
					}
				})
			}
			users.Wait()
			used.Store(true)
			replacers.Wait()
		})
	}
}
