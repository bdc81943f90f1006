package mautrix

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	mautrix "maunium.net/go/mautrix/crypto/olm"

	"github.com/karst-im/karst/pickle"
)

//go:embed testdata/goolm-0.22.1.json
var jsonPickles []byte // test/jsonpickle writes it

var jsonPickleKey = []byte("key of the pickles")

var blank = map[string]func() pickled{
	"account":  func() pickled { return NewBlankAccount() },
	"session":  func() pickled { return NewBlankSession() },
	"inbound":  func() pickled { return NewBlankInboundGroupSession() },
	"outbound": func() pickled { return NewBlankOutboundGroupSession() },
}

// goolm wrote each object in both formats: what is read from one must be what the other holds.
func TestJSONPickles(t *testing.T) {
	var all []struct{ Type, Name, JSON, Libolm string }
	require.NoError(t, json.Unmarshal(jsonPickles, &all))
	require.Len(t, all, 13)
	for _, test := range all {
		t.Run(test.Type+" "+test.Name, func(t *testing.T) {
			object := blank[test.Type]()
			require.NoError(t, object.Unpickle([]byte(test.JSON), jsonPickleKey))
			require.Equal(t, test.Libolm, string(must[[]byte](t)(object.Pickle(jsonPickleKey))))

			require.ErrorIs(t, blank[test.Type]().Unpickle([]byte(test.JSON), testKey), mautrix.ErrLibolmBadAccountKey)
			for other, newBlank := range blank {
				if other != test.Type {
					require.Error(t, newBlank().Unpickle([]byte(test.JSON), jsonPickleKey), other)
				}
			}
		})
	}
}

// Contents that are almost a JSON pickle are refused.
func TestBadJSONPickles(t *testing.T) {
	seal := func(contents string) []byte {
		sealed := make([]byte, pickle.SealedLen(len(contents)))
		copy(pickle.Contents(sealed, len(contents)), contents)
		pickle.Seal(sealed, testKey, len(contents))
		return sealed
	}
	deep := "\x01" + string(bytes.Repeat([]byte(`{"ratchet":`), 100000))
	for _, contents := range []string{"", "\x01", "\x01{", "\x01{}", "\x02{}", "\x01[]", "\x01{}\x00\x00", deep,
		"\x01{\"identity_keys\":{\"ed25519\":{\"private\":\"AA==\"}}}", "\x01{\"number_fallback_keys\":3}"} {
		for kind, newBlank := range blank {
			require.Error(t, newBlank().Unpickle(seal(contents), testKey), "%s %.40q", kind, contents)
		}
	}
}
