//go:build tinygo

package export

import (
	"unsafe"

	"github.com/karst-im/karst/internal/cabi"
)

//export olm_account_size
func accountSize() uint { return cabi.Size[cabi.Account]() }

//export olm_account
func account(memory unsafe.Pointer) unsafe.Pointer { return construct[cabi.Account](memory) }

//export olm_clear_account
func clearAccount(p unsafe.Pointer) uint { return cabi.Clear[cabi.Account](p) }

//export olm_account_last_error
func accountLastError(p unsafe.Pointer) *byte { return name(cabi.At[cabi.Account](p).LastErrorCode()) }

//export olm_account_last_error_code
func accountLastErrorCode(p unsafe.Pointer) uint32 {
	return uint32(cabi.At[cabi.Account](p).LastErrorCode())
}

//export olm_pickle_account_length
func pickleAccountLength(p unsafe.Pointer) uint { return cabi.At[cabi.Account](p).PickleLen() }

//export olm_pickle_account
func pickleAccount(p unsafe.Pointer, key unsafe.Pointer, keyLen uint, pickled unsafe.Pointer, pickledLen uint) uint {
	return cabi.At[cabi.Account](p).Pickle(view(key, keyLen), view(pickled, pickledLen))
}

//export olm_unpickle_account
func unpickleAccount(p unsafe.Pointer, key unsafe.Pointer, keyLen uint, pickled unsafe.Pointer, pickledLen uint) uint {
	return cabi.At[cabi.Account](p).Unpickle(view(key, keyLen), view(pickled, pickledLen))
}

//export olm_create_account_random_length
func createAccountRandomLength(_ unsafe.Pointer) uint { return cabi.CreateAccountRandomLen }

//export olm_create_account
func createAccount(p unsafe.Pointer, random unsafe.Pointer, randomLen uint) uint {
	return cabi.At[cabi.Account](p).Create(view(random, randomLen))
}

//export olm_account_identity_keys_length
func accountIdentityKeysLength(_ unsafe.Pointer) uint { return uint(cabi.IdentityKeysLen) }

//export olm_account_identity_keys
func accountIdentityKeys(p unsafe.Pointer, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.Account](p).IdentityKeys(view(out, outLen))
}

//export olm_account_signature_length
func accountSignatureLength(_ unsafe.Pointer) uint { return cabi.SignatureLen }

//export olm_account_sign
func accountSign(p unsafe.Pointer, message unsafe.Pointer, messageLen uint, signature unsafe.Pointer, signatureLen uint) uint {
	return cabi.At[cabi.Account](p).Sign(view(message, messageLen), view(signature, signatureLen))
}

//export olm_account_one_time_keys_length
func accountOneTimeKeysLength(p unsafe.Pointer) uint {
	return cabi.At[cabi.Account](p).OneTimeKeysLen()
}

//export olm_account_one_time_keys
func accountOneTimeKeys(p unsafe.Pointer, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.Account](p).OneTimeKeys(view(out, outLen))
}

//export olm_account_mark_keys_as_published
func accountMarkKeysAsPublished(p unsafe.Pointer) uint {
	return cabi.At[cabi.Account](p).MarkKeysAsPublished()
}

//export olm_account_max_number_of_one_time_keys
func accountMaxNumberOfOneTimeKeys(_ unsafe.Pointer) uint { return cabi.MaxOneTimeKeys }

//export olm_account_generate_one_time_keys_random_length
func accountGenerateOneTimeKeysRandomLength(_ unsafe.Pointer, n uint) uint {
	return cabi.OneTimeKeyRandomLen(n)
}

//export olm_account_generate_one_time_keys
func accountGenerateOneTimeKeys(p unsafe.Pointer, n uint, random unsafe.Pointer, randomLen uint) uint {
	return cabi.At[cabi.Account](p).GenerateOneTimeKeys(n, view(random, randomLen))
}

//export olm_account_generate_fallback_key_random_length
func accountGenerateFallbackKeyRandomLength(_ unsafe.Pointer) uint { return cabi.FallbackKeyRandomLen }

//export olm_account_generate_fallback_key
func accountGenerateFallbackKey(p unsafe.Pointer, random unsafe.Pointer, randomLen uint) uint {
	return cabi.At[cabi.Account](p).GenerateFallbackKey(view(random, randomLen))
}

//export olm_account_fallback_key_length
func accountFallbackKeyLength(p unsafe.Pointer) uint {
	return cabi.At[cabi.Account](p).FallbackKeyLen(true)
}

//export olm_account_fallback_key
func accountFallbackKey(p unsafe.Pointer, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.Account](p).FallbackKey(true, view(out, outLen))
}

//export olm_account_unpublished_fallback_key_length
func accountUnpublishedFallbackKeyLength(p unsafe.Pointer) uint {
	return cabi.At[cabi.Account](p).FallbackKeyLen(false)
}

//export olm_account_unpublished_fallback_key
func accountUnpublishedFallbackKey(p unsafe.Pointer, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.Account](p).FallbackKey(false, view(out, outLen))
}

//export olm_account_forget_old_fallback_key
func accountForgetOldFallbackKey(p unsafe.Pointer) { cabi.At[cabi.Account](p).ForgetOldFallbackKey() }

//export olm_remove_one_time_keys
func removeOneTimeKeys(p, session unsafe.Pointer) uint {
	return cabi.At[cabi.Account](p).RemoveOneTimeKeys(cabi.At[cabi.Session](session))
}
