package mautrix

import "maunium.net/go/mautrix/crypto/olm"

// Driver is the value of mautrix's olm.Driver once karst is registered.
const Driver = "karst"

// Register makes karst the implementation that mautrix uses from now on. It is to be called after
// mautrix's package crypto was initialised, which registers another, and before anything is encrypted:
// sessions of two drivers don't mix in memory. Importing the package auto does so.
func Register() {
	olm.Driver = Driver
	olm.GetVersion = version
	olm.SetPickleKeyImpl = setPickleKey

	olm.InitBlankAccount = func() olm.Account { return NewBlankAccount() }
	olm.InitNewAccount = func() (olm.Account, error) { return orNil[olm.Account](NewAccount()) }
	olm.InitNewAccountFromPickled = func(pickled, key []byte) (olm.Account, error) {
		return orNil[olm.Account](AccountFromPickled(pickled, key))
	}

	olm.InitNewBlankSession = func() olm.Session { return NewBlankSession() }
	olm.InitSessionFromPickled = func(pickled, key []byte) (olm.Session, error) {
		return orNil[olm.Session](SessionFromPickled(pickled, key))
	}

	olm.InitBlankInboundGroupSession = func() olm.InboundGroupSession { return NewBlankInboundGroupSession() }
	olm.InitNewInboundGroupSession = func(sessionKey []byte) (olm.InboundGroupSession, error) {
		return orNil[olm.InboundGroupSession](NewInboundGroupSession(sessionKey))
	}
	olm.InitInboundGroupSessionImport = func(exportedKey []byte) (olm.InboundGroupSession, error) {
		return orNil[olm.InboundGroupSession](InboundGroupSessionImport(exportedKey))
	}
	olm.InitInboundGroupSessionFromPickled = func(pickled, key []byte) (olm.InboundGroupSession, error) {
		return orNil[olm.InboundGroupSession](InboundGroupSessionFromPickled(pickled, key))
	}

	olm.InitNewBlankOutboundGroupSession = func() olm.OutboundGroupSession { return NewBlankOutboundGroupSession() }
	olm.InitNewOutboundGroupSession = func() (olm.OutboundGroupSession, error) {
		return orNil[olm.OutboundGroupSession](NewOutboundGroupSession())
	}
	olm.InitNewOutboundGroupSessionFromPickled = func(pickled, key []byte) (olm.OutboundGroupSession, error) {
		return orNil[olm.OutboundGroupSession](OutboundGroupSessionFromPickled(pickled, key))
	}

	olm.InitNewPKSigning = func() (olm.PKSigning, error) { return orNil[olm.PKSigning](NewPKSigning()) }
	olm.InitNewPKSigningFromSeed = func(seed []byte) (olm.PKSigning, error) { return orNil[olm.PKSigning](NewPKSigningFromSeed(seed)) }
}

// version returns the version of libolm that mautrix's other drivers say they are.
func version() (major, minor, patch uint8) { return 3, 2, 15 }

// orNil returns object as the interface I, or nil beside an error: a nil pointer in an interface would
// pass a caller's test for nil.
func orNil[I, T any](object T, err error) (I, error) {
	if err != nil {
		var none I
		return none, err
	}
	return any(object).(I), nil
}
