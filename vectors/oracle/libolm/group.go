package libolm

/*
#include <stdlib.h>
#include <olm/olm.h>
*/
import "C"

import "unsafe"

// OutboundGroup is an OlmOutboundGroupSession.
type OutboundGroup struct {
	p *C.OlmOutboundGroupSession
}

// EmptyOutboundGroup was constructed, never initialised.
func EmptyOutboundGroup() *OutboundGroup {
	return &OutboundGroup{C.olm_outbound_group_session(C.malloc(C.olm_outbound_group_session_size()))}
}

// NewOutboundGroup starts a Megolm session from 160 random bytes: ratchet (128), Ed25519 seed (32).
func NewOutboundGroup(random []byte) (*OutboundGroup, error) {
	g := EmptyOutboundGroup()
	r := copyIn(random)
	if C.olm_init_outbound_group_session(g.p, addr8(r), size(r)) == failed {
		return nil, g.giveUp()
	}
	return g, nil
}

// UnpickleOutboundGroup reads an outbound session.
func UnpickleOutboundGroup(key []byte, pickled string) (*OutboundGroup, error) {
	if err := checkPickle(key, pickled); err != nil {
		return nil, err
	}
	g := EmptyOutboundGroup()
	k, b := copyIn(key), copyIn(pickled)
	if C.olm_unpickle_outbound_group_session(g.p, addr(k), size(k), addr(b), size(b)) == failed {
		return nil, g.giveUp()
	}
	return g, nil
}

// Free clears and releases the session. A second call does nothing.
func (g *OutboundGroup) Free() {
	if g.p != nil {
		C.olm_clear_outbound_group_session(g.p)
		C.free(unsafe.Pointer(g.p))
		g.p = nil
	}
}

func (g *OutboundGroup) ptr() *C.OlmOutboundGroupSession { return live(g.p) }

func (g *OutboundGroup) last() error {
	return Code(C.olm_outbound_group_session_last_error_code(g.ptr()))
}

func (g *OutboundGroup) giveUp() error {
	err := g.last()
	g.Free()
	return err
}

// Pickle writes the session.
func (g *OutboundGroup) Pickle(key []byte) string {
	return pickle(key, C.olm_pickle_outbound_group_session_length(g.ptr()), func(key, out []byte) C.size_t {
		return C.olm_pickle_outbound_group_session(g.p, addr(key), size(key), addr(out), size(out))
	})
}

// ID is the base64 of the session's public key.
func (g *OutboundGroup) ID() string {
	out := buffer(C.olm_outbound_group_session_id_length(g.ptr()))
	return string(out[:C.olm_outbound_group_session_id(g.p, addr8(out), size(out))])
}

// Index is the index of the next message.
func (g *OutboundGroup) Index() uint32 {
	return uint32(C.olm_outbound_group_session_message_index(g.ptr()))
}

// Key is the session key to share: the ratchet as it stands now.
func (g *OutboundGroup) Key() string {
	out := buffer(C.olm_outbound_group_session_key_length(g.ptr()))
	return string(out[:C.olm_outbound_group_session_key(g.p, addr8(out), size(out))])
}

// Encrypt gives the base64 of a message.
func (g *OutboundGroup) Encrypt(plaintext []byte) (string, error) {
	p := copyIn(plaintext)
	out := buffer(C.olm_group_encrypt_message_length(g.ptr(), size(p)))
	n := C.olm_group_encrypt(g.p, addr8(p), size(p), addr8(out), size(out))
	if n == failed {
		return "", g.last()
	}
	return string(out[:n]), nil
}

// InboundGroup is an OlmInboundGroupSession.
type InboundGroup struct{ p *C.OlmInboundGroupSession }

// EmptyInboundGroup was constructed, never initialised.
func EmptyInboundGroup() *InboundGroup {
	return &InboundGroup{C.olm_inbound_group_session(C.malloc(C.olm_inbound_group_session_size()))}
}

// NewInboundGroup starts from a shared session key.
func NewInboundGroup(sessionKey string) (*InboundGroup, error) {
	g := EmptyInboundGroup()
	k := copyIn(sessionKey)
	if C.olm_init_inbound_group_session(g.p, addr8(k), size(k)) == failed {
		return nil, g.giveUp()
	}
	return g, nil
}

// ImportInboundGroup starts from an exported session key.
func ImportInboundGroup(exported string) (*InboundGroup, error) {
	g := EmptyInboundGroup()
	k := copyIn(exported)
	if C.olm_import_inbound_group_session(g.p, addr8(k), size(k)) == failed {
		return nil, g.giveUp()
	}
	return g, nil
}

// UnpickleInboundGroup reads an inbound session.
func UnpickleInboundGroup(key []byte, pickled string) (*InboundGroup, error) {
	if err := checkPickle(key, pickled); err != nil {
		return nil, err
	}
	g := EmptyInboundGroup()
	k, b := copyIn(key), copyIn(pickled)
	if C.olm_unpickle_inbound_group_session(g.p, addr(k), size(k), addr(b), size(b)) == failed {
		return nil, g.giveUp()
	}
	return g, nil
}

// Free clears and releases the session. A second call does nothing.
func (g *InboundGroup) Free() {
	if g.p != nil {
		C.olm_clear_inbound_group_session(g.p)
		C.free(unsafe.Pointer(g.p))
		g.p = nil
	}
}

func (g *InboundGroup) ptr() *C.OlmInboundGroupSession { return live(g.p) }

func (g *InboundGroup) last() error {
	return Code(C.olm_inbound_group_session_last_error_code(g.ptr()))
}

func (g *InboundGroup) giveUp() error {
	err := g.last()
	g.Free()
	return err
}

// Pickle writes the session.
func (g *InboundGroup) Pickle(key []byte) string {
	return pickle(key, C.olm_pickle_inbound_group_session_length(g.ptr()), func(key, out []byte) C.size_t {
		return C.olm_pickle_inbound_group_session(g.p, addr(key), size(key), addr(out), size(out))
	})
}

// ID is the base64 of the session's public key.
func (g *InboundGroup) ID() string {
	out := buffer(C.olm_inbound_group_session_id_length(g.ptr()))
	return string(out[:C.olm_inbound_group_session_id(g.p, addr8(out), size(out))])
}

// FirstKnownIndex is the earliest index that can be decrypted.
func (g *InboundGroup) FirstKnownIndex() uint32 {
	return uint32(C.olm_inbound_group_session_first_known_index(g.ptr()))
}

// IsVerified reports whether the public key is known to belong to the ratchet.
func (g *InboundGroup) IsVerified() bool {
	return C.olm_inbound_group_session_is_verified(g.ptr()) != 0
}

// Decrypt asks for the largest possible plaintext first, as every caller of the C functions must; an
// error of that call ends the matter. The index is libolm's also when a later check fails.
func (g *InboundGroup) Decrypt(message string) (plaintext []byte, index uint32, err error) {
	if err := checkGroupMessage(message); err != nil {
		return nil, 0, err
	}
	m := copyIn(message)
	room := C.olm_group_decrypt_max_plaintext_length(g.ptr(), addr8(m), size(m))
	if room == failed {
		return nil, 0, g.last()
	}
	m, out := copyIn(message), buffer(room)
	var i C.uint32_t
	n := C.olm_group_decrypt(g.p, addr8(m), size(m), addr8(out), size(out), &i)
	if n == failed {
		return nil, uint32(i), g.last()
	}
	return out[:n:n], uint32(i), nil
}

// Export gives the session key from an index on.
func (g *InboundGroup) Export(index uint32) (string, error) {
	out := buffer(C.olm_export_inbound_group_session_length(g.ptr()))
	n := C.olm_export_inbound_group_session(g.p, addr8(out), size(out), C.uint32_t(index))
	if n == failed {
		return "", g.last()
	}
	return string(out[:n]), nil
}
