//go:build tinygo

package export

import (
	"unsafe"

	"github.com/karst-im/karst/internal/cabi"
)

//export olm_session_size
func sessionSize() uint { return cabi.Size[cabi.Session]() }

//export olm_session
func session(memory unsafe.Pointer) unsafe.Pointer { return construct[cabi.Session](memory) }

//export olm_clear_session
func clearSession(p unsafe.Pointer) uint { return cabi.Clear[cabi.Session](p) }

//export olm_session_last_error
func sessionLastError(p unsafe.Pointer) *byte { return name(cabi.At[cabi.Session](p).LastErrorCode()) }

//export olm_session_last_error_code
func sessionLastErrorCode(p unsafe.Pointer) uint32 {
	return uint32(cabi.At[cabi.Session](p).LastErrorCode())
}

//export olm_pickle_session_length
func pickleSessionLength(p unsafe.Pointer) uint { return cabi.At[cabi.Session](p).PickleLen() }

//export olm_pickle_session
func pickleSession(p unsafe.Pointer, key unsafe.Pointer, keyLen uint, pickled unsafe.Pointer, pickledLen uint) uint {
	return cabi.At[cabi.Session](p).Pickle(view(key, keyLen), view(pickled, pickledLen))
}

//export olm_unpickle_session
func unpickleSession(p unsafe.Pointer, key unsafe.Pointer, keyLen uint, pickled unsafe.Pointer, pickledLen uint) uint {
	return cabi.At[cabi.Session](p).Unpickle(view(key, keyLen), view(pickled, pickledLen))
}

//export olm_create_outbound_session_random_length
func createOutboundSessionRandomLength(_ unsafe.Pointer) uint { return cabi.CreateOutboundRandomLen }

//export olm_create_outbound_session
func createOutboundSession(p, account unsafe.Pointer, identityKey unsafe.Pointer, identityKeyLen uint, oneTimeKey unsafe.Pointer, oneTimeKeyLen uint, random unsafe.Pointer, randomLen uint) uint {
	return cabi.At[cabi.Session](p).CreateOutbound(cabi.At[cabi.Account](account), view(identityKey, identityKeyLen), view(oneTimeKey, oneTimeKeyLen), view(random, randomLen))
}

//export olm_create_inbound_session
func createInboundSession(p, account unsafe.Pointer, message unsafe.Pointer, messageLen uint) uint {
	return cabi.At[cabi.Session](p).CreateInbound(cabi.At[cabi.Account](account), view(message, messageLen))
}

//export olm_create_inbound_session_from
func createInboundSessionFrom(p, account unsafe.Pointer, identityKey unsafe.Pointer, identityKeyLen uint, message unsafe.Pointer, messageLen uint) uint {
	return cabi.At[cabi.Session](p).CreateInboundFrom(cabi.At[cabi.Account](account), view(identityKey, identityKeyLen), view(message, messageLen))
}

//export olm_session_id_length
func sessionIdLength(_ unsafe.Pointer) uint { return cabi.SessionIDLen }

//export olm_session_id
func sessionId(p unsafe.Pointer, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.Session](p).ID(view(out, outLen))
}

//export olm_session_has_received_message
func sessionHasReceivedMessage(p unsafe.Pointer) int32 {
	return boolean(cabi.At[cabi.Session](p).HasReceivedMessage())
}

//export olm_session_describe
func sessionDescribe(p unsafe.Pointer, out unsafe.Pointer, outLen uint) {
	cabi.At[cabi.Session](p).Describe(view(out, outLen))
}

//export olm_matches_inbound_session
func matchesInboundSession(p unsafe.Pointer, message unsafe.Pointer, messageLen uint) uint {
	return cabi.At[cabi.Session](p).MatchesInbound(view(message, messageLen))
}

//export olm_matches_inbound_session_from
func matchesInboundSessionFrom(p unsafe.Pointer, identityKey unsafe.Pointer, identityKeyLen uint, message unsafe.Pointer, messageLen uint) uint {
	return cabi.At[cabi.Session](p).MatchesInboundFrom(view(identityKey, identityKeyLen), view(message, messageLen))
}

//export olm_encrypt_message_type
func encryptMessageType(p unsafe.Pointer) uint { return cabi.At[cabi.Session](p).EncryptMessageType() }

//export olm_encrypt_random_length
func encryptRandomLength(p unsafe.Pointer) uint { return cabi.At[cabi.Session](p).EncryptRandomLen() }

//export olm_encrypt_message_length
func encryptMessageLength(p unsafe.Pointer, plaintextLen uint) uint {
	return cabi.At[cabi.Session](p).EncryptMessageLen(plaintextLen)
}

//export olm_encrypt
func encrypt(p unsafe.Pointer, plaintext unsafe.Pointer, plaintextLen uint, random unsafe.Pointer, randomLen uint, message unsafe.Pointer, messageLen uint) uint {
	return cabi.At[cabi.Session](p).Encrypt(view(plaintext, plaintextLen), view(random, randomLen), view(message, messageLen))
}

//export olm_decrypt_max_plaintext_length
func decryptMaxPlaintextLength(p unsafe.Pointer, messageType uint, message unsafe.Pointer, messageLen uint) uint {
	return cabi.At[cabi.Session](p).DecryptMaxPlaintextLen(messageType, view(message, messageLen))
}

//export olm_decrypt
func decrypt(p unsafe.Pointer, messageType uint, message unsafe.Pointer, messageLen uint, plaintext unsafe.Pointer, plaintextLen uint) uint {
	return cabi.At[cabi.Session](p).Decrypt(messageType, view(message, messageLen), view(plaintext, plaintextLen))
}
