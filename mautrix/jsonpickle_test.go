package mautrix

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	mautrix "maunium.net/go/mautrix/crypto/olm"

	"github.com/karst-im/karst/pickle"
	"github.com/karst-im/karst/vectors"
)

var blank = map[string]func() pickled{
	"account":  func() pickled { return NewBlankAccount() },
	"session":  func() pickled { return NewBlankSession() },
	"inbound":  func() pickled { return NewBlankInboundGroupSession() },
	"outbound": func() pickled { return NewBlankOutboundGroupSession() },
}

// goolm wrote each state in both formats: what is read from one must be what the other holds. Before 0.22 its pickles of
// libolm's format lacked what those of JSON have.
func TestJSONPickles(t *testing.T) {
	n := map[string]int{}
	check := func(kind, writer, name string, key []byte, texts vectors.Texts) {
		if texts.JSON == "" {
			return
		}
		n[kind]++
		t.Run(kind+" "+writer+" "+name, func(t *testing.T) {
			object := blank[kind]()
			require.NoError(t, object.Unpickle([]byte(texts.JSON), key))
			if kind != "session" || !damaged(writer) {
				native := blank[kind]()
				require.NoError(t, native.Unpickle([]byte(texts.Pickle), key))
				require.Equal(t, string(must[[]byte](t)(native.Pickle(key))), string(must[[]byte](t)(object.Pickle(key))))
			}

			require.ErrorIs(t, blank[kind]().Unpickle([]byte(texts.JSON), testKey), mautrix.ErrLibolmBadAccountKey)
			for other, newBlank := range blank {
				if other != kind {
					require.Error(t, newBlank().Unpickle([]byte(texts.JSON), key), other)
				}
			}
		})
	}
	peers := vectors.Peers()
	for _, c := range peers.Accounts {
		check("account", c.Writer, c.Name, c.Key, c.Texts)
	}
	for _, c := range peers.Sessions {
		for _, side := range c.Sides {
			check("session", c.Writer, c.Name, c.Key, side.Texts)
		}
	}
	for _, c := range peers.InboundGroups {
		check("inbound", c.Writer, c.Name, c.Key, c.Texts)
	}
	for _, c := range peers.OutboundGroups {
		check("outbound", c.Writer, c.Name, c.Key, c.Texts)
	}
	for kind, least := range map[string]int{"account": 20, "session": 70, "inbound": 18, "outbound": 9} {
		require.GreaterOrEqual(t, n[kind], least, kind)
	}
}

// Contents that are almost a JSON pickle are refused.
func TestBadJSONPickles(t *testing.T) {
	seal := func(contents string) []byte {
		sealed, err := pickle.Seal(testKey, []byte(contents))
		require.NoError(t, err)
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
