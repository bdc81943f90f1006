package megolm

import "github.com/karst-im/karst/internal/sealed"

// What encodes values, such as encoding/json, finds methods by these that fail and say what to use. Each is the
// first field of its type.

type (
	sealedOutboundSession = sealed.Object[noOutboundSession]
	sealedInboundSession  = sealed.Object[noInboundSession]
	sealedSessionKey      = sealed.Object[noSessionKey]
	sealedExportedKey     = sealed.Object[noExportedKey]

	noOutboundSession struct{}
	noInboundSession  struct{}
	noSessionKey      struct{}
	noExportedKey     struct{}
)

func (noOutboundSession) Error() string {
	return "megolm: OutboundSession is secret and does not marshal: use Pickle and UnpickleOutboundSession"
}

func (noInboundSession) Error() string {
	return "megolm: InboundSession is secret and does not marshal: use Pickle and UnpickleInboundSession"
}

func (noSessionKey) Error() string {
	return "megolm: SessionKey is secret and does not marshal: use Base64 and ParseSessionKey, or Bytes and SessionKeyFromBytes"
}

func (noExportedKey) Error() string {
	return "megolm: ExportedKey is secret and does not marshal: use Base64 and ParseExportedKey, or Bytes and ExportedKeyFromBytes"
}
