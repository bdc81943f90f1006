module github.com/karst-im/karst/mautrix/test/jsonpickle

go 1.26.0

require maunium.net/go/mautrix v0.22.1

require (
	filippo.io/edwards25519 v1.1.0 // indirect
	go.mau.fi/util v0.8.3 // indirect
	golang.org/x/crypto v0.31.0 // indirect
)
