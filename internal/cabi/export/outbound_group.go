//go:build tinygo

package export

import (
	"unsafe"

	"github.com/karst-im/karst/internal/cabi"
)

//export olm_outbound_group_session_size
func outboundGroupSessionSize() uint { return cabi.Size[cabi.OutboundGroupSession]() }

//export olm_outbound_group_session
func outboundGroupSession(memory unsafe.Pointer) unsafe.Pointer {
	return construct[cabi.OutboundGroupSession](memory)
}

//export olm_clear_outbound_group_session
func clearOutboundGroupSession(p unsafe.Pointer) uint {
	return cabi.Clear[cabi.OutboundGroupSession](p)
}

//export olm_outbound_group_session_last_error
func outboundGroupSessionLastError(p unsafe.Pointer) *byte {
	return name(cabi.At[cabi.OutboundGroupSession](p).LastErrorCode())
}

//export olm_outbound_group_session_last_error_code
func outboundGroupSessionLastErrorCode(p unsafe.Pointer) uint32 {
	return uint32(cabi.At[cabi.OutboundGroupSession](p).LastErrorCode())
}

//export olm_pickle_outbound_group_session_length
func pickleOutboundGroupSessionLength(_ unsafe.Pointer) uint { return cabi.OutboundGroupPickleLen() }

//export olm_pickle_outbound_group_session
func pickleOutboundGroupSession(p unsafe.Pointer, key unsafe.Pointer, keyLen uint, pickled unsafe.Pointer, pickledLen uint) uint {
	return cabi.At[cabi.OutboundGroupSession](p).Pickle(view(key, keyLen), view(pickled, pickledLen))
}

//export olm_unpickle_outbound_group_session
func unpickleOutboundGroupSession(p unsafe.Pointer, key unsafe.Pointer, keyLen uint, pickled unsafe.Pointer, pickledLen uint) uint {
	return cabi.At[cabi.OutboundGroupSession](p).Unpickle(view(key, keyLen), view(pickled, pickledLen))
}

//export olm_init_outbound_group_session_random_length
func initOutboundGroupSessionRandomLength(_ unsafe.Pointer) uint {
	return cabi.InitOutboundGroupRandomLen
}

//export olm_init_outbound_group_session
func initOutboundGroupSession(p unsafe.Pointer, random unsafe.Pointer, randomLen uint) uint {
	return cabi.At[cabi.OutboundGroupSession](p).Init(view(random, randomLen))
}

//export olm_group_encrypt_message_length
func groupEncryptMessageLength(p unsafe.Pointer, plaintextLen uint) uint {
	return cabi.At[cabi.OutboundGroupSession](p).EncryptMessageLen(plaintextLen)
}

//export olm_group_encrypt
func groupEncrypt(p unsafe.Pointer, plaintext unsafe.Pointer, plaintextLen uint, message unsafe.Pointer, messageLen uint) uint {
	return cabi.At[cabi.OutboundGroupSession](p).Encrypt(view(plaintext, plaintextLen), view(message, messageLen))
}

//export olm_outbound_group_session_id_length
func outboundGroupSessionIdLength(_ unsafe.Pointer) uint { return cabi.GroupSessionIDLen }

//export olm_outbound_group_session_id
func outboundGroupSessionId(p unsafe.Pointer, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.OutboundGroupSession](p).ID(view(out, outLen))
}

//export olm_outbound_group_session_message_index
func outboundGroupSessionMessageIndex(p unsafe.Pointer) uint32 {
	return cabi.At[cabi.OutboundGroupSession](p).MessageIndex()
}

//export olm_outbound_group_session_key_length
func outboundGroupSessionKeyLength(_ unsafe.Pointer) uint { return cabi.SessionKeyLen() }

//export olm_outbound_group_session_key
func outboundGroupSessionKey(p unsafe.Pointer, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.OutboundGroupSession](p).Key(view(out, outLen))
}
