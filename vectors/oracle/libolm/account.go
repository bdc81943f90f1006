package libolm

/*
#include <stdlib.h>
#include <olm/olm.h>
*/
import "C"

import "unsafe"

// Account is an OlmAccount.
type Account struct{ p *C.OlmAccount }

// EmptyAccount is an account without any key: constructed, never created.
func EmptyAccount() *Account {
	return &Account{C.olm_account(C.malloc(C.olm_account_size()))}
}

// NewAccount creates an account from 64 random bytes: Ed25519 seed, Curve25519 private key.
func NewAccount(random []byte) (*Account, error) {
	a := EmptyAccount()
	r := copyIn(random)
	if C.olm_create_account(a.p, addr(r), size(r)) == failed {
		return nil, a.giveUp()
	}
	return a, nil
}

// UnpickleAccount reads an account.
func UnpickleAccount(key []byte, pickled string) (*Account, error) {
	if err := checkPickle(key, pickled); err != nil {
		return nil, err
	}
	a := EmptyAccount()
	k, b := copyIn(key), copyIn(pickled)
	if C.olm_unpickle_account(a.p, addr(k), size(k), addr(b), size(b)) == failed {
		return nil, a.giveUp()
	}
	return a, nil
}

// Free clears and releases the account. A second call does nothing.
func (a *Account) Free() {
	if a.p != nil {
		C.olm_clear_account(a.p)
		C.free(unsafe.Pointer(a.p))
		a.p = nil
	}
}

func (a *Account) ptr() *C.OlmAccount { return live(a.p) }

func (a *Account) last() error { return Code(C.olm_account_last_error_code(a.ptr())) }

func (a *Account) giveUp() error {
	err := a.last()
	a.Free()
	return err
}

// Pickle writes the account.
func (a *Account) Pickle(key []byte) string {
	return pickle(key, C.olm_pickle_account_length(a.ptr()), func(key, out []byte) C.size_t {
		return C.olm_pickle_account(a.p, addr(key), size(key), addr(out), size(out))
	})
}

// IdentityKeys is the JSON object of the two public keys.
func (a *Account) IdentityKeys() string {
	out := buffer(C.olm_account_identity_keys_length(a.ptr()))
	return string(out[:C.olm_account_identity_keys(a.p, addr(out), size(out))])
}

// Sign gives the base64 of an Ed25519 signature.
func (a *Account) Sign(message []byte) string {
	m, out := copyIn(message), buffer(C.olm_account_signature_length(a.ptr()))
	return string(out[:C.olm_account_sign(a.p, addr(m), size(m), addr(out), size(out))])
}

// OneTimeKeys is the JSON object of the unpublished one-time keys.
func (a *Account) OneTimeKeys() string {
	out := buffer(C.olm_account_one_time_keys_length(a.ptr()))
	return string(out[:C.olm_account_one_time_keys(a.p, addr(out), size(out))])
}

// MaxOneTimeKeys is how many one-time keys an account holds.
func (a *Account) MaxOneTimeKeys() int {
	return int(C.olm_account_max_number_of_one_time_keys(a.ptr()))
}

// GenerateOneTimeKeys adds n keys from 32·n random bytes and reports n.
func (a *Account) GenerateOneTimeKeys(n int, random []byte) (int, error) {
	r := copyIn(random)
	done := C.olm_account_generate_one_time_keys(a.ptr(), C.size_t(n), addr(r), size(r))
	if done == failed {
		return 0, a.last()
	}
	return int(done), nil
}

// MarkPublished reports how many one-time keys were newly marked.
func (a *Account) MarkPublished() int {
	return int(C.olm_account_mark_keys_as_published(a.ptr()))
}

// GenerateFallbackKey makes a fallback key from 32 random bytes; the present one becomes the previous.
func (a *Account) GenerateFallbackKey(random []byte) error {
	r := copyIn(random)
	if C.olm_account_generate_fallback_key(a.ptr(), addr(r), size(r)) == failed {
		return a.last()
	}
	return nil
}

// FallbackKey is the JSON object of the current fallback key, published or not.
func (a *Account) FallbackKey() string {
	out := buffer(C.olm_account_fallback_key_length(a.ptr()))
	return string(out[:C.olm_account_fallback_key(a.p, addr(out), size(out))])
}

// UnpublishedFallbackKey is the JSON object of the current fallback key unless it has been published.
func (a *Account) UnpublishedFallbackKey() string {
	out := buffer(C.olm_account_unpublished_fallback_key_length(a.ptr()))
	return string(out[:C.olm_account_unpublished_fallback_key(a.p, addr(out), size(out))])
}

// ForgetOldFallbackKey drops the previous fallback key.
func (a *Account) ForgetOldFallbackKey() { C.olm_account_forget_old_fallback_key(a.ptr()) }

// RemoveOneTimeKeys drops the one-time key that s was created with and reports the key's id. A fallback
// key is found but kept.
func (a *Account) RemoveOneTimeKeys(s *Session) (id uint32, err error) {
	n := C.olm_remove_one_time_keys(a.ptr(), s.ptr())
	if n == failed {
		return 0, a.last()
	}
	return uint32(n), nil
}
