// Package karst is the root of Olm and Megolm, Matrix's end-to-end encryption, in Go. It holds no
// code; what a program imports is below it:
//
//   - [github.com/karst-im/karst/olm]: accounts, and sessions between two devices
//   - [github.com/karst-im/karst/megolm]: sessions of a room
//   - [github.com/karst-im/karst/sas]: verification by emoji or numbers
//   - [github.com/karst-im/karst/pk]: the encryption of key backups, and signing with a seed
//   - [github.com/karst-im/karst/keys]: public keys and signatures
//   - [github.com/karst-im/karst/pickle]: the errors of reading stored state
package karst
