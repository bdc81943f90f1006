//go:build tinygo

package export

import (
	"unsafe"

	"github.com/karst-im/karst/internal/cabi"
)

//export olm_inbound_group_session_size
func inboundGroupSessionSize() uint { return cabi.Size[cabi.InboundGroupSession]() }

//export olm_inbound_group_session
func inboundGroupSession(memory unsafe.Pointer) unsafe.Pointer {
	return construct[cabi.InboundGroupSession](memory)
}

//export olm_clear_inbound_group_session
func clearInboundGroupSession(p unsafe.Pointer) uint { return cabi.Clear[cabi.InboundGroupSession](p) }

//export olm_inbound_group_session_last_error
func inboundGroupSessionLastError(p unsafe.Pointer) *byte {
	return name(cabi.At[cabi.InboundGroupSession](p).LastErrorCode())
}

//export olm_inbound_group_session_last_error_code
func inboundGroupSessionLastErrorCode(p unsafe.Pointer) uint32 {
	return uint32(cabi.At[cabi.InboundGroupSession](p).LastErrorCode())
}

//export olm_pickle_inbound_group_session_length
func pickleInboundGroupSessionLength(_ unsafe.Pointer) uint { return cabi.InboundGroupPickleLen() }

//export olm_pickle_inbound_group_session
func pickleInboundGroupSession(p unsafe.Pointer, key unsafe.Pointer, keyLen uint, pickled unsafe.Pointer, pickledLen uint) uint {
	return cabi.At[cabi.InboundGroupSession](p).Pickle(view(key, keyLen), view(pickled, pickledLen))
}

//export olm_unpickle_inbound_group_session
func unpickleInboundGroupSession(p unsafe.Pointer, key unsafe.Pointer, keyLen uint, pickled unsafe.Pointer, pickledLen uint) uint {
	return cabi.At[cabi.InboundGroupSession](p).Unpickle(view(key, keyLen), view(pickled, pickledLen))
}

//export olm_init_inbound_group_session
func initInboundGroupSession(p unsafe.Pointer, sessionKey unsafe.Pointer, sessionKeyLen uint) uint {
	return cabi.At[cabi.InboundGroupSession](p).Init(view(sessionKey, sessionKeyLen))
}

//export olm_import_inbound_group_session
func importInboundGroupSession(p unsafe.Pointer, sessionKey unsafe.Pointer, sessionKeyLen uint) uint {
	return cabi.At[cabi.InboundGroupSession](p).Import(view(sessionKey, sessionKeyLen))
}

//export olm_group_decrypt_max_plaintext_length
func groupDecryptMaxPlaintextLength(p unsafe.Pointer, message unsafe.Pointer, messageLen uint) uint {
	return cabi.At[cabi.InboundGroupSession](p).DecryptMaxPlaintextLen(view(message, messageLen))
}

//export olm_group_decrypt
func groupDecrypt(p unsafe.Pointer, message unsafe.Pointer, messageLen uint, plaintext unsafe.Pointer, plaintextLen uint, index *uint32) uint {
	return cabi.At[cabi.InboundGroupSession](p).Decrypt(view(message, messageLen), view(plaintext, plaintextLen), index)
}

//export olm_inbound_group_session_id_length
func inboundGroupSessionIdLength(_ unsafe.Pointer) uint { return cabi.GroupSessionIDLen }

//export olm_inbound_group_session_id
func inboundGroupSessionId(p unsafe.Pointer, out unsafe.Pointer, outLen uint) uint {
	return cabi.At[cabi.InboundGroupSession](p).ID(view(out, outLen))
}

//export olm_inbound_group_session_first_known_index
func inboundGroupSessionFirstKnownIndex(p unsafe.Pointer) uint32 {
	return cabi.At[cabi.InboundGroupSession](p).FirstKnownIndex()
}

//export olm_inbound_group_session_is_verified
func inboundGroupSessionIsVerified(p unsafe.Pointer) int32 {
	return boolean(cabi.At[cabi.InboundGroupSession](p).IsVerified())
}

//export olm_export_inbound_group_session_length
func exportInboundGroupSessionLength(_ unsafe.Pointer) uint { return cabi.ExportLen() }

//export olm_export_inbound_group_session
func exportInboundGroupSession(p unsafe.Pointer, out unsafe.Pointer, outLen uint, index uint32) uint {
	return cabi.At[cabi.InboundGroupSession](p).Export(view(out, outLen), index)
}
