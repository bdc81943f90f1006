package sas

import "github.com/karst-im/karst/internal/sealed"

// What encodes values, such as encoding/json, finds methods by these that fail and say what to use. Each is the
// first field of its type.

type (
	sealedSAS         = sealed.Object[noSAS]
	sealedEstablished = sealed.Object[noEstablished]

	noSAS         struct{}
	noEstablished struct{}
)

func (noSAS) Error() string {
	return "sas: SAS is secret and does not marshal: it serves one verification, and nothing stores it"
}

func (noEstablished) Error() string {
	return "sas: Established is secret and does not marshal: it serves one verification, and nothing stores it"
}
