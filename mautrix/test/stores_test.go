// Package test has tests of karst in mautrix-go that need more than the package itself does: databases, the
// other drivers, a homeserver. `go test -tags goolm .` needs Go alone; without the tag libolm takes part.
package test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/goolm"
	goolmaccount "maunium.net/go/mautrix/crypto/goolm/account"
	goolmsession "maunium.net/go/mautrix/crypto/goolm/session"
	"maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/id"
	_ "modernc.org/sqlite"

	karst "github.com/karst-im/karst/mautrix"
)

type driver struct {
	name     string
	register func()
}

// drivers are all that this build has; libolm adds itself.
var drivers = []driver{{"karst", karst.Register}, {"goolm", goolm.Register}}

const room = id.RoomID("!room:example.org")

// open registers a driver, and opens the store in a database file with it, as a program does that starts.
func open(t *testing.T, d driver, file string) (store *crypto.SQLCryptoStore, close func()) {
	t.Helper()
	d.register()
	require.Equal(t, d.name, olm.Driver)
	raw, err := sql.Open("sqlite", "file:"+file)
	require.NoError(t, err)
	raw.SetMaxOpenConns(1)
	db, err := dbutil.NewWithDB(raw, "sqlite3")
	require.NoError(t, err)
	store = crypto.NewSQLCryptoStore(db, nil, "account", "DEVICE", []byte("pickle key"))
	require.NoError(t, store.DB.Upgrade(t.Context()))
	return store, func() { require.NoError(t, db.Close()) }
}

// peer is the other side of every conversation. It never changes its driver, and is in no store.
type peer struct {
	*goolmaccount.Account
	key      id.Curve25519
	session  olm.Session
	out      olm.OutboundGroupSession
	in       olm.InboundGroupSession
	late     []string // Olm messages that are on the way
	lateRoom [][]byte // Megolm messages that are on the way
	n        int      // of messages so far
}

func newPeer(t *testing.T) *peer {
	account, err := goolmaccount.NewAccount()
	require.NoError(t, err)
	_, key, err := account.IdentityKeys()
	require.NoError(t, err)
	return &peer{Account: account, key: key}
}

// begin writes a store: an account with published keys, a session each way, and the sessions of a room.
func begin(t *testing.T, store *crypto.SQLCryptoStore, p *peer) {
	ctx := t.Context()
	account := crypto.NewOlmAccount()
	require.NoError(t, account.Internal.GenOneTimeKeys(20))
	account.Internal.MarkKeysAsPublished()
	account.Shared = true
	require.NoError(t, store.PutAccount(ctx, account))

	require.NoError(t, p.GenOneTimeKeys(1))
	oneTimeKeys, err := p.OneTimeKeys()
	require.NoError(t, err)
	p.MarkKeysAsPublished()
	for _, key := range oneTimeKeys {
		session, err := account.Internal.NewOutboundSession(p.key, key)
		require.NoError(t, err)
		require.NoError(t, store.AddSession(ctx, p.key, &crypto.OlmSession{Internal: session, ExpirationMixin: crypto.ExpirationMixin{
			TimeMixin: crypto.TimeMixin{CreationTime: time.Now(), LastEncryptedTime: time.Now(), LastDecryptedTime: time.Now()},
		}}))
	}

	outbound, err := crypto.NewOutboundGroupSession(room, nil, nil)
	require.NoError(t, err)
	outbound.Shared = true
	require.NoError(t, store.AddOutboundGroupSession(ctx, outbound))
	p.in, err = goolmsession.NewMegolmInboundSession([]byte(outbound.Internal.Key()))
	require.NoError(t, err)

	p.out, err = goolmsession.NewMegolmOutboundSession()
	require.NoError(t, err)
	inbound, err := crypto.NewInboundGroupSession(p.key, "signing key", room, p.out.Key(), 0, 0, nil, false)
	require.NoError(t, err)
	require.NoError(t, store.PutGroupSession(ctx, inbound))
}

// goOn reads everything that is in a store, uses it, and writes it back.
func goOn(t *testing.T, store *crypto.SQLCryptoStore, p *peer) {
	ctx := t.Context()
	account, err := store.GetAccount(ctx)
	require.NoError(t, err)
	_, ownKey, err := account.Internal.IdentityKeys()
	require.NoError(t, err)
	require.NotEmpty(t, ownKey)

	// Olm: to the peer, and back; one message stays away until the next driver has the store.
	session, err := store.GetLatestSession(ctx, p.key)
	require.NoError(t, err)
	require.NotNil(t, session)
	for range 2 {
		text := p.text("to the peer")
		msgType, message, err := session.Encrypt([]byte(text))
		require.NoError(t, err)
		if p.session == nil {
			require.Equal(t, id.OlmMsgTypePreKey, msgType)
			p.session, err = p.NewInboundSessionFrom(&ownKey, string(message))
			require.NoError(t, err)
		}
		got, err := p.session.Decrypt(string(message), msgType)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
	}
	for range 3 {
		_, message, err := p.session.Encrypt([]byte(p.text("from the peer")))
		require.NoError(t, err)
		p.late = append(p.late, string(message))
	}
	p.late = append(p.late[1:], p.late[0]) // the oldest comes last
	for range len(p.late) - 1 {
		got, err := session.Decrypt(p.late[0], id.OlmMsgTypeMsg)
		require.NoError(t, err)
		require.Contains(t, string(got), "from the peer")
		p.late = p.late[1:]
	}
	require.NoError(t, store.UpdateSession(ctx, p.key, session))

	// Megolm, likewise.
	outbound, err := store.GetOutboundGroupSession(ctx, room)
	require.NoError(t, err)
	text := p.text("to the room")
	message, err := outbound.Encrypt([]byte(text))
	require.NoError(t, err)
	require.NoError(t, store.UpdateOutboundGroupSession(ctx, outbound))
	got, index, err := p.in.Decrypt(message)
	require.NoError(t, err)
	require.Equal(t, text, string(got))
	require.EqualValues(t, outbound.Internal.MessageIndex()-1, index)
	for range 3 {
		message, err := p.out.Encrypt([]byte(p.text("from the room")))
		require.NoError(t, err)
		p.lateRoom = append(p.lateRoom, message)
	}
	inbound, err := store.GetGroupSession(ctx, room, p.out.ID())
	require.NoError(t, err)
	require.Zero(t, inbound.Internal.FirstKnownIndex())
	for i := len(p.lateRoom) - 1; i >= 0; i-- { // all of before too: an index can be decrypted again
		got, index, err := inbound.Internal.Decrypt(p.lateRoom[i])
		require.NoError(t, err)
		require.EqualValues(t, i, index)
		require.Contains(t, string(got), "from the room")
	}
	require.NoError(t, store.PutGroupSession(ctx, inbound))

	// The account: a new session with a key that another driver made, and keys that collide with none.
	for keyID, key := range published(t, account) {
		fresh, err := p.NewOutboundSession(ownKey, key)
		require.NoError(t, err)
		msgType, message, err := fresh.Encrypt([]byte("new session"))
		require.NoError(t, err)
		accepted, err := account.NewInboundSessionFrom(p.key, string(message))
		require.NoError(t, err, keyID)
		got, err := accepted.Decrypt(string(message), msgType)
		require.NoError(t, err)
		require.Equal(t, "new session", string(got))
		require.NoError(t, account.Internal.RemoveOneTimeKeys(accepted.Internal))
		_, err = account.NewInboundSessionFrom(p.key, string(message))
		require.ErrorIs(t, err, olm.ErrBadMessageKeyID)
	}
	require.NoError(t, store.PutAccount(ctx, account))
}

// published returns new one-time keys, and marks them as published.
func published(t *testing.T, account *crypto.OlmAccount) map[string]id.Curve25519 {
	require.NoError(t, account.Internal.GenOneTimeKeys(3))
	keys, err := account.Internal.OneTimeKeys()
	require.NoError(t, err)
	require.Len(t, keys, 3)
	account.Internal.MarkKeysAsPublished()
	return keys
}

func (p *peer) text(kind string) string {
	p.n++
	return fmt.Sprint(kind, " ", p.n)
}

// A store that one driver wrote opens with another, which goes on, and then with the first again.
func TestStoresChangeDrivers(t *testing.T) {
	defer goolm.Register()
	for _, writer := range drivers {
		for _, reader := range drivers {
			if writer.name != karst.Driver && reader.name != karst.Driver {
				continue
			}
			t.Run(writer.name+" then "+reader.name, func(t *testing.T) {
				file := filepath.Join(t.TempDir(), "crypto.db")
				p := newPeer(t)
				store, closeStore := open(t, writer, file)
				begin(t, store, p)
				goOn(t, store, p)
				closeStore()
				for _, d := range []driver{reader, writer, reader} {
					store, closeStore := open(t, d, file)
					goOn(t, store, p)
					closeStore()
				}
			})
		}
	}
}

// A program that is told the wrong pickle key changes nothing.
func TestStoreWithWrongKey(t *testing.T) {
	defer goolm.Register()
	file := filepath.Join(t.TempDir(), "crypto.db")
	p := newPeer(t)
	store, closeStore := open(t, drivers[0], file)
	begin(t, store, p)
	closeStore()
	store, closeStore = open(t, drivers[0], file)
	store.PickleKey = []byte("another key")
	_, err := store.GetAccount(context.Background())
	require.ErrorIs(t, err, olm.ErrLibolmBadAccountKey)
	closeStore()
	store, closeStore = open(t, drivers[0], file)
	goOn(t, store, p)
	closeStore()
}
