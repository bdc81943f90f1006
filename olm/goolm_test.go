package olm_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/testkit"
	"github.com/karst-im/karst/internal/testkit/pickles"
	"github.com/karst-im/karst/olm"
)

// TestGoolmKeptEveryChain reads sessions as goolm stored them in mautrix 0.26, which dropped no receiving
// chain. In each file are the pickles of both sides under the key "key", and a message: to which of them it
// goes, its type and its body.
func TestGoolmKeptEveryChain(t *testing.T) {
	files, err := filepath.Glob("testdata/goolm-0.26/*.txt")
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			require.Len(t, lines, 3)
			key := []byte("key")
			var sides [2]*olm.Session
			longest := 0
			for i := range sides {
				sides[i], err = olm.UnpickleSession(key, []byte(lines[i]))
				require.NoError(t, err)
				stored := parseSession(t, pickles.Opened(key, []byte(lines[i])))
				kept := rawOf(t, sides[i])
				longest = max(longest, len(stored.Receiving))
				testkit.Equal(t, stored.Receiving[:min(5, len(stored.Receiving))], kept.Receiving)
				testkit.Equal(t, stored.Sending, kept.Sending)
			}
			require.Greater(t, longest, 5)
			var to int
			var m olm.Message
			var body string
			_, err = fmt.Sscan(lines[2], &to, &m.Type, &body)
			require.NoError(t, err)
			m.Body, err = base64.RawStdEncoding.DecodeString(body)
			require.NoError(t, err)
			receiver, err := olm.UnpickleSession(key, []byte(lines[to]))
			require.NoError(t, err)
			decrypt(t, receiver, m, "next")
			_, err = reload(t, receiver).Encrypt(nil)
			require.NoError(t, err)
			// The sender was stored before that message: as they are, both go on.
			for range 14 {
				pass(t, sides[1-to], sides[to], "go on")
				sides[0], sides[1] = reload(t, sides[0]), reload(t, sides[1])
				to = 1 - to
			}
		})
	}
}

// TestGoolmLostChains: sessions that goolm 0.21.1 has read and written again up to three times, as at restarts: one that has
// decrypted nothing, and one that has two chains and two keys of late messages. What it lost doesn't keep them from
// being read, which is what all other sessions in mautrix's store depend on, and from being sent in.
func TestGoolmLostChains(t *testing.T) {
	text, err := os.ReadFile("testdata/goolm-0.21/restarts.txt")
	require.NoError(t, err)
	lines := strings.Fields(string(text))
	require.Len(t, lines, 8)
	key, id := []byte("key"), ""
	for i, line := range lines {
		s, err := olm.UnpickleSession(key, []byte(line))
		require.NoError(t, err, i)
		require.Equal(t, i >= 4, s.HasReceivedMessage())
		if i > 0 {
			require.Equal(t, id, s.ID())
		}
		id = s.ID()
		_, err = s.Encrypt([]byte("with no error"))
		require.NoError(t, err)
		again, err := s.Pickle(key)
		require.NoError(t, err)
		_, err = olm.UnpickleSession(key, again)
		require.NoError(t, err)
	}
}
