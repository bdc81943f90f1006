// Package karst is the root of Olm and Megolm, Matrix's end-to-end encryption, in Go. It holds no
// code; what a program imports is below it:
//
//   - [github.com/karst-im/karst/olm]: accounts, and sessions between two devices
//   - [github.com/karst-im/karst/megolm]: sessions of a room
//   - [github.com/karst-im/karst/sas]: verification by emoji or numbers
//   - [github.com/karst-im/karst/pk]: the encryption of key backups, and signing with a seed
//   - [github.com/karst-im/karst/keys]: public keys and signatures
//   - [github.com/karst-im/karst/pickle]: the envelope of stored state, and the errors of reading it
//   - [github.com/karst-im/karst/ratchet]: the two ratchets alone, for protocols of your own
package karst
