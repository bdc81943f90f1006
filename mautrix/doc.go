// Package mautrix lets mautrix-go (maunium.net/go/mautrix) encrypt with karst: it has the types behind
// the interfaces of its package crypto/olm, and registers them.
//
// A bridge or bot switches by importing the package auto:
//
//	import _ "github.com/karst-im/karst/mautrix/auto"
//
// Its database stays as it is, since libolm, goolm and karst keep accounts and sessions in the same
// format. What differs from those two drivers is listed in the README.
//
// Every method may be called by several goroutines at once, unlike with the other drivers: mautrix
// reaches the account under two different locks. That includes Unpickle and Clear: a call beside them ends
// with the object before, the one after, or the error that there is none. No method panics, also on an
// object that is blank, and an error leaves the object as it was.
//
// Errors match, by errors.Is, what mautrix's other drivers return in the same place (package
// crypto/olm) and also karst's own (packages olm, megolm, pk, pickle and keys).
package mautrix
