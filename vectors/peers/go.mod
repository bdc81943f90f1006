module github.com/karst-im/karst/vectors/peers

go 1.26.0

require (
	github.com/karst-im/karst/vectors/oracle v0.0.0
	maunium.net/go/mautrix v0.30.0
)

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	github.com/tidwall/gjson v1.19.0 // indirect
	github.com/tidwall/match v1.1.1 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
	go.mau.fi/util v0.10.0 // indirect
	golang.org/x/crypto v0.55.0 // indirect
)

replace (
	github.com/karst-im/karst => ../..
	github.com/karst-im/karst/vectors/oracle => ../oracle
)
