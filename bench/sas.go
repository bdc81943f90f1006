package bench

import (
	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/sas"
)

func sasOperations() []Operation {
	return []Operation{{Name: "SAS", Prepare: func() Loop {
		const info = "MATRIX_KEY_VERIFICATION_SAS"
		theirs := sas.New()
		theirKey := theirs.PublicKey().String()
		var short sas.Bytes
		verify := func() {
			s := sas.New()
			sinkString = s.PublicKey().String()
			short = must(must(s.Establish(must(keys.ParseCurve25519(theirKey)))).Bytes(info))
		}
		verify()
		if must(must(theirs.Establish(must(keys.ParseCurve25519(sinkString)))).Bytes(info)) != short {
			panic("the two sides have different strings")
		}
		return Repeat(verify)
	}}}
}
