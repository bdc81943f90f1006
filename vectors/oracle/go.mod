module github.com/karst-im/karst/vectors/oracle

go 1.26.0

require github.com/karst-im/karst v0.1.0

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
)

replace github.com/karst-im/karst => ../..
