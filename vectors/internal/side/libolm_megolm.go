package side

import (
	"io"

	"github.com/karst-im/karst/internal/cabi"
)

type libolmSender struct {
	object[cabi.OutboundGroupSession]
}

func (libolm) NewSender(random io.Reader) Sender {
	g := libolmSender{construct[cabi.OutboundGroupSession]()}
	must(g.check(g.at().Init(draw(random, cabi.InitOutboundGroupRandomLen))))
	return g
}

func (libolm) UnpickleSender(key []byte, pickled string) (Sender, error) {
	g := libolmSender{construct[cabi.OutboundGroupSession]()}
	if _, err := g.check(g.at().Unpickle(key, []byte(pickled))); err != nil {
		return nil, err
	}
	return g, nil
}

func (g libolmSender) Pickle(key []byte) string {
	return must(g.write(cabi.OutboundGroupPickleLen(), func(out []byte) uint { return g.at().Pickle(key, out) }))
}

func (g libolmSender) ID() string         { return must(g.write(cabi.GroupSessionIDLen, g.at().ID)) }
func (g libolmSender) Index() uint32      { return g.at().MessageIndex() }
func (g libolmSender) SessionKey() string { return must(g.write(cabi.SessionKeyLen(), g.at().Key)) }

func (g libolmSender) Encrypt(plaintext []byte) (string, error) {
	return g.write(g.at().EncryptMessageLen(uint(len(plaintext))), func(out []byte) uint { return g.at().Encrypt(plaintext, out) })
}

type libolmReceiver struct {
	object[cabi.InboundGroupSession]
}

func receiver(start func(g *cabi.InboundGroupSession) uint) (Receiver, error) {
	g := libolmReceiver{construct[cabi.InboundGroupSession]()}
	if _, err := g.check(start(g.at())); err != nil {
		return nil, err
	}
	return g, nil
}

func (libolm) NewReceiver(sessionKey string) (Receiver, error) {
	return receiver(func(g *cabi.InboundGroupSession) uint { return g.Init([]byte(sessionKey)) })
}

func (libolm) ImportReceiver(exported string) (Receiver, error) {
	return receiver(func(g *cabi.InboundGroupSession) uint { return g.Import([]byte(exported)) })
}

func (libolm) UnpickleReceiver(key []byte, pickled string) (Receiver, error) {
	return receiver(func(g *cabi.InboundGroupSession) uint { return g.Unpickle(key, []byte(pickled)) })
}

func (g libolmReceiver) Pickle(key []byte) string {
	return must(g.write(cabi.InboundGroupPickleLen(), func(out []byte) uint { return g.at().Pickle(key, out) }))
}

func (g libolmReceiver) ID() string         { return must(g.write(cabi.GroupSessionIDLen, g.at().ID)) }
func (g libolmReceiver) FirstKnown() uint32 { return g.at().FirstKnownIndex() }
func (g libolmReceiver) Verified() bool     { return g.at().IsVerified() }

func (g libolmReceiver) Decrypt(body string) (plaintext []byte, index uint32, err error) {
	room, err := g.check(g.at().DecryptMaxPlaintextLen([]byte(body)))
	if err != nil {
		return nil, 0, err
	}
	out := make([]byte, room)
	n, err := g.check(g.at().Decrypt([]byte(body), out, &index))
	if err != nil {
		return nil, index, err
	}
	return out[:n], index, nil
}

func (g libolmReceiver) Export(index uint32) (string, error) {
	return g.write(cabi.ExportLen(), func(out []byte) uint { return g.at().Export(out, index) })
}
