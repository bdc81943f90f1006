package test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"maunium.net/go/mautrix/crypto/goolm"
	"maunium.net/go/mautrix/id"

	"github.com/karst-im/karst/vectors"
)

// The rows of a device that old versions wrote open all together: mautrix gives up all sessions of a device if one of
// them can't be read. In them are more chains and skipped keys than anybody keeps now.
func TestStoresOfOldVersions(t *testing.T) {
	defer goolm.Register()
	byWriter := map[string][]vectors.PeerSession{}
	for _, c := range vectors.Peers().Sessions {
		byWriter[c.Writer] = append(byWriter[c.Writer], c)
	}
	require.GreaterOrEqual(t, len(byWriter), 16)
	for writer, sessions := range byWriter {
		t.Run(writer, func(t *testing.T) {
			store, closeStore := open(t, drivers[0], filepath.Join(t.TempDir(), "crypto.db"))
			defer closeStore()
			store.PickleKey = sessions[0].Key
			const device = id.SenderKey("the other device")
			byID := map[string]*vectors.PeerSession{}
			for _, c := range sessions {
				byID[c.ID] = &c
				_, err := store.DB.Exec(t.Context(), `INSERT INTO crypto_olm_session (account_id, session_id, sender_key, session, created_at, last_decrypted, last_encrypted)
					VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`, store.AccountID, c.ID, device, []byte(c.Sides[1].Pickle))
				require.NoError(t, err)
			}
			read, err := store.GetSessions(t.Context(), device)
			require.NoError(t, err)
			require.Len(t, read, len(sessions))
			latest, err := store.GetLatestSession(t.Context(), device)
			require.NoError(t, err)
			require.NotNil(t, latest)
			for _, s := range read {
				c := byID[string(s.ID())]
				_, _, err := s.Encrypt([]byte("with no panic"))
				require.NoError(t, err, c.Name)
				for _, m := range c.Sides[0].Sends {
					if !m.Kept {
						continue // by goolm itself: up to 0.21 it wrote chains that nobody can read
					}
					plaintext, err := s.Decrypt(m.Body, id.OlmMsgType(m.Type))
					require.NoError(t, err, c.Name)
					require.Equal(t, string(m.Plaintext), string(plaintext))
					require.NoError(t, store.UpdateSession(t.Context(), device, s))
				}
			}
		})
	}
}
